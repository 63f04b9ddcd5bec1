/* SPDX-License-Identifier: MIT
 * Nearest neighbours by the definition: squared distances in double, summed in order of selection,
 * equal ones told apart by codec_tie. Everything faster has to agree with this file. */
#ifndef LETHE_CODEC_EXACT_H
#define LETHE_CODEC_EXACT_H

#include "codec/table.h"

/* d is (n): squared distances of position i over the given columns, (count, n); d[i] is NaN. */
void lethe_codec_distances(double *d, const double *given, size_t count, size_t n, size_t i);
/* Position nearest to i by d[j] + (x[j] - x[i])^2. lows is scratch of codec_lows(n) doubles. */
size_t lethe_codec_nearest(const double *d, const double *x, const struct codec_table *table,
                           size_t i, double *lows);
size_t lethe_codec_lows(size_t n);

/* sums[c] = sum over i of rank[min(i, M_c(i))] for every column c that is not skipped, M_c being
 * the nearest in the given columns and c. */
struct codec_question {
    struct codec_table *table; /* the fast path may add `first` to it */
    const double *given;       /* (count, n), the selected columns in order */
    size_t count;
    const unsigned char *skip; /* (p), not 0: leave sums[c] alone */
    struct lethe_threads *pool;
    struct lethe_watch *watch; /* only its flag is looked at */
};
enum lethe_err lethe_codec_sums_exact(int64_t *sums, const struct codec_question *question,
                                      struct lethe_error *err);

#endif
