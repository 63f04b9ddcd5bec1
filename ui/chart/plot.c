/* SPDX-License-Identifier: MIT
 * A plot of the library (lethe/plot.h) in character cells: what gnuplot draws as a picture, drawn
 * where there is no picture. Bars lie on their side, so that their names can be read. */
#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "ui/chart/chart.h"
#include "ui/term/glyph.h"

enum { MOST = 8, CURVES = 64 }; /* series drawn: histograms, curves and points */

static uint16_t ink_of(const struct lethe_plot_series *series, size_t k)
{
    static const uint16_t inks[] = {LETHE_INK_FORGET, LETHE_INK_HELDOUT, LETHE_INK_RETRAIN,
                                    LETHE_INK_RETAIN};
    static const uint16_t by_point[LETHE_POINT_COUNT] = {
        [LETHE_POINT_DISC] = LETHE_INK_FORGET,    [LETHE_POINT_DOT] = LETHE_INK_DIM,
        [LETHE_POINT_RING] = LETHE_INK_HELDOUT,   [LETHE_POINT_CIRCLE] = LETHE_INK_TEXT,
        [LETHE_POINT_SQUARE] = LETHE_INK_RETRAIN,
    };
    if (series->colour && series->style == LETHE_PLOT_POINTS) /* one of many: here the kind of point
                                                                 has the colour */
        return by_point[series->point];
    if (series->colour)
        k = series->colour - 1;
    return series->reference ? LETHE_INK_DIM : inks[k % (sizeof inks / sizeof *inks)];
}

/* ---- bars ------------------------------------------------------------------------------------ */

static int widest_name(const struct lethe_plot *plot)
{
    int wide = 0;
    for (size_t k = 0; k < plot->x.name_count; k++) {
        int columns = lethe_glyph_columns(plot->x.names[k]);
        wide = columns > wide ? columns : wide;
    }
    return wide;
}

/* Lengths of bars: over decades where values differ by more than three of them. */
struct scale {
    double lo, hi; /* smallest positive and largest value */
    int log;
};

static double length_of(double value, const struct scale *scale)
{
    if (!scale->log)
        return scale->hi > 0 ? value / scale->hi : 0;
    return value > 0 ? (1 + log10(value / scale->lo)) / (1 + log10(scale->hi / scale->lo)) : 0;
}

static void bar_row(struct lethe_area row, const char *name, int names, double value,
                    const struct scale *scale, uint16_t ink)
{
    enum { VALUE = 9 };
    char text[24];
    if (name)
        lethe_draw_fit(row, 0, 1, names, ink, name);
    if (isnan(value)) {
        lethe_draw_right(row, 0, names + 2 + VALUE, LETHE_INK_DIM, "—");
        return;
    }
    snprintf(text, sizeof text, fabs(value) >= 1e-3 || value == 0 ? "%.3f" : "%.1e", value);
    lethe_draw_right(row, 0, names + 2 + VALUE, ink, text);
    struct lethe_area bar =
        lethe_area_part(row, 0, names + VALUE + 3, 1, row.cols - names - VALUE - 4);
    lethe_chart_bar(bar, length_of(value, scale), ink);
}

/* Bars of several series stand below each other, each with its name: the widest, 0 for one series.
 */
static int widest_series(const struct lethe_plot *plot)
{
    int wide = 0;
    for (size_t k = 0; plot->series_count > 1 && k < plot->series_count; k++) {
        const int columns = plot->series[k].title ? lethe_glyph_columns(plot->series[k].title) : 0;
        wide = columns > wide ? columns : wide;
    }
    return wide;
}

static struct scale scale_of(const struct lethe_plot *plot)
{
    struct scale scale = {INFINITY, 0, 0};
    for (size_t k = 0; k < plot->series_count; k++)
        for (size_t i = 0; i < plot->series[k].n; i++) {
            const double value = plot->series[k].y[i];
            scale.hi = fmax(scale.hi, value); /* fmax skips NaN */
            scale.lo = value > 0 ? fmin(scale.lo, value) : scale.lo;
        }
    if (plot->y.low < plot->y.high) { /* what ends there, as shares do, is not told by decades */
        scale.hi = plot->y.high;
        return scale;
    }
    scale.log = scale.hi > 1000 * scale.lo;
    return scale;
}

