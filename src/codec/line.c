/* SPDX-License-Identifier: MIT
 * On a sorted line squared distances never fall to either side, so the equally near rows are one
 * run to the left and one to the right of a row. */
#include "codec/line.h"

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

static uint32_t nearest_of(const struct codec_point *points, size_t k,
                           const struct codec_table *table)
{
    size_t n = table->n;
    uint32_t key = table->tie[points[k].at], best = 0;
    uint64_t first = UINT64_MAX;
    double low = k > 0 ? square(points[k - 1].x - points[k].x) : 0;
    if (k + 1 < n) {
        double right = square(points[k + 1].x - points[k].x);
        low = k == 0 || right < low ? right : low;
    }
    for (size_t j = k; j-- > 0 && square(points[j].x - points[k].x) <= low;) {
        uint32_t tie = codec_tie(key, table->row[points[j].at]);
        if (tie < first) {
            first = tie;
            best = points[j].at;
        }
    }
    for (size_t j = k + 1; j < n && square(points[j].x - points[k].x) <= low; j++) {
        uint32_t tie = codec_tie(key, table->row[points[j].at]);
        if (tie < first) {
            first = tie;
            best = points[j].at;
        }
    }
    return best;
}

void lethe_codec_line(uint32_t *nearest, const double *x, const struct codec_table *table,
                      struct codec_point *points)
{
    size_t n = table->n;
    for (size_t i = 0; i < n; i++)
        points[i] = (struct codec_point){x[i], (uint32_t)i};
    qsort(points, n, sizeof *points, by_x);
    for (size_t k = 0; k < n; k++)
        nearest[points[k].at] = nearest_of(points, k, table);
}
