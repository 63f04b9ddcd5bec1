/* SPDX-License-Identifier: MIT
 * A plot as a gnuplot script. The pieces stand in script_parts.c, pictures of several frames in
 * frames.c. Colours are told apart by the colour-blind; the map's scale is viridis. */
#include "lethe/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "plot/labels.h"
#include "plot/script.h"

static const char *const terminals[] = {
    [LETHE_PLOT_PNG] = "pngcairo size 1280,800 font 'DejaVu Sans,16' linewidth 1.6 rounded",
    [LETHE_PLOT_SVG] = "svg size 800,500 font 'DejaVu Sans,Helvetica,sans-serif,13' rounded",
    [LETHE_PLOT_PDF] = "pdfcairo size 16cm,10cm font 'DejaVu Sans,9' linewidth 1.2 rounded",
    [LETHE_PLOT_SIXEL] = "sixelgd size 720,450 font 'DejaVu Sans,10' truecolor",
};
_Static_assert(sizeof terminals / sizeof *terminals == LETHE_PLOT_FORMAT_COUNT,
               "a format without a terminal");

/* For panels side by side. */
static const char *const wide[] = {
    [LETHE_PLOT_PNG] = "pngcairo size 1600,720 font 'DejaVu Sans,16' linewidth 1.6 rounded",
    [LETHE_PLOT_SVG] = "svg size 1000,450 font 'DejaVu Sans,Helvetica,sans-serif,13' rounded",
    [LETHE_PLOT_PDF] = "pdfcairo size 24cm,10.8cm font 'DejaVu Sans,10' linewidth 1.2 rounded",
    [LETHE_PLOT_SIXEL] = "sixelgd size 900,405 font 'DejaVu Sans,10' truecolor",
};
_Static_assert(sizeof wide / sizeof *wide == LETHE_PLOT_FORMAT_COUNT, "a format without panels");

static const char grey[] = "#8A8A8A", pale[] = "#E4E4E4";

static void put_names(FILE *out, const char *axis, const struct lethe_plot_axis *a, size_t most)
{
    size_t every = a->name_count > most ? (a->name_count + most - 1) / most : 1, longest = 0;
    for (size_t i = 0; i < a->name_count; i++)
        longest = strlen(a->names[i]) > longest ? strlen(a->names[i]) : longest;
    size_t shown = (a->name_count + every - 1) / every;
    int slanted = *axis == 'x' && shown * (longest + 2) > 90;
    fprintf(out, "set %stics noenhanced nomirror scale 0 %s (", axis,
            slanted ? "rotate by 35 right" : "norotate");
    for (size_t i = 0; i < a->name_count; i += every) {
        fputs(i ? ", " : "", out);
        lethe_script_text(out, a->names[i]);
        fprintf(out, " %zu", i + 1);
    }
    fputs(")\n", out);
}

static void put_axis(FILE *out, const char *axis, const struct lethe_plot_axis *a)
{
    if (a->label) {
        fprintf(out, "set %slabel ", axis);
        lethe_script_text(out, a->label);
        fprintf(out, " noenhanced textcolor rgb '%s'\n", lethe_script_ink());
    }
    if (a->log)
        fprintf(out, "set logscale %s\nset format %s '%%g'\n", axis, axis);
    if (a->low < a->high) {
        fprintf(out, "set %srange [", axis);
        lethe_script_number(out, a->low);
        fputs(" :", out);
        lethe_script_number(out, a->high);
        fputs(" ]\n", out);
    }
    if (a->step > 0)
        fprintf(out, "set %stics %.9g\n", axis, a->step);
    if (!a->names)
        return;
    put_names(out, axis, a, *axis == 'x' ? 24 : 30);
    fprintf(out, "set grid no%stics\n", axis); /* positions with names are not a scale */
}

static void put_head(FILE *out, const struct lethe_plot *plot, enum lethe_plot_format format)
{
    fprintf(out, "set encoding utf8\nset terminal %s background rgb '#FFFFFF'\n",
            plot->panel_count ? wide[format] : terminals[format]);
    fprintf(out, "set border 3 linecolor rgb '%s' linewidth 0.8\n", grey);
    fprintf(out, "set tics nomirror out scale 0.5 textcolor rgb '%s'\n", lethe_script_ink());
    fprintf(out, "set grid linecolor rgb '%s' linewidth 0.6 linetype 1\n", pale);
    /* titles stand flush left above the frame, as in print */
    double top = 1;
    if (plot->title) {
        fputs("set label 1001 ", out);
        lethe_script_text(out, plot->title);
        fprintf(out,
                " at graph 0, graph 1 offset 0,%s left noenhanced font ':Bold,%d' "
                "textcolor rgb '%s'\n",
                plot->subtitle      ? "2.3"
                : plot->panel_count ? "2.4"
                                    : "1.2",
                format == LETHE_PLOT_PNG ? 19 : 12, lethe_script_ink());
        top += plot->subtitle ? 3.6 : 2.4;
    }
    if (plot->subtitle) {
        fputs("set label 1002 ", out);
        lethe_script_text(out, plot->subtitle);
        fprintf(out, " at graph 0, graph 1 offset 0,0.9 left noenhanced textcolor rgb '%s'\n",
                grey);
    }
    fprintf(out, "set tmargin %g\nset rmargin 4\n", top);
    fprintf(out,
            "set key bmargin center horizontal Left reverse noenhanced textcolor rgb '%s' "
            "samplen 1.6 width 2 height 0.8\n",
            lethe_script_ink());
    put_axis(out, "x", &plot->x);
    put_axis(out, "y", &plot->y);
}

