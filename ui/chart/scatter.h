/* SPDX-License-Identifier: MIT
 * Points of a plane in character cells: their set is a mark, their class a colour or a letter. */
#ifndef LETHE_CHART_SCATTER_H
#define LETHE_CHART_SCATTER_H

#include <stddef.h>
#include "ui/term/canvas.h"

enum lethe_scatter_mark {
    LETHE_SCATTER_RETAIN,  /* a dot */
    LETHE_SCATTER_HELDOUT, /* a ring */
    LETHE_SCATTER_FORGET,  /* a disc */
    LETHE_SCATTER_MARKS
};

struct lethe_scatter {
    double low[2], high[2]; /* what is shown along x and y */
    const double *at;       /* (count, 2) */
    const int *label;       /* (count) */
    const unsigned char *mark;
    size_t count, classes;
    size_t cursor;    /* point under the cursor; count or more: none */
    unsigned showing; /* a bit for each mark */
    int letters;      /* a letter for the class, but for those to be forgotten */
};

/* Over the whole area. */
void lethe_chart_scatter(struct lethe_area area, const struct lethe_scatter *scatter);
/* How a mark looks in this area, for a legend. */
void lethe_chart_scatter_swatch(struct lethe_area area, int y, int x, int mark);
/* The shown point nearest to the middle of a cell, by its distance on the screen; count when there
 * is none within two rows. */
size_t lethe_chart_scatter_nearest(const struct lethe_scatter *scatter, struct lethe_area area,
                                   int y, int x);

#endif
