/* SPDX-License-Identifier: MIT
 * A plane in character cells: decisions as ground, their borders as lines, samples as letters. */
#ifndef LETHE_CHART_PLANE_H
#define LETHE_CHART_PLANE_H

#include <stddef.h>
#include "ui/term/canvas.h"

enum lethe_plane_mark { LETHE_MARK_SAMPLE, LETHE_MARK_FORGET, LETHE_MARK_GONE };

struct lethe_plane_line {
    const double *at; /* (count, 2), NAN between lines; NULL: none */
    size_t count;
};

struct lethe_plane_chart {
    double low[2], high[2]; /* what is shown along x and y */
    /* Ground: class and its probability on a grid (rows, cols) from low to high, row 0 below. */
    const int *top;
    const double *sure;
    size_t rows, cols, classes;
    struct lethe_plane_line before, now, retrained;
    const double *at;          /* (count, 2) samples */
    const int *label;          /* (count) */
    const unsigned char *mark; /* (count) enum lethe_plane_mark */
    size_t count, cursor;      /* sample under the cursor; count or more: none */
};

/* Over the whole area. */
void lethe_chart_plane(struct lethe_area area, const struct lethe_plane_chart *plane);
/* The letter samples of a class stand as. */
uint32_t lethe_chart_plane_letter(int label, size_t classes);
uint16_t lethe_chart_plane_ink(int label);
/* Three columns of the line of before (0), now (1) or retrained (2), for a legend. */
void lethe_chart_plane_swatch(struct lethe_area row, int which);
/* The point of the plane in the middle of a cell. */
void lethe_chart_plane_point(double at[2], const struct lethe_plane_chart *plane,
                             struct lethe_area area, int y, int x);

#endif