static void put_marks(FILE *out, const struct lethe_plot *plot,
                      const struct lethe_label_place *places)
{
    if (plot->mark_count) /* words must be read on every colour, and where a line crosses them */
        fputs("set style textbox opaque noborder fillcolor rgb '#FFFFFF'\n", out);
    for (size_t i = 0; i < plot->mark_count; i++) {
        const struct lethe_plot_mark *m = &plot->marks[i];
        fprintf(out, "set label %zu ", i + 1);
        lethe_script_text(out, m->label ? m->label : "");
        fputs(" at", out);
        lethe_script_number(out, m->x);
        fputs(",", out);
        lethe_script_number(out, m->y);
        fprintf(out,
                " %s offset %g,%g noenhanced front point pointtype 7 pointsize 1.1 "
                "linecolor rgb '%s' textcolor rgb '%s' boxed\n",
                places[i].align, places[i].dx, places[i].dy,
                plot->cells ? "#FFFFFF" : lethe_script_ink(), lethe_script_ink());
    }
}

/* ---- series ---------------------------------------------------------------------------------- */

static size_t is_bars(const struct lethe_plot *plot, size_t s)
{
    return plot->series[s].style == LETHE_PLOT_BARS ? 1 : 0;
}

/* What lies under or over the main drawing of a series: the band, or error bars. */
static void put_spread(FILE *out, const struct lethe_plot_series *s, size_t k, const char *colour)
{
    if (!s->low || !s->high)
        return;
    if (s->style == LETHE_PLOT_BAND)
        fprintf(out,
                "$s%zu using 1:3:4 with filledcurves fillstyle transparent solid 0.18 noborder "
                "fillcolor rgb '%s' notitle, ",
                k, colour);
    else
        fprintf(out,
                "$s%zu using 1:3:(0):($4-$3) with vectors heads size screen 0.006,90 linewidth 1.2 "
                "linecolor rgb '%s' notitle, ",
                k, lethe_script_ink());
}

/* The lowest bar; 0 when none is below. */
static double lowest_bar(const struct lethe_plot *plot)
{
    double least = 0;
    for (size_t k = 0; k < plot->series_count; k++)
        for (size_t i = 0; is_bars(plot, k) && i < plot->series[k].n; i++)
            if (plot->series[k].y[i] < least)
                least = plot->series[k].y[i];
    return least;
}

static void put_series(FILE *out, const struct lethe_plot *plot)
{
    size_t bars = 0, bar = 0, colour = 0;
    for (size_t k = 0; k < plot->series_count; k++)
        bars += is_bars(plot, k);
    double width = 0.8 / (double)(bars ? bars : 1);
    for (size_t k = 0; k < plot->series_count; k++)
        lethe_script_data(out, plot, k,
                          is_bars(plot, k) ? width * ((double)bar++ - 0.5 * (double)(bars - 1))
                                           : 0);
    if (bars && plot->x.names && !(plot->x.low < plot->x.high))
        fprintf(out, "set xrange [0.4:%g]\n", (double)plot->x.name_count + 0.6);
    if (bars && !plot->y.log && !(plot->y.low < plot->y.high))
        fputs(lowest_bar(plot) < 0 ? "set xzeroaxis linetype 1\n" : "set yrange [0:*]\n", out);
    fputs("plot ", out);
    if (plot->square)
        fprintf(out, "x with lines dashtype 2 linecolor rgb '%s' notitle, ", grey);
    for (size_t k = 0; k < plot->series_count; k++) {
        const struct lethe_plot_series *s = &plot->series[k];
        const size_t own = s->colour ? s->colour - 1 : colour;
        const char *paint = s->reference && !s->colour ? grey : lethe_script_colour(own);
        colour += !s->reference && !s->colour;
        if (s->style == LETHE_PLOT_BAND)
            put_spread(out, s, k, paint);
        fprintf(out, "$s%zu ", k);
        lethe_script_with(out, s, s->style == LETHE_PLOT_BARS ? 0.92 * width : lethe_script_step(s),
                          paint);
        fputs(s->title ? " title " : " notitle", out);
        if (s->title)
            lethe_script_text(out, s->title);
        fputs(", ", out);
        if (s->style != LETHE_PLOT_BAND)
            put_spread(out, s, k, paint);
    }
    fputs("NaN notitle\n", out);
}

