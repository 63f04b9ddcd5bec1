/* SPDX-License-Identifier: MIT
 * The typed line of the desk with completion, the palette, and the commands of the screen itself.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "ui/desk.h"
#include "ui/fuzzy.h"
#include "ui/view/layout.h"
#include "ui/view/pane.h"

/* ---- commands of the screen ------------------------------------------------------------------ */

static void local_focus(struct lethe_desk *desk, const char *argument)
{
    for (int k = 0; k < LETHE_PANES; k++)
        if (strcmp(lethe_panes[k].name, argument) == 0) {
            lethe_layout_focus(&desk->screen, desk->canvas.rows, desk->canvas.cols,
                               (enum lethe_pane)k);
            return;
        }
    lethe_desk_say(desk, 1,
                   "focus: no pane '%s'; panes are layers, blanket, preview, plot, samples, "
                   "surface, history, jobs, sample",
                   argument);
}

static int ends_in(const char *text, const char *tail)
{
    size_t length = strlen(text), wanted = strlen(tail);
    return length >= wanted && strcmp(text + length - wanted, tail) == 0;
}

/* Saves what the panes show, without the command line that asked for it. The ending of the name
 * chooses plain text, .ansi or .svg. */
static void local_save_display(struct lethe_desk *desk, const char *path)
{
    struct lethe_error err = {0};
    if (!*path) {
        lethe_desk_say(desk, 1,
                       "save-display: give a file name, for example ':save-display screen.txt'");
        return;
    }
    lethe_desk_draw(desk);
    char *text = ends_in(path, ".svg")    ? lethe_canvas_svg(&desk->canvas)
                 : ends_in(path, ".ansi") ? lethe_canvas_ansi(&desk->canvas)
                                          : lethe_canvas_text(&desk->canvas);
    enum lethe_err code = text ? lethe_file_write(path, text, strlen(text), &err)
                               : lethe_fail(&err, LETHE_ENOMEM, "save-display: out of memory");
    lethe_free(text);
    if (code)
        lethe_desk_say(desk, 1, "%s", err.message);
    else
        lethe_desk_say(desk, 0, "saved %s", path);
}

static void local_wait(struct lethe_desk *desk, const char *argument)
{
    (void)argument;
    desk->waiting = 1;
}

static void local_zoom(struct lethe_desk *desk, const char *argument)
{
    (void)argument;
    desk->screen.zoom = !desk->screen.zoom;
}

static void local_palette(struct lethe_desk *desk, const char *argument)
{
    (void)argument;
    lethe_desk_palette_open(desk);
}

static void local_quit(struct lethe_desk *desk, const char *argument)
{
    if (!desk->view->uncommitted || strcmp(argument, "now") == 0) {
        desk->quit = 1;
        return;
    }
    desk->screen.overlay = LETHE_OVERLAY_ASK;
    desk->screen.title = "The preview is not committed";
    desk->screen.text = "c    commit it first\nq    leave without it\nEsc  stay";
    desk->screen.scroll = 0;
}

static const struct {
    const char *name, *help;
    void (*run)(struct lethe_desk *, const char *argument);
} locals[] = {
    {"focus", "go to a pane", local_focus},
    {"palette", "find a command by some of its letters", local_palette},
    {"quit", "leave; the session is kept", local_quit},
    {"save-display", "write the screen to FILE (.txt, .ansi, .svg)", local_save_display},
    {"wait", "the same as wait-idle", local_wait},
    {"wait-idle", "wait until nothing is computed any more", local_wait},
    {"zoom", "give the focused pane the whole screen", local_zoom},
};
enum { LOCALS = sizeof locals / sizeof locals[0] };

int lethe_desk_local(struct lethe_desk *desk, const char *line)
{
    line += strspn(line, " ");
    size_t length = strcspn(line, " ");
    for (int k = 0; k < LOCALS; k++)
        if (strlen(locals[k].name) == length && strncmp(locals[k].name, line, length) == 0) {
            char argument[LETHE_INPUT_ROOM + 1];
            const char *rest = line + length + strspn(line + length, " ");
            size_t used = strlen(rest);
            while (used > 0 && rest[used - 1] == ' ')
                used--;
            used = used < sizeof argument - 1 ? used : sizeof argument - 1;
            memcpy(argument, rest, used);
            argument[used] = 0;
            locals[k].run(desk, argument);
            return 1;
        }
    return 0;
}

