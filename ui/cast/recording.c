/* SPDX-License-Identifier: MIT
 * Events on their way to the file, one write each: a program that dies leaves whole lines. */
#include "ui/cast/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/visible.h"

void lethe_recording_init(struct lethe_recording *recording)
{
    *recording = (struct lethe_recording){.file = -1};
}

int lethe_recording_runs(const struct lethe_recording *recording)
{
    return recording && recording->file >= 0;
}

double lethe_recording_seconds(const struct lethe_recording *recording)
{
    return lethe_clock() - recording->begun;
}

enum lethe_err lethe_recording_begin(struct lethe_recording *recording, const char *path, int rows,
                                     int cols, struct lethe_error *err)
{
    struct lethe_text head = {0};
    if (lethe_recording_runs(recording))
        return lethe_fail(err, LETHE_EARG, "'%s' is being recorded: 'record' alone ends it",
                          recording->path);
    char *kept = lethe_strdup(path);
    lethe_text_addf(&head,
                    "{\"version\": 2, \"width\": %d, \"height\": %d, \"timestamp\": %lld, "
                    "\"title\": \"lethe\"}\n",
                    cols, rows, (long long)lethe_clock_now());
    enum lethe_err code = lethe_text_ok(&head, err);
    if (!code && !kept)
        code = lethe_fail_memory(err, "the name of a file", strlen(path) + 1, 1);
    if (!code)
        code = lethe_file_write(path, lethe_text_get(&head), head.length, err);
    int file = code ? -1 : open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
    if (!code && file < 0)
        code = lethe_fail(err, LETHE_EIO, "cannot write '%s': %s", path, strerror(errno));
    const size_t end = head.length;
    lethe_text_release(&head);
    if (code) {
        lethe_free(kept);
        return code;
    }
    *recording = (struct lethe_recording){
        .file = file, .path = kept, .begun = lethe_clock(), .end = end, .last = '\n'};
    return LETHE_OK;
}

static void let_go(struct lethe_recording *recording)
{
    if (recording->file >= 0)
        close(recording->file);
    recording->file = -1;
    lethe_free(recording->path);
    recording->path = NULL;
    lethe_canvas_release(&recording->shown);
}

/* One line of the file: kind "o" (shown) or "r" (another size). */
static void add_event(struct lethe_recording *recording, const char *kind,
                      const struct lethe_text *shown)
{
    struct lethe_text line = {0};
    if (!shown->length)
        return;
    lethe_text_addf(&line, "[%.6f, \"%s\", \"", lethe_recording_seconds(recording), kind);
    lethe_text_add_json(&line, lethe_text_get(shown));
    lethe_text_add(&line, "\"]\n");
    enum lethe_err code = shown->failed ? lethe_text_ok(shown, &recording->problem)
                                        : lethe_text_ok(&line, &recording->problem);
    if (!code)
        code = lethe_file_append(recording->file, recording->path, lethe_text_get(&line),
                                 line.length, &recording->end, 0, &recording->problem);
    recording->events += !code;
    lethe_text_release(&line);
    if (code)
        let_go(recording);
}

void lethe_recording_text(struct lethe_recording *recording, const char *text)
{
    struct lethe_text shown = {0};
    if (!lethe_recording_runs(recording))
        return;
    for (; *text; text++) {
        if (*text == '\n' && recording->last != '\r')
            lethe_text_add(&shown, "\r");
        lethe_text_add_bytes(&shown, text, 1);
        recording->last = *text;
    }
    add_event(recording, "o", &shown);
    lethe_text_release(&shown);
}

static int same_cell(struct lethe_cell a, struct lethe_cell b)
{
    return a.glyph == b.glyph && a.ink == b.ink && a.paper == b.paper;
}

static int same_paint(struct lethe_paint a, struct lethe_paint b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attributes == b.attributes;
}

