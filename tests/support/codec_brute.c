/* SPDX-License-Identifier: MIT
 * The definition of codec_brute.h, one loop per symbol of the formula. */
#include "tests/support/codec_brute.h"

#include <stdlib.h>

size_t brute_nearest(const double *x, size_t n, size_t p, const size_t *columns, size_t count,
                     uint64_t seed, size_t i)
{
    size_t best = SIZE_MAX;
    double low = 0;
    for (size_t j = 0; j < n; j++) {
        if (j == i)
            continue;
        double d = 0;
        for (size_t k = 0; k < count; k++) {
            double t = x[j * p + columns[k]] - x[i * p + columns[k]];
            d += t * t;
        }
        if (best == SIZE_MAX || d < low ||
            (d == low && lethe_codec_tie(seed, i, j) < lethe_codec_tie(seed, i, best))) {
            best = j;
            low = d;
        }
    }
    return best;
}

static int64_t rank_of(const double *y, size_t n, size_t i)
{
    int64_t rank = 0;
    for (size_t j = 0; j < n; j++)
        rank += y[j] <= y[i];
    return rank;
}

int64_t brute_sum(const double *x, const double *y, size_t n, size_t p, const size_t *columns,
                  size_t count, uint64_t seed)
{
    int64_t *rank = malloc(n * sizeof *rank), sum = 0;
    if (!rank)
        abort();
    for (size_t i = 0; i < n; i++)
        rank[i] = rank_of(y, n, i);
    for (size_t i = 0; i < n; i++) {
        size_t m = brute_nearest(x, n, p, columns, count, seed, i);
        sum += rank[i] < rank[m] ? rank[i] : rank[m];
    }
    free(rank);
    return sum;
}

size_t brute_order(size_t *order, int64_t *sums, const double *x, const double *y, size_t n,
                   size_t p, size_t max, const unsigned char *dead, uint64_t seed)
{
    size_t count = 0;
    unsigned char *skip = malloc(p);
    if (!skip)
        abort();
    for (size_t c = 0; c < p; c++)
        skip[c] = dead[c];
    for (; count < max; count++) {
        int64_t best = -1;
        for (size_t c = 0; c < p; c++) {
            if (skip[c])
                continue;
            size_t columns[64];
            for (size_t k = 0; k < count; k++)
                columns[k] = order[k];
            columns[count] = c;
            int64_t sum = brute_sum(x, y, n, p, columns, count + 1, seed);
            if (sum > best) {
                best = sum;
                order[count] = c;
            }
        }
        if (best < 0)
            break;
        sums[count] = best;
        skip[order[count]] = 1;
    }
    free(skip);
    return count;
}
