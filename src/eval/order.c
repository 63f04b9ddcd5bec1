/* SPDX-License-Identifier: MIT
 * Order statistics, mean and standard deviation of doubles.
 * Check: the quartiles of 1, 2, 4, 8 are 1.75, 3 and 5; their sd is 3.0957. */
#include "eval/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void lethe_sort(double *x, size_t n)
{
    if (n > 1)
        qsort(x, n, sizeof *x, ascending);
}

double *lethe_sorted_copy(const double *x, size_t n, const char *what, struct lethe_error *err)
{
    double *copy = lethe_alloc(n, sizeof *copy);
    if (!copy) {
        lethe_fail_memory(err, what, n, sizeof *copy);
        return NULL;
    }
    if (n)
        memcpy(copy, x, n * sizeof *copy);
    lethe_sort(copy, n);
    return copy;
}

size_t lethe_count_below(const double *sorted, size_t n, double x)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t lethe_count_upto(const double *sorted, size_t n, double x)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double lethe_quantile(const double *sorted, size_t n, double q)
{
    if (!n)
        return NAN;
    double place = q * (double)(n - 1);
    size_t below = (size_t)place;
    if (below + 1 >= n)
        return sorted[n - 1];
    double part = place - (double)below;
    if (part == 0) /* an infinite neighbour must not spoil an exact hit */
        return sorted[below];
    return sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

double lethe_mean(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return n ? sum / (double)n : NAN;
}

double lethe_sd(const double *x, size_t n)
{
    if (n < 2)
        return NAN;
    double mean = lethe_mean(x, n), square = 0;
    for (size_t i = 0; i < n; i++)
        square += (x[i] - mean) * (x[i] - mean);
    return sqrt(square / (double)(n - 1));
}