/* ---- the typed line -------------------------------------------------------------------------- */

static void close_candidates(struct lethe_desk *desk)
{
    desk->screen.candidates = NULL;
    desk->screen.candidate_count = 0;
    desk->screen.candidate = 0;
}

void lethe_desk_type(struct lethe_desk *desk, const char *text)
{
    desk->typing = LETHE_TYPING_COMMAND;
    lethe_input_set(&desk->line, text);
    close_candidates(desk);
}

/* What all candidates share beyond the word typed so far. */
static size_t common_length(const char *const *words, size_t count)
{
    size_t length = strlen(words[0]);
    for (size_t k = 1; k < count; k++) {
        size_t same = 0;
        while (same < length && words[0][same] == words[k][same])
            same++;
        length = same;
    }
    return length;
}

static void put_candidate(struct lethe_desk *desk)
{
    struct lethe_screen *screen = &desk->screen;
    lethe_input_replace(&desk->line, desk->completing_from, screen->candidates[screen->candidate]);
}

static size_t find_candidates(struct lethe_desk *desk, const char *const **words, size_t *from)
{
    const struct lethe_input *line = &desk->line;
    size_t count = desk->host->complete(desk->host->self, line->text, line->cursor, words, from);
    if (count || memchr(line->text, ' ', line->cursor))
        return count;
    static const char *own[LOCALS];
    for (int k = 0; k < LOCALS; k++)
        if (strncmp(locals[k].name, line->text, line->cursor) == 0)
            own[count++] = locals[k].name;
    *words = own;
    *from = 0;
    return count;
}

static void complete(struct lethe_desk *desk, int back)
{
    struct lethe_screen *screen = &desk->screen;
    if (screen->candidate_count) {
        size_t n = screen->candidate_count;
        screen->candidate = (screen->candidate + (back ? n - 1 : 1)) % n;
        put_candidate(desk);
        return;
    }
    const char *const *words = NULL;
    size_t from = 0, count = find_candidates(desk, &words, &from);
    if (!count)
        return;
    char shared[256];
    size_t length = common_length(words, count), typed = desk->line.cursor - from;
    desk->completing_from = from;
    if (count == 1) {
        snprintf(shared, sizeof shared, "%s%s", words[0],
                 ends_in(words[0], "/") || ends_in(words[0], "=") ? "" : " ");
        lethe_input_replace(&desk->line, from, shared);
        return;
    }
    if (length > typed && length < sizeof shared) {
        memcpy(shared, words[0], length);
        shared[length] = 0;
        lethe_input_replace(&desk->line, from, shared);
        return;
    }
    screen->candidates = words;
    screen->candidate_count = count;
    screen->candidate = 0;
    put_candidate(desk);
}

/* Commands whose answer the panes show already, so that no overlay hides them. */
static int shown_by_panes(const char *line)
{
    static const char *const words[] = {"preview", "select",    "blanket",   "damping",  "forget",
                                        "commit",  "undo",      "redo",      "checkout", "perturb",
                                        "form",    "curvature", "retrain",   "surface",  "load",
                                        "open",    "jobs",      "cancel",    "layers",   "plot",
                                        "why",     "null",      "stability", "leverage"};
    size_t length = strcspn(line, " ");
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        if (strlen(words[k]) == length && strncmp(words[k], line, length) == 0)
            return 1;
    return 0;
}

static void finish(struct lethe_desk *desk)
{
    char line[LETHE_INPUT_ROOM + 1];
    memcpy(line, desk->line.text, sizeof line);
    size_t length = strlen(line);
    while (length > 0 && line[length - 1] == ' ')
        line[--length] = 0;
    desk->typing = LETHE_TYPING_NONE;
    lethe_input_remember(&desk->line);
    if (line[strspn(line, " ")])
        lethe_desk_run(desk, line, !shown_by_panes(line));
}

static void filter_key(struct lethe_desk *desk, struct lethe_key key)
{
    if (key.code == LETHE_KEY_ENTER)
        desk->typing = LETHE_TYPING_NONE;
    else if (key.code == LETHE_KEY_ESC || key.code == LETHE_CTRL('c')) {
        lethe_input_set(&desk->filter, "");
        desk->typing = LETHE_TYPING_NONE;
    } else {
        lethe_input_key(&desk->filter, key.code);
    }
    desk->screen.cursor[LETHE_PANE_SAMPLES] = 0;
}

