/* SPDX-License-Identifier: MIT
 * Nearest neighbours in one column: sort, then look left and right. */
#ifndef LETHE_CODEC_COLUMN_H
#define LETHE_CODEC_COLUMN_H

#include "codec/table.h"

struct codec_point {
    double x;
    uint32_t at; /* position */
};

/* nearest is (n): the position nearest to each position by (x[j] - x[i])^2 in double, ties by
 * codec_tie. x is (n), points is scratch of n. */
void lethe_codec_column(uint32_t *nearest, const double *x, const struct codec_table *table,
                        struct codec_point *points);
/* What tells equally near rows apart. */
struct codec_ties {
    const double *x; /* (n) by position; NaN for rows that are not among the points */
    const struct codec_table *table;
    const uint32_t *first; /* (n, CODEC_FIRST) as table->first, or NULL */
};
/* By x, equal ones by position. */
void lethe_codec_column_sort(struct codec_point *points, size_t count);
/* The same for the row at points[k]; points is (count), sorted. */
uint32_t lethe_codec_column_nearest(const struct codec_point *points, size_t count, size_t k,
                                    const struct codec_ties *ties);
/* Its squared distance. */
double lethe_codec_column_low(const struct codec_point *points, size_t count, size_t k);

#endif
