/* SPDX-License-Identifier: MIT
 * Lines over axes. Dots are plotted on a grid finer than the cells: 2 x 4 per cell in braille,
 * 1 x 2 in half blocks, 1 x 1 in ASCII. Series are told apart by ink and by mark or dash. */
#include <math.h>
#include <stdio.h>

#include "ui/chart/chart.h"
#include "ui/term/glyph.h"

struct plot {
    struct lethe_area area; /* inside the axes */
    struct lethe_axes axes; /* limits filled; in log10 where the axis is logarithmic */
    int dots_x, dots_y;     /* per cell */
};

static double axis_value(double value, int log)
{
    if (!log)
        return value;
    return value > 0 ? log10(value) : NAN;
}

static double series_x(const struct lethe_series *series, size_t k)
{
    return series->x ? series->x[k] : (double)k;
}

/* Adds a dot to a cell; sx, sy count in dots from the top left. */
static void dot(const struct plot *plot, int sx, int sy, const struct lethe_series *series,
                size_t which)
{
    static const unsigned braille[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    static const char marks[] = "*o+x#@";
    int x = sx / plot->dots_x, y = sy / plot->dots_y;
    if (sx < 0 || sy < 0 || x >= plot->area.cols || y >= plot->area.rows)
        return;
    struct lethe_canvas *canvas = plot->area.canvas;
    uint32_t old = canvas->cells[(plot->area.y + y) * canvas->cols + plot->area.x + x].glyph;
    uint32_t glyph;
    if (plot->dots_x == 2) {
        uint32_t base = old >= 0x2800 && old < 0x2900 ? old : 0x2800;
        glyph = base | braille[sy % 4][sx % 2];
    } else if (plot->dots_y == 2) {
        glyph = sy % 2 ? 0x2584 : 0x2580;
        if (old == 0x2588 || ((old == 0x2584 || old == 0x2580) && old != glyph))
            glyph = 0x2588;
    } else {
        glyph = (uint32_t)marks[which % (sizeof marks - 1)];
    }
    lethe_draw_glyph(plot->area, y, x, glyph, series->ink);
}

/* Position in dots; NaN where the value is unknown or has no place on a logarithmic axis. */
static double dot_x(const struct plot *plot, double x)
{
    double t =
        (axis_value(x, plot->axes.log_x) - plot->axes.x_lo) / (plot->axes.x_hi - plot->axes.x_lo);
    return t * (plot->area.cols * plot->dots_x - 1);
}

static double dot_y(const struct plot *plot, double y)
{
    double t =
        (axis_value(y, plot->axes.log_y) - plot->axes.y_lo) / (plot->axes.y_hi - plot->axes.y_lo);
    return (1 - t) * (plot->area.rows * plot->dots_y - 1);
}

/* A straight line between two dots; the second and later series are broken into dashes whose
 * length depends on the series, so that lines differ without colour. *walked counts dots along the
 * whole line. */
static void segment(const struct plot *plot, const double from[2], const double to[2],
                    const struct lethe_series *series, size_t which, int *walked)
{
    static const int dashes[4][2] = {{1, 1}, {8, 5}, {4, 2}, {4, 1}}; /* period, dots drawn */
    double limit = 4.0 * (plot->area.cols + plot->area.rows) * plot->dots_y;
    double length = fmax(fabs(to[0] - from[0]), fabs(to[1] - from[1]));
    int steps = (int)fmin(ceil(length), limit);
    const int *dash = dashes[plot->dots_x == 2 ? which % 4 : 0];
    for (int k = 0; k <= steps; k++) {
        double t = steps ? (double)k / steps : 0;
        int sx = (int)lround(from[0] + t * (to[0] - from[0]));
        int sy = (int)lround(from[1] + t * (to[1] - from[1]));
        if (*walked % dash[0] < dash[1])
            dot(plot, sx, sy, series, which);
        *walked += k < steps || steps == 0;
    }
}

static void draw_series(const struct plot *plot, const struct lethe_series *series, size_t which)
{
    double last[2] = {NAN, NAN};
    int walked = 0;
    for (size_t k = 0; k < series->count; k++) {
        double now[2] = {dot_x(plot, series_x(series, k)), dot_y(plot, series->y[k])};
        int known = isfinite(now[0]) && isfinite(now[1]);
        int joined = !series->points && isfinite(last[0]);
        if (known)
            segment(plot, joined ? last : now, now, series, which, &walked);
        last[0] = known ? now[0] : NAN;
        last[1] = now[1];
    }
    for (size_t k = 0; series->marks && k < series->count; k++) {
        const double x = dot_x(plot, series_x(series, k)), y = dot_y(plot, series->y[k]);
        if (isfinite(x) && isfinite(y))
            lethe_draw_glyph(plot->area, (int)lround(y) / plot->dots_y,
                             (int)lround(x) / plot->dots_x, 0x25cf, series->ink);
    }
}

static void widen(double *lo, double *hi, double value)
{
    *lo = fmin(*lo, value);
    *hi = fmax(*hi, value);
}

/* Limits from the data where the caller gave none, in the units of the axis. */
static void fit_axes(struct lethe_axes *axes, const struct lethe_series *series, size_t count)
{
    int free_x = !(axes->x_hi > axes->x_lo), free_y = !(axes->y_hi > axes->y_lo);
    double x[2] = {INFINITY, -INFINITY}, y[2] = {INFINITY, -INFINITY};
    for (size_t s = 0; s < count; s++)
        for (size_t k = 0; k < series[s].count; k++) {
            double at = axis_value(series_x(&series[s], k), axes->log_x);
            double value = axis_value(series[s].y[k], axes->log_y);
            if (isfinite(at) && isfinite(value)) { /* what is not drawn takes no room */
                widen(&x[0], &x[1], at);
                widen(&y[0], &y[1], value);
            }
        }
    axes->x_lo = free_x ? x[0] : axis_value(axes->x_lo, axes->log_x);
    axes->x_hi = free_x ? x[1] : axis_value(axes->x_hi, axes->log_x);
    axes->y_lo = free_y ? y[0] : axis_value(axes->y_lo, axes->log_y);
    axes->y_hi = free_y ? y[1] : axis_value(axes->y_hi, axes->log_y);
    if (!isfinite(axes->x_lo))
        axes->x_lo = 0, axes->x_hi = 1;
    if (!isfinite(axes->y_lo))
        axes->y_lo = 0, axes->y_hi = 1;
    if (!(axes->x_hi > axes->x_lo))
        axes->x_hi = axes->x_lo + 1;
    if (!(axes->y_hi > axes->y_lo))
        axes->y_hi = axes->y_lo + 1;
}

static void tick(char out[16], double value, int log)
{
    double shown = log ? pow(10, value) : value;
    if (snprintf(out, 16, "%.3g", shown) > 7)
        snprintf(out, 16, "%.1e", shown); /* the gutter has seven columns */
}

static void draw_axes(struct lethe_area area, const struct plot *plot, int gutter)
{
    char text[16];
    int bottom = plot->area.rows, right = area.cols;
    for (int y = 0; y < bottom; y++)
        lethe_draw_glyph(area, y, gutter - 1, 0x2502, LETHE_INK_RULE);
    lethe_draw_hrule(area, bottom, gutter - 1, right - gutter + 1, LETHE_INK_RULE);
    lethe_draw_glyph(area, bottom, gutter - 1, lethe_glyph_rule(LETHE_ARM_UP | LETHE_ARM_RIGHT),
                     LETHE_INK_RULE);
    tick(text, plot->axes.y_hi, plot->axes.log_y);
    lethe_draw_right(area, 0, gutter - 1, LETHE_INK_DIM, text);
    tick(text, plot->axes.y_lo, plot->axes.log_y);
    lethe_draw_right(area, bottom - 1, gutter - 1, LETHE_INK_DIM, text);
    tick(text, plot->axes.x_lo, plot->axes.log_x);
    int end = lethe_draw_text(area, bottom + 1, gutter - 1, LETHE_INK_DIM, text);
    tick(text, plot->axes.x_hi, plot->axes.log_x);
    lethe_draw_right(area, bottom + 1, right, LETHE_INK_DIM, text);
    const char *name = plot->axes.x_name ? plot->axes.x_name : "";
    int room = right - end - lethe_glyph_columns(text);
    if (lethe_glyph_columns(name) + 2 <= room)
        lethe_draw_text(area, bottom + 1, end + (room - lethe_glyph_columns(name)) / 2,
                        LETHE_INK_DIM, name);
}

/* Names of the series in the upper right corner, with the mark or dash they are drawn in. */
static void draw_legend(const struct plot *plot, const struct lethe_series *series, size_t count)
{
    int wide = 0, named = 0, y = 0;
    for (size_t s = 0; s < count; s++) {
        int columns = series[s].name ? lethe_glyph_columns(series[s].name) : 0;
        wide = columns > wide ? columns : wide;
        named += series[s].name != NULL;
    }
    if (!wide || wide + 5 > plot->area.cols / 2 || named > plot->area.rows)
        return;
    for (size_t s = 0; s < count; s++) {
        if (!series[s].name)
            continue;
        int x = plot->area.cols - wide - 5;
        struct lethe_area row = lethe_area_part(plot->area, y, x, 1, wide + 5);
        lethe_area_fill(row, ' ', LETHE_INK_TEXT);
        struct plot swatch = *plot;
        swatch.area = lethe_area_part(row, 0, 1, 1, 3);
        double middle = (plot->dots_y - 1) / 2.0;
        int walked = 0;
        double from[2] = {0, middle}, to[2] = {3 * plot->dots_x - 1, middle};
        if (series[s].points)
            from[0] = to[0] = plot->dots_x;
        segment(&swatch, from, to, &series[s], s, &walked);
        lethe_draw_text(row, 0, 5, series[s].ink, series[s].name);
        y++;
    }
}

void lethe_chart_curves(struct lethe_area area, const struct lethe_series *series, size_t count,
                        const struct lethe_axes *axes)
{
    enum { GUTTER = 8 };                             /* tick labels and the axis */
    const int title = axes->y_name && area.rows > 4; /* it gives way to the curves */
    if (area.cols < GUTTER + 6 || area.rows < 4)
        return;
    if (title)
        lethe_draw_fit(area, 0, 0, area.cols, LETHE_INK_DIM, axes->y_name);
    area = lethe_area_part(area, title, 0, area.rows - title, area.cols);
    struct plot plot = {lethe_area_part(area, 0, GUTTER, area.rows - 2, area.cols - GUTTER), *axes,
                        1, 1};
    if (area.canvas->display.charset != LETHE_ASCII)
        plot.dots_y = 2;
    if (area.canvas->display.charset == LETHE_BRAILLE) {
        plot.dots_x = 2;
        plot.dots_y = 4;
    }
    fit_axes(&plot.axes, series, count);
    draw_axes(area, &plot, GUTTER);
    if (axes->diagonal) {
        struct lethe_series chance = {.ink = LETHE_INK_RULE};
        int walked = 0;
        double from[2] = {0, plot.area.rows * plot.dots_y - 1.0};
        double to[2] = {plot.area.cols * plot.dots_x - 1.0, 0};
        segment(&plot, from, to, &chance, 3, &walked);
    }
    for (size_t s = 0; s < count; s++)
        draw_series(&plot, &series[s], s);
    draw_legend(&plot, series, count);
}
