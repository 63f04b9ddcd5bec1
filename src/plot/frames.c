/* SPDX-License-Identifier: MIT
 * Plots of several frames in one picture: histograms one below the other, and panels side by side
 * that share their axes. */
#include "plot/script.h"

#include <math.h>

/* ---- histograms, one below the other --------------------------------------------------------- */

/* Several histograms lie over each other and hide what each shows: one row for each. */
static int in_rows(const struct lethe_plot *plot)
{
    size_t histograms = 0;
    for (size_t k = 0; !plot->cells && k < plot->series_count; k++)
        histograms += plot->series[k].style == LETHE_PLOT_HISTOGRAM && plot->series[k].n > 0;
    return histograms > 1 && histograms == plot->series_count;
}

/* What all of them lie within, and the tallest bar. */
static void extent(double low_high[2], double *top, const struct lethe_plot *plot)
{
    low_high[0] = INFINITY;
    low_high[1] = -INFINITY;
    *top = 0;
    for (size_t k = 0; k < plot->series_count; k++) {
        const struct lethe_plot_series *s = &plot->series[k];
        const double half = 0.5 * lethe_script_step(s);
        for (size_t i = 0; i < s->n; i++) {
            low_high[0] = fmin(low_high[0], (s->x ? s->x[i] : (double)(i + 1)) - half);
            low_high[1] = fmax(low_high[1], (s->x ? s->x[i] : (double)(i + 1)) + half);
            *top = fmax(*top, s->y[i]);
        }
    }
}

/* A mark is a line down through all rows: what is called a member lies to the left of it. */
static void put_marks(FILE *out, const struct lethe_plot *plot)
{
    for (size_t i = 0; i < plot->mark_count; i++)
        fprintf(out,
                "set arrow %zu from %.9g, graph 0 to %.9g, graph 1 nohead front dashtype 2 "
                "linewidth 2 linecolor rgb '%s'\n",
                i + 1, plot->marks[i].x, plot->marks[i].x, lethe_script_ink());
}

/* Beside the line, in the first row only. */
static void put_name_of_marks(FILE *out, const struct lethe_plot *plot, size_t row)
{
    for (size_t i = 0; i < plot->mark_count; i++) {
        fprintf(out, "unset label %zu\n", i + 1); /* the head of the script gave it a point */
        if (row)
            continue;
        fprintf(out, "set label %zu ", i + 1);
        lethe_script_text(out, plot->marks[i].label ? plot->marks[i].label : "");
        fprintf(out, " at %.9g, graph 0.86 left offset 0.8,0 noenhanced front textcolor rgb '%s'\n",
                plot->marks[i].x, lethe_script_ink());
    }
}

/* Row k from the top; its name stands in the row, numbers of the axis below the last one only. */
static void put_row(FILE *out, const struct lethe_plot *plot, size_t k)
{
    const double head = 0.12, foot = 0.13, gap = 0.02;
    const double tall = (1 - head - foot) / (double)plot->series_count;
    const double top = 1 - head - (double)k * tall;
    const struct lethe_plot_series *s = &plot->series[k];
    const int last = k + 1 == plot->series_count;
    fprintf(out, "set tmargin at screen %.4f\nset bmargin at screen %.4f\n", top - gap,
            top - tall + gap);
    if (!k && plot->y.label) {
        fputs("unset ylabel\nset label 1004 ", out);
        lethe_script_text(out, plot->y.label);
        fprintf(out, " at screen 0.02, screen 0.5 center rotate noenhanced textcolor rgb '%s'\n",
                lethe_script_ink());
    }
    if (k)
        fputs("unset label 1001\nunset label 1002\nunset label 1004\n", out);
    fputs(last ? "set format x '%g'\n" : "set format x ''\n", out);
    fputs(last && plot->x.label ? "set xlabel " : "unset xlabel\n", out);
    if (last && plot->x.label) {
        lethe_script_text(out, plot->x.label);
        fprintf(out, " noenhanced textcolor rgb '%s'\n", lethe_script_ink());
    }
    fputs("set label 1003 ", out);
    lethe_script_text(out, s->title ? s->title : "");
    fprintf(out, " at graph 0.99, graph 0.86 right noenhanced front textcolor rgb '%s'\n",
            lethe_script_colour(k));
    put_name_of_marks(out, plot, k);
    fprintf(out, "plot $s%zu ", k);
    lethe_script_with(out, s, lethe_script_step(s), lethe_script_colour(k));
    fputs(" notitle\n", out);
}

/* Between the numbers of a row's axis: two or three of them. */
static double row_step(double top)
{
    double step = 0.5;
    for (int k = 1; step > 0.5 * top && k < 12; k++)
        step = k % 3 == 1 ? step / 2.5 : step / 2; /* .5 .2 .1 .05 .02 .01 ... */
    return step;
}

