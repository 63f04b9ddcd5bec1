/* SPDX-License-Identifier: MIT
 * A terminal of the plainest kind. Of recordings made here nothing is lost: a paint is traced back
 * to the ink and paper it came from, so that bold and reverse stay what they are. */
#include "ui/cast/replay.h"

#include <string.h>

#include "ui/term/glyph.h"

static const struct lethe_paint plain = {-1, -1, 0};

enum lethe_err lethe_replay_init(struct lethe_replay *replay, const struct lethe_cast *cast,
                                 struct lethe_error *err)
{
    const struct lethe_display display = {LETHE_BRAILLE, 256};
    *replay = (struct lethe_replay){.paint = plain, .last = plain};
    return lethe_canvas_init(&replay->canvas, cast->rows, cast->cols, display, err);
}

void lethe_replay_release(struct lethe_replay *replay)
{
    lethe_canvas_release(&replay->canvas);
    *replay = (struct lethe_replay){0};
}

static int same_paint(struct lethe_paint a, struct lethe_paint b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attributes == b.attributes;
}

/* Ink and paper that look like this; a colour of the palette otherwise. */
static void trace_paint(struct lethe_replay *replay)
{
    if (same_paint(replay->paint, replay->last))
        return;
    replay->last = replay->paint;
    for (int ink = 0; ink < LETHE_INK_COUNT; ink++)
        for (int paper = 0; paper < LETHE_INK_COUNT; paper++)
            if (same_paint(lethe_theme_paint((uint16_t)ink, (uint16_t)paper, 256), replay->paint)) {
                replay->ink = (uint16_t)ink;
                replay->paper = (uint16_t)paper;
                return;
            }
    replay->ink = replay->paint.fg >= 0 ? (uint16_t)(LETHE_INK_PALETTE + replay->paint.fg)
                  : replay->paint.attributes & LETHE_BOLD  ? LETHE_INK_STRONG
                  : replay->paint.attributes & LETHE_FAINT ? LETHE_INK_DIM
                                                           : LETHE_INK_TEXT;
    replay->paper = replay->paint.bg >= 0 ? (uint16_t)(LETHE_INK_PALETTE + replay->paint.bg)
                    : replay->paint.attributes & LETHE_REVERSE ? LETHE_INK_SELECT
                                                               : LETHE_INK_TEXT;
}

static struct lethe_cell *row_of(struct lethe_canvas *canvas, int y)
{
    return canvas->cells + (size_t)y * (size_t)canvas->cols;
}

static void blank(struct lethe_canvas *canvas, int y, int from, int to)
{
    for (int x = from < 0 ? 0 : from; y >= 0 && y < canvas->rows && x < to && x < canvas->cols; x++)
        row_of(canvas, y)[x] = (struct lethe_cell){' ', LETHE_INK_TEXT, LETHE_INK_TEXT};
}

/* Rows `from` on go up by so many (down when negative); blank ones come in. */
static void scroll(struct lethe_canvas *canvas, int from, int rows)
{
    const int room = canvas->rows - from, far = rows < 0 ? -rows : rows;
    const int count = far < room ? far : room, kept = room - count;
    const size_t row = (size_t)canvas->cols * sizeof *canvas->cells;
    if (kept > 0 && rows > 0)
        memmove(row_of(canvas, from), row_of(canvas, from + count), (size_t)kept * row);
    else if (kept > 0)
        memmove(row_of(canvas, from + count), row_of(canvas, from), (size_t)kept * row);
    for (int k = 0; k < count; k++)
        blank(canvas, rows > 0 ? canvas->rows - 1 - k : from + k, 0, canvas->cols);
}

static void line_end(struct lethe_replay *replay)
{
    if (replay->y + 1 < replay->canvas.rows)
        replay->y++;
    else
        scroll(&replay->canvas, 0, 1);
}