/* ---- map ------------------------------------------------------------------------------------- */

/* Numbers on a colour bar of a logarithmic scale, which within a decade would have none: five, from
 * the smallest to the largest. */
static void put_scale(FILE *out, const struct lethe_plot_cells *cells)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < cells->rows * cells->columns; i++)
        if (isfinite(cells->value[i]) && cells->value[i] > 0) {
            low = fmin(low, cells->value[i]);
            high = fmax(high, cells->value[i]);
        }
    fputs("set logscale cb\nset format cb '%g'\n", out);
    if (!(low < high))
        return;
    fputs("set cbtics noenhanced (", out);
    for (int k = 0; k < 5; k++) {
        const double at = low * pow(high / low, k / 4.0);
        char text[16];
        lethe_script_short(text, sizeof text, at);
        fprintf(out, "%s'%s' %.9g", k ? ", " : "", text, at);
    }
    fputs(")\n", out);
}

static void put_cells(FILE *out, const struct lethe_plot *plot)
{
    const struct lethe_plot_cells *cells = plot->cells;
    fputs("$cells << END\n", out);
    for (size_t r = 0; r < cells->rows; r++)
        for (size_t c = 0; c < cells->columns; c++) {
            double value = cells->value[r * cells->columns + c];
            fprintf(out, "%zu %zu", c + 1, r + 1);
            lethe_script_number(out, cells->log && value <= 0 ? NAN : value);
            putc('\n', out);
        }
    fputs("END\nunset key\nunset grid\nset rmargin at screen 0.8\nset border 0\n", out);
    fputs("set palette defined (0 '#440154', 1 '#46327E', 2 '#365C8D', 3 '#277F8E', "
          "4 '#1FA187', 5 '#4AC16D', 6 '#A0DA39', 7 '#FDE725')\n",
          out);
    if (cells->log)
        put_scale(out, cells);
    if (cells->label) {
        fputs("set cblabel ", out);
        lethe_script_text(out, cells->label);
        fprintf(out, " noenhanced textcolor rgb '%s'\n", lethe_script_ink());
    }
    fprintf(out, "set xrange [0.5:%g]\nset yrange [0.5:%g]\n", (double)cells->columns + 0.5,
            (double)cells->rows + 0.5);
    fputs("plot $cells using 1:2:3 with image pixels notitle\n", out);
}

static enum lethe_err check(const struct lethe_plot *plot, struct lethe_error *err)
{
    size_t drawn = 0;
    if (plot->cells)
        for (size_t i = 0; i < plot->cells->rows * plot->cells->columns; i++)
            drawn +=
                isfinite(plot->cells->value[i]) && (!plot->cells->log || plot->cells->value[i] > 0);
    for (size_t k = 0; !plot->cells && k < plot->series_count; k++)
        for (size_t i = 0; i < plot->series[k].n; i++)
            drawn += isfinite(plot->series[k].y[i]) && (!plot->y.log || plot->series[k].y[i] > 0);
    if (!drawn)
        return lethe_fail(err, LETHE_EARG, "nothing to plot: no value is finite%s",
                          plot->y.log || (plot->cells && plot->cells->log) ? " and positive" : "");
    return LETHE_OK;
}

enum lethe_err lethe_plot_script(char **script, const struct lethe_plot *plot,
                                 enum lethe_plot_format format, struct lethe_error *err)
{
    enum lethe_err code = check(plot, err);
    if (code)
        return code;
    char *text = NULL;
    size_t size = 0;
    struct lethe_label_place *places = lethe_alloc(plot->mark_count + 1, sizeof *places);
    FILE *out = places ? open_memstream(&text, &size) : NULL;
    if (!out) {
        lethe_free(places);
        return lethe_fail_memory(err, "a plot script", 1, 4096);
    }
    lethe_labels_place(places, plot);
    put_head(out, plot, format);
    put_marks(out, plot, places);
    lethe_free(places);
    if (plot->square)
        fputs("set size ratio 1\nset xrange [0:1]\nset yrange [0:1]\n", out);
    if (plot->cells)
        put_cells(out, plot);
    else if (lethe_frames_wanted(plot))
        lethe_frames_put(out, plot);
    else
        put_series(out, plot);
    int failed = ferror(out);
    if (fclose(out) || failed) {
        lethe_free(text);
        return lethe_fail_memory(err, "a plot script", size, 1);
    }
    *script = text;
    return LETHE_OK;
}
