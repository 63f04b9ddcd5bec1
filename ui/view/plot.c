/* SPDX-License-Identifier: MIT
 * Plot: one of the figures at a time, as curves or as one histogram per group on a common axis. */
#include <math.h>
#include <stdio.h>

#include "ui/term/glyph.h"
#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

static const struct lethe_view_plot *current(const struct lethe_view *view,
                                             const struct lethe_screen *screen)
{
    if (!view->plot_count)
        return NULL;
    size_t k = screen->cursor[LETHE_PANE_PLOT];
    return &view->plots[k < view->plot_count ? k : view->plot_count - 1];
}

static void put_caption(char *out, size_t room, const struct lethe_view *view,
                        const struct lethe_screen *screen)
{
    const struct lethe_view_plot *plot = current(view, screen);
    if (plot)
        snprintf(out, room, "%s  %zu/%zu", plot->title, (size_t)(plot - view->plots) + 1,
                 view->plot_count);
}

/* Where a value stands on the axis: losses stand on a logarithmic one, tiny ones together at its
 * left end. */
static double place(double value, int log)
{
    static const double least = 1e-4;
    return log ? log10(value > least ? value : least) : value;
}

/* Values of a series at their place on the axis, at most ROOM of them at equal distances. */
enum { ROOM = 4096 };
static size_t place_all(double *out, const struct lethe_series *series, int log)
{
    size_t count = series->count < ROOM ? series->count : ROOM;
    for (size_t k = 0; k < count; k++)
        out[k] = place(series->y[k * series->count / count], log);
    return count;
}

static void axis(struct lethe_area area, int y, int x, const double range[2], int log,
                 const char *name)
{
    char text[LETHE_FORMAT_ROOM];
    lethe_format_figure(text, log ? pow(10, range[0]) : range[0], LETHE_FIGURE_LOSS);
    int end = lethe_draw_text(area, y, x, LETHE_INK_DIM, text);
    lethe_format_figure(text, log ? pow(10, range[1]) : range[1], LETHE_FIGURE_LOSS);
    int last = area.cols - 1 - lethe_glyph_columns(text);
    lethe_draw_right(area, y, area.cols - 1, LETHE_INK_DIM, text);
    if (!name)
        return;
    int columns = lethe_glyph_columns(name), room = last - end - 4;
    int shift = columns < room ? (room - columns) / 2 : 0;
    lethe_draw_fit(area, y, end + 2 + shift, room - shift, LETHE_INK_DIM, name);
}

/* Where the threshold that was set by hand falls among the bars. */
static void threshold_line(struct lethe_area bars, double threshold, const double range[2], int log)
{
    const double at = (place(threshold, log) - range[0]) / (range[1] - range[0]);
    if (!(threshold > 0) || !(at >= 0 && at <= 1))
        return;
    for (int y = 0; y < bars.rows; y++)
        lethe_draw_glyph(bars, y, (int)lround(at * (bars.cols - 1)), 0x2502, LETHE_INK_ACCENT);
}

static void histograms(struct lethe_area area, const struct lethe_view_plot *plot)
{
    static const char counts[] = "n=99999";
    const int log = plot->axes.log_x;
    double range[2] = {INFINITY, -INFINITY}, values[ROOM];
    int name = lethe_glyph_columns(counts);
    for (size_t s = 0; s < plot->count; s++) {
        const struct lethe_series *series = &plot->series[s];
        int columns = lethe_glyph_columns(series->name);
        name = columns > name ? columns : name;
        for (size_t k = 0; k < series->count; k++)
            if (isfinite(series->y[k])) {
                range[0] = fmin(range[0], place(series->y[k], log));
                range[1] = fmax(range[1], place(series->y[k], log));
            }
    }
    int tall = (area.rows - 1) / (int)plot->count, wide = area.cols - name - 4;
    if (tall < 1 || wide < 8 || !(range[1] >= range[0]))
        return;
    int gap = tall > 2; /* an empty row keeps the groups apart */
    for (size_t s = 0; s < plot->count; s++) {
        const struct lethe_series *series = &plot->series[s];
        const size_t count = place_all(values, series, log);
        int y = (int)s * tall;
        struct lethe_area bars = lethe_area_part(area, y + gap, name + 3, tall - gap, wide);
        double top = lethe_chart_histogram_top(values, count, range[0], range[1], wide);
        lethe_draw_text(area, y + tall - 1, 1, series->ink, series->name);
        if (tall > 1)
            lethe_draw_textf(area, y + tall - 2, 1, LETHE_INK_DIM, "n=%zu", series->count);
        lethe_chart_histogram(bars, values, count, range[0], range[1], top, series->ink);
        threshold_line(bars, plot->threshold, range, log);
    }
    axis(area, (int)plot->count * tall, name + 3, range, log, plot->axes.x_name);
}

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    const struct lethe_view_plot *plot = current(view, screen);
    if (!plot || !plot->count) {
        lethe_pane_empty(area, view, NULL,
                         view->forgetting
                             ? "nothing to draw yet: press v for a preview"
                             : "nothing to draw yet: mark what to forget, then press v");
        return;
    }
    if (area.rows < 4 && (plot->sheet || !plot->histogram))
        lethe_pane_say(area, 0, LETHE_INK_DIM,
                       "too low to draw it: Tab here, z for all the screen");
    else if (plot->sheet)
        lethe_chart_plot(area, plot->sheet);
    else if (plot->histogram)
        histograms(area, plot);
    else
        lethe_chart_curves(area, plot->series, plot->count, &plot->axes);
}

