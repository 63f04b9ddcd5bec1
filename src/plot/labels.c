/* SPDX-License-Identifier: MIT
 * Everything is measured in shares of the frame. How wide a character is there depends on what
 * stands beside the frame; it is taken to be a little more than it is, and a twentieth high. */
#include "plot/labels.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static const double tall = 0.05;

static double width_of(const struct lethe_plot *plot)
{
    return plot->square ? 0.021 : plot->cells ? 0.014 : 0.0115;
}

struct box {
    double x0, x1, y0, y1;
};

/* An axis as it will be drawn: the range that is asked for, or that of the data. */
struct scale {
    double low, high;
    int log;
};

static void widen(struct scale *scale, double value)
{
    const double at = scale->log ? log10(value) : value;
    if (!isfinite(at))
        return;
    scale->low = fmin(scale->low, at);
    scale->high = fmax(scale->high, at);
}

static double share(const struct scale *scale, double value)
{
    const double at = scale->log ? log10(value) : value;
    return scale->high > scale->low ? (at - scale->low) / (scale->high - scale->low) : 0.5;
}

static double x_of(const struct lethe_plot_series *s, size_t i)
{
    return s->x ? s->x[i] : (double)(i + 1);
}

static void scales_of(struct scale *x, struct scale *y, const struct lethe_plot *plot)
{
    *x = (struct scale){INFINITY, -INFINITY, plot->x.log};
    *y = (struct scale){INFINITY, -INFINITY, plot->y.log};
    if (plot->square)
        *x = *y = (struct scale){0, 1, 0};
    for (size_t k = 0; !plot->square && k < plot->series_count; k++)
        for (size_t i = 0; i < plot->series[k].n; i++) {
            widen(x, x_of(&plot->series[k], i));
            widen(y, plot->series[k].y[i]);
        }
    for (size_t k = 0; !plot->square && k < plot->mark_count; k++) {
        widen(x, plot->marks[k].x);
        widen(y, plot->marks[k].y);
    }
    if (plot->cells) {
        *x = (struct scale){0.5, (double)plot->cells->columns + 0.5, 0};
        *y = (struct scale){0.5, (double)plot->cells->rows + 0.5, 0};
    }
    const struct lethe_plot_axis *axes[] = {&plot->x, &plot->y};
    struct scale *scales[] = {x, y};
    for (int d = 0; d < 2; d++)
        if (axes[d]->low < axes[d]->high) {
            scales[d]->low = axes[d]->log ? log10(axes[d]->low) : axes[d]->low;
            scales[d]->high = axes[d]->log ? log10(axes[d]->high) : axes[d]->high;
        }
}

static int holds(const struct box *box, double x, double y)
{
    return x > box->x0 && x < box->x1 && y > box->y0 && y < box->y1;
}

/* Points of a line within the box, sampled between its corners too. */
static size_t crossings(const struct box *box, const struct lethe_plot_series *s,
                        const struct scale *x, const struct scale *y)
{
    enum { BETWEEN = 16 };
    const int joined = s->style != LETHE_PLOT_POINTS && s->style != LETHE_PLOT_CIRCLES;
    size_t inside = 0;
    for (size_t i = 0; i < s->n; i++) {
        const double x1 = share(x, x_of(s, i)), y1 = share(y, s->y[i]);
        inside += (size_t)holds(box, x1, y1);
        if (!i || !joined)
            continue;
        const double x0 = share(x, x_of(s, i - 1)), y0 = share(y, s->y[i - 1]);
        for (int k = 1; k < BETWEEN; k++) {
            const double t = (double)k / BETWEEN;
            inside += (size_t)holds(box, x0 + t * (x1 - x0), y0 + t * (y1 - y0));
        }
    }
    return inside;
}

static double overlap(const struct box *a, const struct box *b)
{
    const double w = fmin(a->x1, b->x1) - fmax(a->x0, b->x0);
    const double h = fmin(a->y1, b->y1) - fmax(a->y0, b->y0);
    return w > 0 && h > 0 ? w * h : 0;
}

static struct box box_of(const struct lethe_label_place *place, double x, double y,
                         const char *label, double wide)
{
    const double length = wide * (double)lethe_text_columns(label ? label : "");
    const double at = x + wide * place->dx;
    const double x0 = *place->align == 'l'   ? at
                      : *place->align == 'r' ? at - length
                                             : at - length / 2;
    const double middle = y + tall * place->dy;
    return (struct box){x0, x0 + length, middle - tall / 2, middle + tall / 2};
}

static double cost(const struct box *box, const struct lethe_plot *plot, const struct scale *x,
                   const struct scale *y, const struct box *taken, size_t count)
{
    const double outside = 1e4, on_words = 1e7;
    double sum = 0;
    if (box->x0 < 0 || box->x1 > 1 || box->y0 < 0 || box->y1 > 1)
        sum += outside;
    for (size_t k = 0; k < plot->series_count; k++)
        sum += (double)crossings(box, &plot->series[k], x, y);
    for (size_t k = 0; k < count; k++)
        sum += on_words * overlap(box, &taken[k]);
    for (size_t k = 0; k < plot->mark_count; k++)
        sum += 20 * (double)holds(box, share(x, plot->marks[k].x), share(y, plot->marks[k].y));
    return sum;
}

void lethe_labels_place(struct lethe_label_place *places, const struct lethe_plot *plot)
{
    static const struct lethe_label_place around[] = {
        {"left", 1, 0.6}, {"left", 1, -0.6}, {"right", -1, 0.6}, {"right", -1, -0.6},
        {"center", 0, 1}, {"center", 0, -1}, {"left", 2, 2},     {"right", -2, 2},
        {"left", 2, -2},  {"right", -2, -2}, {"center", 0, 2.5}, {"center", 0, -2.5}};
    enum { MOST = 64, AROUND = sizeof around / sizeof *around };
    struct scale x, y;
    struct box taken[MOST];
    scales_of(&x, &y, plot);
    for (size_t k = 0; k < plot->mark_count; k++) {
        const struct lethe_plot_mark *mark = &plot->marks[k];
        const size_t known = k < MOST ? k : MOST;
        double least = INFINITY;
        for (size_t c = 0; c < AROUND; c++) {
            const struct box box = box_of(&around[c], share(&x, mark->x), share(&y, mark->y),
                                          mark->label, width_of(plot));
            const double now = cost(&box, plot, &x, &y, taken, known);
            if (now >= least)
                continue;
            least = now;
            places[k] = around[c];
            if (k < MOST)
                taken[k] = box;
        }
    }
}
