/* SPDX-License-Identifier: MIT
 * Plot: one of the figures at a time, as curves or as one histogram per group on a common axis. */
#include <math.h>
#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"

static const struct lethe_view_plot *current(const struct lethe_view *view,
                                             const struct lethe_screen *screen)
{
    if (!view->plot_count)
        return NULL;
    size_t k = screen->cursor[LETHE_PANE_PLOT];
    return &view->plots[k < view->plot_count ? k : view->plot_count - 1];
}

void lethe_plot_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    const struct lethe_view_plot *plot = current(view, screen);
    if (plot)
        snprintf(out, room, "%s  %zu/%zu", plot->title, (size_t)(plot - view->plots) + 1,
                 view->plot_count);
}

static void histograms(struct lethe_area area, const struct lethe_view_plot *plot)
{
    double lo = INFINITY, hi = -INFINITY;
    int name = 0;
    for (size_t s = 0; s < plot->count; s++) {
        const struct lethe_series *series = &plot->series[s];
        int columns = lethe_glyph_columns(series->name);
        name = columns > name ? columns : name;
        for (size_t k = 0; k < series->count; k++)
            if (isfinite(series->y[k])) {
                lo = fmin(lo, series->y[k]);
                hi = fmax(hi, series->y[k]);
            }
    }
    int tall = (area.rows - 1) / (int)plot->count, wide = area.cols - name - 4;
    if (tall < 1 || wide < 8 || !(hi >= lo))
        return;
    tall = tall < 6 ? tall : 6;
    for (size_t s = 0; s < plot->count; s++) {
        const struct lethe_series *series = &plot->series[s];
        int y = (int)s * tall;
        struct lethe_area bars = lethe_area_part(area, y, name + 3, tall, wide);
        double top = lethe_chart_histogram_top(series->y, series->count, lo, hi, wide);
        lethe_draw_text(area, y + tall - 1, 1, series->ink, series->name);
        if (tall > 1)
            lethe_draw_textf(area, y + tall - 2, 1, LETHE_INK_DIM, "n=%zu", series->count);
        lethe_chart_histogram(bars, series->y, series->count, lo, hi, top, series->ink);
    }
    char text[LETHE_FORMAT_ROOM];
    int y = (int)plot->count * tall;
    lethe_format_figure(text, lo, LETHE_FIGURE_LOSS);
    int end = lethe_draw_text(area, y, name + 3, LETHE_INK_DIM, text);
    lethe_format_figure(text, hi, LETHE_FIGURE_LOSS);
    lethe_draw_right(area, y, area.cols - 1, LETHE_INK_DIM, text);
    if (plot->axes.x_name)
        lethe_draw_fit(area, y, end + 2, area.cols - end - 10, LETHE_INK_DIM, plot->axes.x_name);
}

void lethe_plot_draw(struct lethe_area area, const struct lethe_view *view,
                     const struct lethe_screen *screen)
{
    const struct lethe_view_plot *plot = current(view, screen);
    if (!plot || !plot->count) {
        lethe_pane_say(area, 0, LETHE_INK_DIM, "nothing to draw yet: press v for a preview");
        return;
    }
    if (plot->histogram)
        histograms(area, plot);
    else
        lethe_chart_curves(area, plot->series, plot->count, &plot->axes);
}
