/* SPDX-License-Identifier: MIT
 * Pieces of a gnuplot script. Text goes into single quotes only, where gnuplot interprets nothing
 * (in double quotes backticks would run programs); data goes into data blocks that hold nothing but
 * numbers. Colours are Okabe and Ito's, told apart by the colour-blind. */
#include "plot/script.h"

#include <math.h>

#include "base/visible.h"

static const char *const colours[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
                                      "#56B4E9", "#5B4B8A", "#A6761D", "#B2182B", "#7CAE00"};
enum { COLOURS = sizeof colours / sizeof *colours };
static const char ink[] = "#333333";

const char *lethe_script_colour(size_t n)
{
    return colours[n % COLOURS];
}

const char *lethe_script_ink(void)
{
    return ink;
}

/* A quote is doubled, what would end the line or hide stands as an escape. */
void lethe_script_text(FILE *out, const char *text)
{
    char piece[LETHE_VISIBLE_ROOM];
    putc('\'', out);
    while (lethe_visible_next(piece, &text)) {
        if (piece[0] == '\'')
            putc('\'', out);
        fputs(piece, out);
    }
    putc('\'', out);
}

void lethe_script_number(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, " %.9g", value);
    else
        fputs(" NaN", out);
}

void lethe_script_short(char *text, size_t size, double number)
{
    snprintf(text, size, number >= 10 && number < 1e5 ? "%.0f" : "%.2g", number);
}

/* Bars are moved to their place in the group. */
void lethe_script_data(FILE *out, const struct lethe_plot *plot, size_t k, double shift)
{
    const struct lethe_plot_series *s = &plot->series[k];
    fprintf(out, "$s%zu << END\n", k);
    for (size_t i = 0; i < s->n; i++) {
        lethe_script_number(out, (s->x ? s->x[i] : (double)(i + 1)) + shift);
        lethe_script_number(out, s->y[i]);
        lethe_script_number(out, s->low ? s->low[i] : s->y[i]);
        lethe_script_number(out, s->high ? s->high[i] : s->y[i]);
        putc('\n', out);
    }
    fputs("END\n", out);
}

double lethe_script_step(const struct lethe_plot_series *s)
{
    return s->x && s->n > 1 ? fabs(s->x[1] - s->x[0]) : 1;
}

void lethe_script_with(FILE *out, const struct lethe_plot_series *s, double width,
                       const char *colour)
{
    static const char *const plain[LETHE_PLOT_STYLE_COUNT] = {
        [LETHE_PLOT_LINE] = "with lines",
        [LETHE_PLOT_POINTS] = "with points",
        [LETHE_PLOT_CIRCLES] = "with points pointtype 6 pointsize 1.9",
        [LETHE_PLOT_LINE_POINTS] = "with linespoints pointtype 7 pointsize 0.9",
        [LETHE_PLOT_STEPS] = "with steps",
        [LETHE_PLOT_BAND] = "with lines",
    };
    static const char *const points[LETHE_POINT_COUNT] = {
        [LETHE_POINT_DISC] = " pointtype 7 pointsize 0.8",
        [LETHE_POINT_DOT] = " pointtype 7 pointsize 0.3",
        [LETHE_POINT_RING] = " pointtype 6 pointsize 0.5",
        [LETHE_POINT_CIRCLE] = " pointtype 6 pointsize 1.4",
        [LETHE_POINT_SQUARE] = " pointtype 5 pointsize 1.1",
    };
    if (plain[s->style])
        fprintf(out, "using 1:2 %s%s linewidth %s linecolor rgb '%s'%s", plain[s->style],
                s->style == LETHE_PLOT_POINTS ? points[s->point] : "",
                s->point == LETHE_POINT_RING ? "1" : "2", colour,
                s->reference ? " dashtype (9,7)" : "");
    else
        fprintf(out,
                "using 1:2:(%.6g) with boxes linecolor rgb '%s' linewidth 1 fillstyle transparent "
                "solid %s border",
                width, colour, s->style == LETHE_PLOT_HISTOGRAM ? "0.35" : "0.85");
}
