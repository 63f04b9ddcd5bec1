/* SPDX-License-Identifier: MIT
 * CODEC by its definition and nothing else: every pair of rows, no order, no blocks. The library
 * has to give the same integers. Columns are taken as they are: no scaling, no jitter. */
#ifndef LETHE_TESTS_CODEC_BRUTE_H
#define LETHE_TESTS_CODEC_BRUTE_H

#include "lethe/codec.h"

/* Nearest other row of row i in the given columns of x (n, p), ties by lethe_codec_tie. */
size_t brute_nearest(const double *x, size_t n, size_t p, const size_t *columns, size_t count,
                     uint64_t seed, size_t i);
/* Sum over rows of min(R_i, R_nearest(i)). */
int64_t brute_sum(const double *x, const double *y, size_t n, size_t p, const size_t *columns,
                  size_t count, uint64_t seed);
/* Greedy selection with no stop: order and sums (max). dead (p) marks columns to leave out. */
size_t brute_order(size_t *order, int64_t *sums, const double *x, const double *y, size_t n,
                   size_t p, size_t max, const unsigned char *dead, uint64_t seed);

#endif