static void bars(struct lethe_area area, const struct lethe_plot *plot)
{
    const size_t groups = plot->series[0].n, each = plot->series_count;
    const struct scale scale = scale_of(plot);
    int names = widest_name(plot), series = widest_series(plot), y = 0;
    names = names < area.cols / 3 ? names : area.cols / 3;
    series = series < area.cols / 4 ? series : area.cols / 4;
    const int left = series ? names + 1 : names;
    if (plot->y.label)
        lethe_draw_textf(area, y++, 1, LETHE_INK_DIM, "%s%s", plot->y.label,
                         scale.log ? ", log scale" : "");
    for (size_t r = 0; r < groups * each && y < area.rows; r++, y++) {
        const size_t i = r / each, k = r % each;
        const struct lethe_area row = lethe_area_part(area, y, 0, 1, area.cols);
        if (y + 1 == area.rows && r + 1 < groups * each) {
            lethe_draw_textf(row, 0, 1, LETHE_INK_DIM, "… %zu more", groups - i);
            return;
        }
        if (!k && i < plot->x.name_count)
            lethe_draw_fit(row, 0, 1, names, LETHE_INK_TEXT, plot->x.names[i]);
        if (i < plot->series[k].n)
            bar_row(lethe_area_part(row, 0, left, 1, area.cols - left),
                    series ? plot->series[k].title : NULL, series, plot->series[k].y[i], &scale,
                    ink_of(&plot->series[k], k));
    }
}

/* ---- histograms ------------------------------------------------------------------------------ */

/* Bars of one group over its own largest share, which is said beside them. */
static void group(struct lethe_area area, const struct lethe_plot_series *series, uint16_t ink)
{
    double top = 0;
    for (size_t i = 0; i < series->n; i++)
        top = fmax(top, series->y[i]);
    for (int x = 0; x < area.cols && series->n; x++) {
        double share = series->y[(size_t)x * series->n / (size_t)area.cols];
        int eighths = lethe_chart_level(share, 0, top, area.rows * 8 + 1);
        if (share > 0 && eighths == 0)
            eighths = 1;
        for (int y = area.rows - 1; y >= 0 && eighths > 0; y--, eighths -= 8)
            lethe_draw_glyph(area, y, x, 0x2580u + (uint32_t)(eighths < 8 ? eighths : 8), ink);
    }
}

static void histograms(struct lethe_area area, const struct lethe_plot *plot)
{
    const struct lethe_plot_series *first = &plot->series[0];
    size_t count = plot->series_count < MOST ? plot->series_count : MOST;
    int names = 0;
    for (size_t k = 0; k < count; k++) {
        int columns = plot->series[k].title ? lethe_glyph_columns(plot->series[k].title) : 0;
        names = columns > names ? columns : names;
    }
    int tall = (area.rows - 1) / (int)count, wide = area.cols - names - 4;
    if (tall < 1 || wide < 8 || first->n < 2)
        return;
    for (size_t k = 0; k < count; k++) {
        int y = (int)k * tall, gap = tall > 2; /* an empty row keeps neighbours apart */
        if (plot->series[k].title)
            lethe_draw_text(area, y + tall - 1, 1, ink_of(&plot->series[k], k),
                            plot->series[k].title);
        group(lethe_area_part(area, y + gap, names + 3, tall - gap, wide), &plot->series[k],
              ink_of(&plot->series[k], k));
    }
    const double half = (first->x[1] - first->x[0]) / 2;
    int y = (int)count * tall;
    int end = lethe_draw_textf(area, y, names + 3, LETHE_INK_DIM, "%.3g", first->x[0] - half);
    char text[24];
    snprintf(text, sizeof text, "%.3g", first->x[first->n - 1] + half);
    lethe_draw_right(area, y, area.cols - 1, LETHE_INK_DIM, text);
    if (plot->x.label)
        lethe_draw_fit(area, y, end + 2, area.cols - end - 10, LETHE_INK_DIM, plot->x.label);
}

/* ---- everything else ------------------------------------------------------------------------- */

