/* SPDX-License-Identifier: MIT
 * Charts in character cells. Each function draws plain series into an area and knows neither the
 * model nor the terminal; the form (braille, blocks, ASCII) follows the canvas's charset. Values
 * that are NaN are unknown and leave a gap. Shape carries every value; colour only repeats it. */
#ifndef LETHE_CHART_CHART_H
#define LETHE_CHART_CHART_H

#include <stddef.h>
#include "lethe/plot.h"
#include "ui/term/canvas.h"

/* One line of a curve chart. x may be NULL: 0, 1, 2, ... */
struct lethe_series {
    const char *name;
    const double *x, *y; /* (count) */
    size_t count;
    uint16_t ink;
    int points; /* 1: marks only, as in a scatter plot; 0: joined */
    int marks;  /* joined, and every value is marked */
};

struct lethe_axes {
    double x_lo, x_hi, y_lo, y_hi; /* lo == hi: from the data */
    int log_x, log_y;              /* non-positive values are left out */
    int diagonal;                  /* the line of chance of a ROC curve */
    const char *x_name, *y_name;   /* may be NULL */
};

/* Levels of a value between lo and hi: 0 .. steps - 1, -1 for NaN. */
int lethe_chart_level(double value, double lo, double hi, int steps);

/* One cell per value, eight heights from 0 to hi; more values than columns share a cell by their
 * maximum. Values below `floor` are shown as a dot. Inks follow the ramp when ink is
 * LETHE_INK_RAMP. */
struct lethe_strip {
    const double *values;
    size_t count;
    double hi, floor;
    uint16_t ink;
};
void lethe_chart_strip(struct lethe_area row, const struct lethe_strip *strip);

/* A horizontal bar over the first fraction of the area's first row, in eighths of a cell. */
void lethe_chart_bar(struct lethe_area row, double fraction, uint16_t ink);

/* Counts in equal bins over [lo, hi] as vertical bars over the whole area; scaled to `top`. */
void lethe_chart_histogram(struct lethe_area area, const double *values, size_t count, double lo,
                           double hi, double top, uint16_t ink);
/* The largest share of values in one of `bins` bins, the `top` that fills an area of that width. */
double lethe_chart_histogram_top(const double *values, size_t count, double lo, double hi,
                                 int bins);

/* Lines over common axes with tick labels, and a legend when the area is wide enough. */
void lethe_chart_curves(struct lethe_area area, const struct lethe_series *series, size_t count,
                        const struct lethe_axes *axes);

/* A plot of the library, its title left out. */
void lethe_chart_plot(struct lethe_area area, const struct lethe_plot *plot);

/* values is (rows, cols) row-major; each value gets `cell` columns. NaN is blank. */
struct lethe_heat {
    const double *values;
    size_t rows, cols;
    double lo, hi;
    int cell;
    size_t mark_row, mark_col; /* the current point, drawn in brackets */
};
void lethe_chart_heat(struct lethe_area area, const struct lethe_heat *heat);

/* Picture of a sample: pixels is (height, width, channels), values in [0, 1], channels 1 or 3. Two
 * pixels to a cell where half blocks exist, else shades. */
struct lethe_picture {
    const double *pixels;
    size_t height, width, channels;
};
void lethe_chart_picture(struct lethe_area area, const struct lethe_picture *picture);

#endif