static size_t plot_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->plot_count;
}

static void say_plot(struct lethe_sentence *to, const struct lethe_view *view,
                     const struct lethe_screen *screen, size_t k)
{
    (void)screen;
    const struct lethe_view_plot *plot = &view->plots[k];
    lethe_say(to, "%s", plot->title);
    for (size_t s = 0; s < plot->count && !plot->sheet; s++) {
        const struct lethe_series *series = &plot->series[s];
        double lo = INFINITY, hi = -INFINITY;
        for (size_t i = 0; i < series->count; i++) {
            lo = fmin(lo, series->y[i]);
            hi = fmax(hi, series->y[i]);
        }
        lethe_say(to, "; %s: %zu values", series->name ? series->name : "curve", series->count);
        lethe_say_figure(to, "from", lo, LETHE_FIGURE_LOSS);
        lethe_say_figure(to, "to", hi, LETHE_FIGURE_LOSS);
    }
    if (plot->sheet)
        lethe_say(to, "; 'plot %s' at the prompt with --json has its numbers", plot->kind);
}

static const char *word(const struct lethe_view *view, const struct lethe_screen *screen)
{
    const size_t at = screen->cursor[LETHE_PANE_PLOT];
    return at < view->plot_count ? view->plots[at].kind : NULL;
}

static void picture(struct lethe_pane_request *ask, const struct lethe_view *view,
                    struct lethe_screen *screen, uint32_t code)
{
    (void)code;
    const size_t at = screen->cursor[LETHE_PANE_PLOT];
    if (at < view->plot_count && view->plots[at].pictured)
        snprintf(ask->line, sizeof ask->line, "plot %s term=sixel", view->plots[at].kind);
    else
        snprintf(ask->refusal, sizeof ask->refusal,
                 "no picture of this one: p goes on to the next plot");
}

/* To the next loss of a sample, so that every step changes what the attacker says. */
static void move_threshold(struct lethe_pane_request *ask, const struct lethe_view *view,
                           struct lethe_screen *screen, uint32_t code)
{
    const struct lethe_view_plot *plot = current(view, screen);
    const int far = code == '{' || code == '}', up = code == ']' || code == '}';
    const double next = !plot ? 0 : up ? plot->above[far] : plot->below[far];
    if (!plot || !(next > 0))
        snprintf(ask->refusal, sizeof ask->refusal,
                 "a threshold goes with losses and ROC: p goes on to the next plot");
    else if (next == plot->threshold)
        snprintf(ask->refusal, sizeof ask->refusal, "no sample has a %s loss",
                 up ? "larger" : "smaller");
    else
        snprintf(ask->line, sizeof ask->line, "plot %s threshold=%.17g",
                 plot->histogram ? "loss" : "roc", next);
}

static const struct lethe_pane_key keys[] = {
    {'[', ']', "[ ]", NULL, "move the attacker's threshold over losses and ROC", NULL,
     move_threshold},
    {'{', '}', "{ }", NULL, "move it by ten samples", NULL, move_threshold},
    {'S', 0, "S", NULL, "as a picture, on terminals that show sixel", NULL, picture},
    {0},
};

const struct lethe_pane_ops lethe_pane_plot = {
    .name = "plot",
    .title = "Plot",
    .caption = put_caption,
    .draw = draw,
    .rows = plot_rows,
    .word = "plot pane",
    .word_at = word,
    .keys = keys,
    .say = say_plot,
};
