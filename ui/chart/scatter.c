/* SPDX-License-Identifier: MIT
 * Dots are braille where it exists, so that a crowd keeps its shape; what matters more lies on top:
 * rings over dots, discs over rings, the point under the cursor over all. */
#include "ui/chart/scatter.h"

#include <math.h>

#include "ui/chart/plane.h"

static uint32_t glyph_of(const struct lethe_canvas *canvas, int mark)
{
    static const uint32_t ascii[] = {'.', 'o', '@'}, other[] = {0xb7, 0x25e6, 0x25cf};
    return canvas->display.charset == LETHE_ASCII ? ascii[mark] : other[mark];
}

static uint16_t ink_of(const struct lethe_canvas *canvas, int label)
{
    return canvas->display.colours >= 256 ? lethe_chart_plane_ink(label) : LETHE_INK_TEXT;
}

/* Place of a point in cells, fractions kept; 0 when it lies outside. */
static int place(double cell[2], const struct lethe_scatter *s, struct lethe_area area, size_t k)
{
    const double *at = s->at + 2 * k;
    cell[0] = (at[0] - s->low[0]) / (s->high[0] - s->low[0]) * area.cols;
    cell[1] = (s->high[1] - at[1]) / (s->high[1] - s->low[1]) * area.rows;
    return cell[0] >= 0 && cell[1] >= 0 && cell[0] < area.cols && cell[1] < area.rows;
}

static void braille(struct lethe_area area, const double cell[2], uint16_t ink)
{
    static const unsigned dots[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    const int x = (int)cell[0], y = (int)cell[1];
    const struct lethe_canvas *canvas = area.canvas;
    const uint32_t old = canvas->cells[(area.y + y) * canvas->cols + area.x + x].glyph;
    const uint32_t base = old >= 0x2800 && old < 0x2900 ? old : 0x2800;
    const int row = (int)(4 * (cell[1] - y)), column = (int)(2 * (cell[0] - x));
    lethe_draw_glyph(area, y, x, base | dots[row][column], ink);
}

static void draw_point(struct lethe_area area, const struct lethe_scatter *s, size_t k)
{
    const struct lethe_canvas *canvas = area.canvas;
    const int mark = s->mark[k];
    double cell[2];
    if (!(s->showing & 1u << mark) || !place(cell, s, area, k))
        return;
    const uint16_t ink = ink_of(canvas, s->label[k]);
    const int x = (int)cell[0], y = (int)cell[1], under = k == s->cursor;
    if (mark == LETHE_SCATTER_RETAIN && !s->letters && !under &&
        canvas->display.charset == LETHE_BRAILLE) {
        braille(area, cell, ink);
        return;
    }
    const int letter = s->letters && mark != LETHE_SCATTER_FORGET;
    lethe_draw_glyph(
        area, y, x,
        letter ? lethe_chart_plane_letter(s->label[k], s->classes) : glyph_of(canvas, mark), ink);
    if (under)
        lethe_draw_paper(area, y, x, 1, LETHE_INK_SELECT);
}

void lethe_chart_scatter(struct lethe_area area, const struct lethe_scatter *s)
{
    if (area.rows < 1 || area.cols < 1 || !(s->high[0] > s->low[0]) || !(s->high[1] > s->low[1]))
        return;
    for (int mark = 0; mark < LETHE_SCATTER_MARKS; mark++)
        for (size_t k = 0; k < s->count; k++)
            if (s->mark[k] == mark)
                draw_point(area, s, k);
    if (s->cursor < s->count)
        draw_point(area, s, s->cursor);
}

void lethe_chart_scatter_swatch(struct lethe_area area, int y, int x, int mark)
{
    lethe_draw_glyph(area, y, x, glyph_of(area.canvas, mark), LETHE_INK_TEXT);
}

size_t lethe_chart_scatter_nearest(const struct lethe_scatter *s, struct lethe_area area, int y,
                                   int x)
{
    const double tall = 2; /* a cell is about twice as high as wide */
    size_t best = s->count;
    double least = 4 * tall * tall, cell[2];
    for (size_t k = 0; k < s->count; k++) {
        if (!(s->showing & 1u << s->mark[k]) || !place(cell, s, area, k))
            continue;
        const double dx = cell[0] - x - 0.5, dy = cell[1] - y - 0.5;
        const double far = dx * dx + tall * tall * dy * dy;
        if (far <= least) {
            least = far;
            best = k;
        }
    }
    return best;
}
