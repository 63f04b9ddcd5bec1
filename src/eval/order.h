/* SPDX-License-Identifier: MIT
 * Order statistics of doubles. NAN must not occur in the data. */
#ifndef LETHE_EVAL_ORDER_H
#define LETHE_EVAL_ORDER_H

#include <stddef.h>
#include "lethe/error.h"

void lethe_sort(double *x, size_t n); /* ascending, in place */
/* A sorted copy in heap memory (lethe_free); NULL with err filled. */
double *lethe_sorted_copy(const double *x, size_t n, const char *what, struct lethe_error *err);
/* How many of sorted(n) are < x, and how many are <= x. */
size_t lethe_count_below(const double *sorted, size_t n, double x);
size_t lethe_count_upto(const double *sorted, size_t n, double x);
/* Quantile by linear interpolation between order statistics (R's type 7, NumPy's default). */
double lethe_quantile(const double *sorted, size_t n, double q);

double lethe_mean(const double *x, size_t n); /* NAN for n = 0 */
double lethe_sd(const double *x, size_t n);   /* divisor n - 1; NAN for n < 2 */

#endif