static void put_glyph(struct lethe_replay *replay, uint32_t glyph)
{
    struct lethe_canvas *canvas = &replay->canvas;
    const int width = lethe_glyph_width(glyph);
    if (!width)
        return;
    if (replay->x + width > canvas->cols) {
        replay->x = 0;
        line_end(replay);
    }
    trace_paint(replay);
    for (int k = 0; k < width && replay->x + k < canvas->cols; k++)
        row_of(canvas, replay->y)[replay->x + k] =
            (struct lethe_cell){k ? 0 : glyph, replay->ink, replay->paper};
    replay->x += width;
}

static void control(struct lethe_replay *replay, uint32_t glyph)
{
    if (glyph == '\r')
        replay->x = 0;
    else if (glyph == '\n')
        line_end(replay);
    else if (glyph == '\b')
        replay->x -= replay->x > 0;
    else
        replay->x = (replay->x / 8 + 1) * 8;
    if (replay->x >= replay->canvas.cols && glyph == '\t')
        replay->x = replay->canvas.cols - 1;
}

/* 38;5;n and 48;5;n, and the sixteen colours. */
static void colour(struct lethe_paint *paint, const struct lethe_scan_token *code, size_t *k)
{
    const int arg = code->args[*k];
    int *to = arg / 10 == 3 || arg / 10 == 9 ? &paint->fg : &paint->bg;
    if (arg % 10 == 9 && arg < 50)
        *to = -1;
    else if (arg % 10 == 8 && arg < 50) {
        const int by_index = *k + 2 < code->count && code->args[*k + 1] == 5;
        if (by_index && code->args[*k + 2] >= 0 && code->args[*k + 2] < 256)
            *to = code->args[*k + 2];
        *k += by_index ? 2 : *k + 1 < code->count && code->args[*k + 1] == 2 ? 4 : 0;
    } else if (arg % 10 < 8)
        *to = arg % 10 + (arg >= 90 ? 8 : 0);
}

static void rendition(struct lethe_paint *paint, const struct lethe_scan_token *code)
{
    if (!code->count)
        *paint = plain;
    for (size_t k = 0; k < code->count; k++) {
        const int arg = code->args[k];
        if (arg <= 0)
            *paint = plain;
        else if (arg == 1)
            paint->attributes |= LETHE_BOLD;
        else if (arg == 2)
            paint->attributes |= LETHE_FAINT;
        else if (arg == 4)
            paint->attributes |= LETHE_UNDERLINE;
        else if (arg == 7)
            paint->attributes |= LETHE_REVERSE;
        else if (arg == 22)
            paint->attributes &= ~(unsigned)(LETHE_BOLD | LETHE_FAINT);
        else if (arg == 24)
            paint->attributes &= ~(unsigned)LETHE_UNDERLINE;
        else if (arg == 27)
            paint->attributes &= ~(unsigned)LETHE_REVERSE;
        else if ((arg >= 30 && arg < 50) || (arg >= 90 && arg < 98) || (arg >= 100 && arg < 108))
            colour(paint, code, &k);
    }
}

static int within(int value, int count)
{
    return value < 0 ? 0 : value >= count ? count - 1 : value;
}

static void erase(struct lethe_replay *replay, const struct lethe_scan_token *code)
{
    struct lethe_canvas *canvas = &replay->canvas;
    const int part = code->args[0] > 0 ? code->args[0] : 0; /* 0: behind, 1: before, 2: all */
    if (code->final == 'J')
        for (int y = 0; y < canvas->rows; y++)
            if (part >= 2 || (part == 0 && y > replay->y) || (part == 1 && y < replay->y))
                blank(canvas, y, 0, canvas->cols);
    blank(canvas, replay->y, part == 0 ? replay->x : 0, part == 1 ? replay->x + 1 : canvas->cols);
}

