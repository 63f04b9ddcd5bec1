/* SPDX-License-Identifier: MIT
 * Nearest neighbours in one column. Among sorted values squared distances never fall to either
 * side, so the equally near rows are one run to the left and one to the right of a row. */
#include "codec/column.h"

#include <math.h>
#include <stdlib.h>

#include "codec/tie.h"

static int by_x(const void *a, const void *b)
{
    const struct codec_point *s = a, *t = b;
    if (s->x != t->x)
        return s->x < t->x ? -1 : 1;
    return s->at < t->at ? -1 : 1;
}

static double square(double t)
{
    return t * t;
}

/* First row in the tie order of position i that is as near as `low`; CODEC_NONE when the
 * beginning of that order has none. */
static uint32_t first_as_near(const struct codec_ties *ties, uint32_t i, double low)
{
    const uint32_t *first = ties->first + (size_t)i * CODEC_FIRST;
    const double *x = ties->x;
    for (size_t t = 0; t < CODEC_FIRST && first[t] != CODEC_NONE; t++)
        if (square(x[first[t]] - x[i]) <= low)
            return first[t];
    return CODEC_NONE;
}

/* Whether the run of equally near rows goes on for `step` points to one side. */
static int runs_on(const struct codec_point *points, size_t k, size_t n, double low)
{
    enum { STEP = 24 };
    return (k >= STEP && square(points[k - STEP].x - points[k].x) <= low) ||
           (k + STEP < n && square(points[k + STEP].x - points[k].x) <= low);
}

double lethe_codec_column_low(const struct codec_point *points, size_t count, size_t k)
{
    double low = k > 0 ? square(points[k - 1].x - points[k].x) : INFINITY;
    double right = k + 1 < count ? square(points[k + 1].x - points[k].x) : INFINITY;
    return right < low ? right : low;
}

uint32_t lethe_codec_column_nearest(const struct codec_point *points, size_t count, size_t k,
                                    const struct codec_ties *ties)
{
    const struct codec_table *table = ties->table;
    uint32_t key = table->tie[points[k].at], best = CODEC_NONE;
    uint64_t first = UINT64_MAX;
    double low = lethe_codec_column_low(points, count, k);
    if (ties->first && runs_on(points, k, count, low))
        best = first_as_near(ties, points[k].at, low);
    if (best != CODEC_NONE)
        return best;
    for (size_t j = k; j-- > 0 && square(points[j].x - points[k].x) <= low;) {
        uint32_t tie = codec_tie(key, table->row[points[j].at]);
        if (tie < first) {
            first = tie;
            best = points[j].at;
        }
    }
    for (size_t j = k + 1; j < count && square(points[j].x - points[k].x) <= low; j++) {
        uint32_t tie = codec_tie(key, table->row[points[j].at]);
        if (tie < first) {
            first = tie;
            best = points[j].at;
        }
    }
    return best;
}

void lethe_codec_column_sort(struct codec_point *points, size_t count)
{
    qsort(points, count, sizeof *points, by_x);
}

void lethe_codec_column(uint32_t *nearest, const double *x, const struct codec_table *table,
                        struct codec_point *points)
{
    size_t n = table->n;
    for (size_t i = 0; i < n; i++)
        points[i] = (struct codec_point){x[i], (uint32_t)i};
    const struct codec_ties ties = {x, table, table->first};
    lethe_codec_column_sort(points, n);
    for (size_t k = 0; k < n; k++)
        nearest[points[k].at] = lethe_codec_column_nearest(points, n, k, &ties);
}