/* From black by red and yellow to white, as much as there is; black where there is nothing. */
static void glow(double rgb[3], double value, double lo, double hi)
{
    const double share = isfinite(value) && hi > lo ? (value - lo) / (hi - lo) : 0;
    for (int c = 0; c < 3; c++)
        rgb[c] = fmin(fmax(3 * share - c, 0), 1);
}

/* In half blocks, where there are the colours for it. */
static int cells_in_colour(struct lethe_area area, const struct lethe_heat *heat)
{
    const size_t size = heat->rows * heat->cols;
    if (area.canvas->display.colours < 256 || area.canvas->display.charset == LETHE_ASCII)
        return 0;
    double *pixels = lethe_alloc(size, 3 * sizeof *pixels);
    for (size_t i = 0; pixels && i < size; i++)
        glow(pixels + 3 * i, heat->values[i], heat->lo, heat->hi);
    const struct lethe_picture picture = {pixels, heat->rows, heat->cols, 3};
    if (pixels)
        lethe_chart_picture(area, &picture);
    lethe_free(pixels);
    return pixels != NULL;
}

static void cells(struct lethe_area area, const struct lethe_plot *plot)
{
    const struct lethe_plot_cells *from = plot->cells;
    const size_t size = from->rows * from->columns;
    double *values = lethe_alloc(size, sizeof *values), lo = INFINITY, hi = -INFINITY;
    for (size_t r = 0; values && r < from->rows; r++)
        for (size_t c = 0; c < from->columns; c++) { /* row 0 of a map lies at the bottom */
            double value = from->value[(from->rows - 1 - r) * from->columns + c];
            value = from->log ? log10(value) : value;
            values[r * from->columns + c] = value;
            lo = isfinite(value) ? fmin(lo, value) : lo;
            hi = isfinite(value) ? fmax(hi, value) : hi;
        }
    struct lethe_heat heat = {.values = values,
                              .rows = from->rows,
                              .cols = from->columns,
                              .lo = lo,
                              .hi = hi,
                              .cell = 2,
                              .mark_row = SIZE_MAX};
    if (values && !cells_in_colour(area, &heat))
        lethe_chart_heat(area, &heat);
    lethe_free(values);
}

static void curves(struct lethe_area area, const struct lethe_plot *plot)
{
    struct lethe_series series[CURVES];
    char above[256] = "";
    size_t count = plot->series_count < CURVES ? plot->series_count : CURVES;
    for (size_t k = 0; k < count; k++) {
        const struct lethe_plot_series *from = &plot->series[k];
        const int ground = from->colour && from->point == LETHE_POINT_DOT;
        series[k] = (struct lethe_series){
            .name = ground ? NULL : from->title, /* colours it does not have */
            .x = from->x,
            .y = from->y,
            .count = from->n,
            .ink = ink_of(from, k),
            .points = from->style == LETHE_PLOT_POINTS || from->style == LETHE_PLOT_CIRCLES,
            .marks = from->style == LETHE_PLOT_LINE_POINTS || from->style == LETHE_PLOT_CIRCLES};
    }
    const int named = count == 1 && series[0].name;
    snprintf(above, sizeof above, "%s%s%s", named ? series[0].name : "",
             named && plot->y.label ? "   " : "", plot->y.label ? plot->y.label : "");
    if (count == 1)
        series[0].name = NULL; /* it stands above */
    const struct lethe_axes axes = {.x_lo = plot->x.low,
                                    .x_hi = plot->x.high,
                                    .y_lo = plot->y.low,
                                    .y_hi = plot->y.high,
                                    .log_x = plot->x.log,
                                    .log_y = plot->y.log,
                                    .diagonal = plot->square,
                                    .x_name = plot->x.label,
                                    .y_name = *above ? above : NULL};
    lethe_chart_curves(area, series, count, &axes);
}

void lethe_chart_plot(struct lethe_area area, const struct lethe_plot *plot)
{
    if (plot->cells)
        cells(area, plot);
    else if (!plot->series_count)
        return;
    else if (plot->series[0].style == LETHE_PLOT_BARS)
        bars(area, plot);
    else if (plot->series[0].style == LETHE_PLOT_HISTOGRAM)
        histograms(area, plot);
    else
        curves(area, plot);
}
