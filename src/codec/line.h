/* SPDX-License-Identifier: MIT
 * Nearest neighbours in one column: sort, then look left and right. */
#ifndef LETHE_CODEC_LINE_H
#define LETHE_CODEC_LINE_H

#include "codec/table.h"

struct codec_point {
    double x;
    uint32_t at; /* position */
};

/* nearest is (n): the position nearest to each position by (x[j] - x[i])^2 in double, ties by
 * codec_tie. x is (n), points is scratch of n. */
void lethe_codec_line(uint32_t *nearest, const double *x, const struct codec_table *table,
                      struct codec_point *points);
/* The same for the row at points[k]; points is (count), sorted. x by position is NaN for rows that
 * are not among the points. */
uint32_t lethe_codec_line_nearest(const struct codec_point *points, size_t count, size_t k,
                                  const double *x, const struct codec_table *table);
/* Its squared distance. */
double lethe_codec_line_low(const struct codec_point *points, size_t count, size_t k);

#endif
