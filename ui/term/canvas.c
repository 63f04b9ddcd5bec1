/* SPDX-License-Identifier: MIT
 * Drawing into the cell canvas. Every write goes through lethe_draw_cell, which alone checks
 * bounds. */
#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/visible.h"
#include "ui/term/canvas.h"
#include "ui/term/glyph.h"

enum lethe_err lethe_canvas_init(struct lethe_canvas *canvas, int rows, int cols,
                                 struct lethe_display display, struct lethe_error *err)
{
    size_t count = (size_t)rows * (size_t)cols;
    struct lethe_cell *cells = lethe_alloc(count, sizeof *cells);
    if (!cells)
        return lethe_fail_memory(err, "the screen", count, sizeof *cells);
    *canvas = (struct lethe_canvas){rows, cols, display, cells, -1, 0};
    lethe_canvas_clear(canvas);
    return LETHE_OK;
}

void lethe_canvas_release(struct lethe_canvas *canvas)
{
    lethe_free(canvas->cells);
    *canvas = (struct lethe_canvas){0};
}

void lethe_canvas_clear(struct lethe_canvas *canvas)
{
    canvas->cursor_y = -1;
    for (int k = 0; k < canvas->rows * canvas->cols; k++)
        canvas->cells[k] = (struct lethe_cell){' ', LETHE_INK_TEXT, LETHE_INK_TEXT};
}

struct lethe_area lethe_area_all(struct lethe_canvas *canvas)
{
    return (struct lethe_area){canvas, 0, 0, canvas->rows, canvas->cols};
}

struct lethe_area lethe_area_part(struct lethe_area area, int y, int x, int rows, int cols)
{
    if (y < 0) {
        rows += y;
        y = 0;
    }
    if (x < 0) {
        cols += x;
        x = 0;
    }
    rows = rows < area.rows - y ? rows : area.rows - y;
    cols = cols < area.cols - x ? cols : area.cols - x;
    return (struct lethe_area){area.canvas, area.y + y, area.x + x, rows > 0 ? rows : 0,
                               cols > 0 ? cols : 0};
}

void lethe_area_fill(struct lethe_area area, uint32_t glyph, uint16_t ink)
{
    for (int y = 0; y < area.rows; y++)
        for (int x = 0; x < area.cols; x++)
            lethe_draw_cell(area, y, x, (struct lethe_cell){glyph, ink, LETHE_INK_TEXT});
}

static struct lethe_cell *cell_at(struct lethe_area area, int y, int x)
{
    if (y < 0 || x < 0 || y >= area.rows || x >= area.cols)
        return NULL;
    return &area.canvas
                ->cells[(size_t)(area.y + y) * (size_t)area.canvas->cols + (size_t)(area.x + x)];
}

void lethe_draw_cell(struct lethe_area area, int y, int x, struct lethe_cell cell)
{
    struct lethe_cell *target = cell_at(area, y, x);
    if (target)
        *target = cell;
}

void lethe_draw_glyph(struct lethe_area area, int y, int x, uint32_t glyph, uint16_t ink)
{
    struct lethe_cell *target = cell_at(area, y, x);
    if (target)
        *target = (struct lethe_cell){glyph, ink, target->paper};
}

/* One glyph, which may be wide; returns the column after it, -1 where it does not fit. */
static int put(struct lethe_area area, int y, int x, uint16_t ink, uint32_t glyph)
{
    int width = lethe_glyph_width(glyph);
    if (x + width > area.cols)
        return -1;
    if (width > 0)
        lethe_draw_glyph(area, y, x, glyph, ink);
    if (width == 2)
        lethe_draw_glyph(area, y, x + 1, 0, ink);
    return x + width;
}

int lethe_draw_text(struct lethe_area area, int y, int x, uint16_t ink, const char *text)
{
    char piece[LETHE_VISIBLE_ROOM];
    while (lethe_visible_next(piece, &text)) {
        const char *at = piece;
        for (uint32_t glyph; (glyph = lethe_glyph_next(&at)) != 0;) {
            int after = put(area, y, x, ink, glyph);
            if (after < 0)
                return x;
            x = after;
        }
    }
    return x;
}

int lethe_draw_textf(struct lethe_area area, int y, int x, uint16_t ink, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    return lethe_draw_text(area, y, x, ink, text);
}

int lethe_draw_fit(struct lethe_area area, int y, int x, int width, uint16_t ink, const char *text)
{
    if (width <= 0)
        return x;
    if (lethe_glyph_columns(text) <= width)
        return lethe_draw_text(area, y, x, ink, text);
    int end = lethe_draw_text(lethe_area_part(area, y, x, 1, width - 1), 0, 0, ink, text);
    lethe_draw_glyph(area, y, x + end, 0x2026, ink);
    return x + end + 1;
}

void lethe_draw_right(struct lethe_area area, int y, int end, uint16_t ink, const char *text)
{
    lethe_draw_text(area, y, end - lethe_glyph_columns(text), ink, text);
}

void lethe_draw_paper(struct lethe_area area, int y, int x, int cols, uint16_t paper)
{
    for (int k = x; k < x + cols; k++) {
        struct lethe_cell *cell = cell_at(area, y, k);
        if (cell)
            cell->paper = paper;
    }
}

static void join(struct lethe_area area, int y, int x, unsigned arms, uint16_t ink)
{
    struct lethe_cell *cell = cell_at(area, y, x);
    if (cell)
        lethe_draw_glyph(area, y, x, lethe_glyph_rule(arms | lethe_glyph_arms(cell->glyph)), ink);
}

/* The ends of a rule have one arm, so that they meet other rules as tees and corners; a horizontal
 * rule that reaches the edge of its area simply runs out. */
void lethe_draw_hrule(struct lethe_area area, int y, int x, int cols, uint16_t ink)
{
    for (int k = 0; k < cols; k++) {
        unsigned arms = 0;
        arms |= k > 0 || x == 0 ? LETHE_ARM_LEFT : 0u;
        arms |= k < cols - 1 || x + k == area.cols - 1 ? LETHE_ARM_RIGHT : 0u;
        join(area, y, x + k, arms, ink);
    }
}

void lethe_draw_vrule(struct lethe_area area, int y, int x, int rows, uint16_t ink)
{
    for (int k = 0; k < rows; k++) {
        unsigned arms = 0;
        arms |= k > 0 ? LETHE_ARM_UP : 0u;
        arms |= k < rows - 1 ? LETHE_ARM_DOWN : 0u;
        join(area, y + k, x, arms, ink);
    }
}