void lethe_desk_line_key(struct lethe_desk *desk, struct lethe_key key)
{
    if (desk->typing == LETHE_TYPING_FILTER) {
        filter_key(desk, key);
        return;
    }
    switch (key.code) {
    case LETHE_KEY_TAB:
    case LETHE_KEY_BACKTAB:
        complete(desk, key.code == LETHE_KEY_BACKTAB);
        return;
    case LETHE_KEY_ESC:
    case LETHE_CTRL('c'):
        if (desk->screen.candidate_count && key.code == LETHE_KEY_ESC)
            close_candidates(desk);
        else
            desk->typing = LETHE_TYPING_NONE;
        return;
    case LETHE_KEY_ENTER:
        close_candidates(desk);
        finish(desk);
        return;
    case LETHE_KEY_BACKSPACE:
        if (!desk->line.length)
            desk->typing = LETHE_TYPING_NONE;
        break;
    default:
        break;
    }
    close_candidates(desk);
    lethe_input_key(&desk->line, key.code);
}

/* ---- the palette ----------------------------------------------------------------------------- */

static void match(struct lethe_desk *desk)
{
    int scores[LETHE_DESK_MATCHES];
    size_t count = 0, offered = 0;
    const struct lethe_view_entry *commands = desk->host->commands(desk->host->self, &offered);
    for (size_t k = 0; k < offered; k++) {
        int score = lethe_fuzzy_score(desk->palette.text, commands[k].name);
        int by_help =
            lethe_fuzzy_score(desk->palette.text, commands[k].help ? commands[k].help : "");
        if (by_help >= 0 && by_help / 2 > score) /* a command's own name counts more */
            score = by_help / 2;
        if (score < 0)
            continue;
        size_t at = count < LETHE_DESK_MATCHES ? count++ : LETHE_DESK_MATCHES - 1;
        for (; at > 0 && scores[at - 1] < score; at--) { /* equal ones keep the table's order */
            scores[at] = scores[at - 1];
            desk->matches[at] = desk->matches[at - 1];
        }
        scores[at] = score;
        desk->matches[at] = commands[k];
    }
    desk->screen.entries = desk->matches;
    desk->screen.entry_count = count;
    desk->screen.entry_cursor = 0;
}

void lethe_desk_palette_open(struct lethe_desk *desk)
{
    lethe_input_set(&desk->palette, "");
    desk->screen.overlay = LETHE_OVERLAY_PALETTE;
    desk->screen.title = "Commands";
    match(desk);
}

/* A command without arguments is run, one with arguments is put on the line. */
static void choose(struct lethe_desk *desk)
{
    struct lethe_screen *screen = &desk->screen;
    screen->overlay = LETHE_OVERLAY_NONE;
    if (screen->entry_cursor >= screen->entry_count)
        return;
    const struct lethe_view_entry *entry = &screen->entries[screen->entry_cursor];
    char line[128];
    size_t length = strcspn(entry->name, " ");
    snprintf(line, sizeof line, "%.*s%s", (int)length, entry->name, entry->name[length] ? " " : "");
    if (entry->off)
        lethe_desk_say(desk, 1, "%s: %s", line, entry->off);
    else if (entry->name[length])
        lethe_desk_type(desk, line);
    else
        lethe_desk_run(desk, line, !shown_by_panes(line));
}

void lethe_desk_palette_key(struct lethe_desk *desk, struct lethe_key key)
{
    struct lethe_screen *screen = &desk->screen;
    switch (key.code) {
    case LETHE_KEY_ESC:
    case LETHE_CTRL('c'):
        screen->overlay = LETHE_OVERLAY_NONE;
        return;
    case LETHE_KEY_ENTER:
        choose(desk);
        return;
    case LETHE_KEY_UP:
    case LETHE_CTRL('p'):
    case LETHE_KEY_WHEEL_UP:
        screen->entry_cursor -= screen->entry_cursor > 0;
        return;
    case LETHE_KEY_DOWN:
    case LETHE_KEY_TAB:
    case LETHE_CTRL('n'):
    case LETHE_KEY_WHEEL_DOWN:
        screen->entry_cursor += screen->entry_cursor + 1 < screen->entry_count;
        return;
    default:
        if (lethe_input_key(&desk->palette, key.code))
            match(desk);
    }
}