/* Cells of the cursor's row from it on move by so many to the left (right when negative). */
static void shift(struct lethe_replay *replay, int cells)
{
    struct lethe_canvas *canvas = &replay->canvas;
    const int from = within(replay->x, canvas->cols), room = canvas->cols - from;
    const int far = cells < 0 ? -cells : cells, count = far < room ? far : room;
    struct lethe_cell *at = row_of(canvas, replay->y) + from;
    const size_t size = (size_t)(room - count) * sizeof *at;
    if (cells > 0)
        memmove(at, at + count, size);
    else
        memmove(at + count, at, size);
    blank(canvas, replay->y, cells > 0 ? canvas->cols - count : from,
          cells > 0 ? canvas->cols : from + count);
}

static void obey(struct lethe_replay *replay, const struct lethe_scan_token *code)
{
    struct lethe_canvas *canvas = &replay->canvas;
    const int n = code->args[0] > 0 ? code->args[0] : 1;
    const int second = code->count > 1 && code->args[1] > 0 ? code->args[1] : 1;
    int y = replay->y, x = replay->x;
    switch (code->final) {
    case 'A':
    case 'F':
        y -= n;
        x = code->final == 'F' ? 0 : x;
        break;
    case 'B':
    case 'E':
        y += n;
        x = code->final == 'E' ? 0 : x;
        break;
    case 'C':
        x += n;
        break;
    case 'D':
        x -= n;
        break;
    case 'G':
        x = n - 1;
        break;
    case 'd':
        y = n - 1;
        break;
    case 'H':
    case 'f':
        y = n - 1;
        x = second - 1;
        break;
    case 'J':
    case 'K':
        erase(replay, code);
        return;
    case 'X':
        blank(canvas, y, x, x + n);
        return;
    case 'P':
        shift(replay, n);
        return;
    case '@':
        shift(replay, -n);
        return;
    case 'L':
        scroll(canvas, y, -n);
        return;
    case 'M':
        scroll(canvas, y, n);
        return;
    case 'S':
        scroll(canvas, 0, n);
        return;
    case 'T':
        scroll(canvas, 0, -n);
        return;
    case 'm':
        rendition(&replay->paint, code);
        return;
    default:
        return;
    }
    replay->y = within(y, canvas->rows);
    replay->x = within(x, canvas->cols);
}

static void show(struct lethe_replay *replay, const char *text)
{
    struct lethe_scan_token token;
    while (lethe_scan_next(&replay->scan, &token, &text)) {
        if (token.kind == LETHE_SCAN_GLYPH)
            put_glyph(replay, token.glyph);
        else if (token.kind == LETHE_SCAN_CONTROL)
            control(replay, token.glyph);
        else if (token.kind == LETHE_SCAN_CODE)
            obey(replay, &token);
        else if (token.kind == LETHE_SCAN_CLEAR) {
            lethe_canvas_clear(&replay->canvas);
            replay->y = replay->x = 0;
            replay->paint = plain;
        }
    }
}

/* Another size keeps what has room. */
static enum lethe_err resize(struct lethe_replay *replay, int rows, int cols,
                             struct lethe_error *err)
{
    struct lethe_canvas next, *was = &replay->canvas;
    enum lethe_err code = lethe_canvas_init(&next, rows, cols, was->display, err);
    if (code)
        return code;
    for (int y = 0; y < rows && y < was->rows; y++)
        memcpy(row_of(&next, y), row_of(was, y),
               (size_t)(cols < was->cols ? cols : was->cols) * sizeof *next.cells);
    lethe_canvas_release(was);
    *was = next;
    replay->y = within(replay->y, rows);
    replay->x = within(replay->x, cols);
    return LETHE_OK;
}

enum lethe_err lethe_replay_to(struct lethe_replay *replay, const struct lethe_cast *cast,
                               double seconds, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (; !code && replay->next < cast->count && cast->events[replay->next].at <= seconds;
         replay->next++) {
        const struct lethe_cast_event *event = &cast->events[replay->next];
        if (event->text)
            show(replay, event->text);
        else
            code = resize(replay, event->rows, event->cols, err);
    }
    return code;
}
