/* SPDX-License-Identifier: MIT
 * Charts of a value per cell: heat maps and pictures. */
#include <math.h>

#include "ui/chart/chart.h"

static const uint32_t shades[] = {' ', 0x2591, 0x2592, 0x2593, 0x2588};

static void heat_cell(struct lethe_area area, int y, int x, const struct lethe_heat *heat,
                      double value)
{
    int level = lethe_chart_level(value, heat->lo, heat->hi, LETHE_RAMP);
    uint32_t glyph = level < 0 ? ' ' : shades[1 + level / 2];
    uint16_t ink = (uint16_t)(LETHE_INK_RAMP + (level < 0 ? 0 : level));
    for (int k = 0; k < heat->cell; k++)
        lethe_draw_glyph(area, y, x + k, glyph, ink);
}

void lethe_chart_heat(struct lethe_area area, const struct lethe_heat *heat)
{
    for (size_t row = 0; row < heat->rows; row++)
        for (size_t col = 0; col < heat->cols; col++)
            heat_cell(area, (int)row, (int)col * heat->cell, heat,
                      heat->values[row * heat->cols + col]);
    int y = (int)heat->mark_row, x = (int)heat->mark_col * heat->cell;
    if (heat->mark_row >= heat->rows || heat->mark_col >= heat->cols)
        return;
    lethe_draw_glyph(area, y, x, heat->cell > 1 ? '[' : 'x', LETHE_INK_STRONG);
    if (heat->cell > 1)
        lethe_draw_glyph(area, y, x + heat->cell - 1, ']', LETHE_INK_STRONG);
}

/* Mean of the pixels one dot covers, per channel; black outside. */
static void dot_colour(double rgb[3], const struct lethe_picture *picture, double scale, int row,
                       int col)
{
    size_t y0 = (size_t)(row / scale), y1 = (size_t)ceil((row + 1) / scale);
    size_t x0 = (size_t)(col / scale), x1 = (size_t)ceil((col + 1) / scale);
    y1 = y1 < picture->height ? y1 : picture->height;
    x1 = x1 < picture->width ? x1 : picture->width;
    for (size_t c = 0; c < 3; c++) {
        size_t channel = picture->channels == 3 ? c : 0, n = 0;
        rgb[c] = 0;
        for (size_t y = y0; y < y1; y++)
            for (size_t x = x0; x < x1; x++, n++)
                rgb[c] += picture->pixels[(y * picture->width + x) * picture->channels + channel];
        rgb[c] = n ? rgb[c] / (double)n : 0;
    }
}

static uint16_t dot_ink(const struct lethe_picture *picture, const double rgb[3])
{
    return picture->channels == 3 ? lethe_theme_rgb(rgb[0], rgb[1], rgb[2])
                                  : lethe_theme_grey(rgb[0]);
}

/* Where 256 colours exist a cell shows two dots, one above the other; elsewhere one cell in every
 * two columns' width is a shade, so that pixels stay square. */
void lethe_chart_picture(struct lethe_area area, const struct lethe_picture *picture)
{
    if (!picture->height || !picture->width)
        return;
    int halves = area.canvas->display.colours >= 256 && area.canvas->display.charset != LETHE_ASCII;
    int dots_down = halves ? area.rows * 2 : area.rows;
    int dots_across = halves ? area.cols : area.cols / 2;
    double scale = fmin(dots_down / (double)picture->height, dots_across / (double)picture->width);
    if (!(scale > 0))
        return;
    scale = scale >= 1 ? floor(scale) : scale;
    int rows = (int)ceil((double)picture->height * scale);
    int cols = (int)((double)picture->width * scale);
    for (int y = 0; y < rows; y += halves ? 2 : 1)
        for (int x = 0; x < cols; x++) {
            double top[3], low[3] = {0, 0, 0};
            dot_colour(top, picture, scale, y, x);
            if (halves) {
                dot_colour(low, picture, scale, y + 1, x);
                lethe_draw_cell(
                    area, y / 2, x,
                    (struct lethe_cell){0x2580, dot_ink(picture, top), dot_ink(picture, low)});
                continue;
            }
            int level = lethe_chart_level((top[0] + top[1] + top[2]) / 3, 0, 1, 5);
            for (int k = 0; k < 2; k++)
                lethe_draw_glyph(area, y, 2 * x + k, shades[level < 0 ? 0 : level], LETHE_INK_TEXT);
        }
}