static void put_rows(FILE *out, const struct lethe_plot *plot)
{
    double range[2], top;
    extent(range, &top, plot);
    for (size_t k = 0; k < plot->series_count; k++)
        lethe_script_data(out, plot, k, 0);
    fprintf(out, "unset key\nset ytics %.3g\nset lmargin at screen 0.09\n", row_step(top));
    if (plot->x.low >= plot->x.high)
        fprintf(out, "set xrange [%.9g:%.9g]\n", range[0], range[1]);
    fprintf(out, "set yrange [0:%.9g]\nset multiplot\n", top > 0 ? 1.05 * top : 1);
    put_marks(out, plot);
    for (size_t k = 0; k < plot->series_count; k++)
        put_row(out, plot, k);
    fputs("unset multiplot\n", out);
}

/* ---- panels, side by side -------------------------------------------------------------------- */

/* What all points lie within, with some room around. */
static void surround(double low_high[2], const struct lethe_plot *plot, int up)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t k = 0; k < plot->series_count; k++) {
        const struct lethe_plot_series *s = &plot->series[k];
        for (size_t i = 0; i < s->n; i++) {
            const double at = up ? s->y[i] : s->x ? s->x[i] : (double)(i + 1);
            if (isfinite(at)) {
                low = fmin(low, at);
                high = fmax(high, at);
            }
        }
    }
    const double room = low < high ? 0.05 * (high - low) : 1;
    low_high[0] = low - room;
    low_high[1] = high + room;
}

/* The series of panel p (from 1 on; 0: of any, as names without points). */
static void put_series(FILE *out, const struct lethe_plot *plot, size_t p)
{
    for (size_t k = 0; k < plot->series_count; k++) {
        const struct lethe_plot_series *s = &plot->series[k];
        if (p ? s->panel && s->panel != p : !s->title)
            continue;
        fprintf(out, p ? "$s%zu " : "$nothing ", k);
        lethe_script_with(out, s, lethe_script_step(s),
                          lethe_script_colour(s->colour ? s->colour - 1 : k));
        fputs(p ? " notitle" : " title ", out);
        if (!p)
            lethe_script_text(out, s->title);
        fputs(", ", out);
    }
    fputs("NaN notitle\n", out);
}

/* Panel p from the left, from 1 on. Only the first one has the numbers of the y axis. */
static void put_panel(FILE *out, const struct lethe_plot *plot, size_t p)
{
    const double left = 0.07, right = 0.02, gap = 0.015;
    const double wide = (1 - left - right) / (double)plot->panel_count;
    fprintf(out, "set lmargin at screen %.4f\nset rmargin at screen %.4f\n",
            left + (double)(p - 1) * wide + (p > 1 ? gap / 2 : 0),
            left + (double)p * wide - gap / 2);
    if (p > 1)
        fputs("unset label 1001\nunset label 1002\nunset ylabel\nset format y ''\n", out);
    fputs("set label 1003 ", out);
    lethe_script_text(out, plot->panels[p - 1]);
    fprintf(out, " at graph 0.5, graph 1.05 center noenhanced font ':Bold' textcolor rgb '%s'\n",
            lethe_script_ink());
    fputs("plot ", out);
    put_series(out, plot, p);
}

/* A frame without anything but the key, as wide as the picture: a key belongs to one frame. */
static void put_key(FILE *out, const struct lethe_plot *plot)
{
    fputs(
        "$nothing << END\nNaN NaN\nEND\nset key bmargin center horizontal\nunset label 1003\nset "
        "lmargin at screen 0.02\nset rmargin at "
        "screen 0.98\nset bmargin at screen 0.16\nset tmargin at screen 0.17\nunset border\nunset "
        "tics\nunset xlabel\nunset ylabel\nplot ",
        out);
    put_series(out, plot, 0);
}

static void put_panels(FILE *out, const struct lethe_plot *plot)
{
    for (size_t k = 0; k < plot->series_count; k++)
        lethe_script_data(out, plot, k, 0);
    for (int up = 0; up < 2; up++) {
        const struct lethe_plot_axis *axis = up ? &plot->y : &plot->x;
        double range[2];
        surround(range, plot, up);
        if (axis->low >= axis->high)
            fprintf(out, "set %srange [%.9g:%.9g]\n", up ? "y" : "x", range[0], range[1]);
    }
    fputs("unset key\nset multiplot\n", out);
    fputs("set tmargin at screen 0.82\nset bmargin at screen 0.3\n", out);
    for (size_t p = 1; p <= plot->panel_count; p++)
        put_panel(out, plot, p);
    put_key(out, plot);
    fputs("unset multiplot\n", out);
}

int lethe_frames_wanted(const struct lethe_plot *plot)
{
    return plot->panel_count || in_rows(plot);
}

void lethe_frames_put(FILE *out, const struct lethe_plot *plot)
{
    if (plot->panel_count)
        put_panels(out, plot);
    else
        put_rows(out, plot);
}