/* The cells that differ, with the moves and colours between them. */
static void add_changes(struct lethe_text *out, const struct lethe_canvas *shown,
                        const struct lethe_canvas *canvas)
{
    struct lethe_paint paint = {-1, -1, 0};
    char text[LETHE_SGR_ROOM];
    int colour_known = 0, next_y = -1, next_x = -1;
    for (int y = 0; y < canvas->rows; y++)
        for (int x = 0; x < canvas->cols; x++) {
            const size_t at = (size_t)y * (size_t)canvas->cols + (size_t)x;
            const struct lethe_cell cell = canvas->cells[at];
            if (same_cell(shown->cells[at], cell) || !cell.glyph)
                continue;
            const struct lethe_paint wanted =
                lethe_theme_paint(cell.ink, cell.paper, canvas->display.colours);
            if (y != next_y || x != next_x)
                lethe_text_addf(out, "\033[%d;%dH", y + 1, x + 1);
            if (!colour_known || !same_paint(paint, wanted))
                lethe_text_add_bytes(out, text, lethe_paint_sgr(text, wanted));
            lethe_text_add_bytes(out, text, lethe_cell_text(text, canvas, cell));
            colour_known = 1;
            paint = wanted;
            next_y = y;
            next_x = x + 1 + (x + 1 < canvas->cols && !canvas->cells[at + 1].glyph);
        }
    if (colour_known)
        lethe_text_add(out, "\033[0m");
}

/* The terminal's own cursor, where a line is typed. */
static void add_cursor(struct lethe_text *out, struct lethe_recording *recording,
                       const struct lethe_canvas *canvas)
{
    const int wanted = canvas->cursor_y >= 0, was = recording->cursor_shown;
    if (wanted && (out->length || !was || canvas->cursor_x != recording->shown.cursor_x ||
                   canvas->cursor_y != recording->shown.cursor_y))
        lethe_text_addf(out, "\033[%d;%dH", canvas->cursor_y + 1, canvas->cursor_x + 1);
    if (wanted != was)
        lethe_text_add(out, wanted ? "\033[?25h" : "\033[?25l");
    recording->cursor_shown = wanted;
}

/* A blank frame of this size to compare with; 0 without memory. */
static int begin_frames(struct lethe_recording *recording, struct lethe_text *out,
                        const struct lethe_canvas *canvas)
{
    struct lethe_canvas *shown = &recording->shown;
    if (shown->cells) {
        struct lethe_text size = {0};
        lethe_text_addf(&size, "%dx%d", canvas->cols, canvas->rows);
        add_event(recording, "r", &size);
        lethe_text_release(&size);
        lethe_canvas_release(shown);
    }
    if (!lethe_recording_runs(recording) ||
        lethe_canvas_init(shown, canvas->rows, canvas->cols, canvas->display, &recording->problem))
        return 0;
    lethe_text_add(out, "\033[0m\033[2J\033[H\033[?25l");
    recording->cursor_shown = 0;
    return 1;
}

void lethe_recording_frame(struct lethe_recording *recording, const struct lethe_canvas *canvas)
{
    struct lethe_text out = {0};
    if (!lethe_recording_runs(recording))
        return;
    struct lethe_canvas *shown = &recording->shown;
    const int known = shown->cells && shown->rows == canvas->rows && shown->cols == canvas->cols;
    if (!known && !begin_frames(recording, &out, canvas)) {
        if (lethe_recording_runs(recording))
            let_go(recording);
        lethe_text_release(&out);
        return;
    }
    add_changes(&out, shown, canvas);
    add_cursor(&out, recording, canvas);
    memcpy(shown->cells, canvas->cells,
           (size_t)canvas->rows * (size_t)canvas->cols * sizeof *canvas->cells);
    shown->cursor_y = canvas->cursor_y;
    shown->cursor_x = canvas->cursor_x;
    add_event(recording, "o", &out);
    lethe_text_release(&out);
}

void lethe_recording_leave(struct lethe_recording *recording)
{
    struct lethe_text out = {0};
    if (!lethe_recording_runs(recording) || !recording->shown.cells)
        return;
    lethe_canvas_release(&recording->shown);
    lethe_text_add(&out, "\033[0m\033[2J\033[H\033[?25h");
    add_event(recording, "o", &out);
    lethe_text_release(&out);
}

enum lethe_err lethe_recording_end(struct lethe_recording *recording, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (!lethe_recording_runs(recording))
        return code;
    if (fsync(recording->file) && errno != EINVAL && errno != EROFS)
        code =
            lethe_fail(err, LETHE_EIO, "cannot write '%s': %s", recording->path, strerror(errno));
    let_go(recording);
    return code;
}
