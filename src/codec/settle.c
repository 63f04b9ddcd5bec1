/* SPDX-License-Identifier: MIT
 * One row and one lane by the definition: floats find the rows that may be nearest, doubles and the
 * order of ties choose among them. */
#include "codec/settle.h"

#include <math.h>

#include "codec/tie.h"

enum { LANES = CODEC_LANES };

static double exact(const struct codec_row *row, unsigned lane, size_t j)
{
    const struct codec_question *question = row->question;
    size_t n = row->fast->n, i = row->i;
    double d = 0;
    for (size_t k = 0; k < question->count; k++) {
        double t = question->given[k * n + j] - question->given[k * n + i];
        d += t * t;
    }
    double t = codec_row_value(row, lane, j) - codec_row_value(row, lane, i);
    return d + t * t;
}

/* In tiles of LANES rows, which stay in the nearest cache while their columns are written. */
static void turn_block(struct codec_row *row)
{
    size_t n = row->fast->n;
    float *x = row->bench->x;
    const float *block = row->x32;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            for (size_t r = 0; r < LANES; r++)
                x[l * n + i + r] = block[(i + r) * LANES + l];
    for (; i < n; i++)
        for (size_t l = 0; l < LANES; l++)
            x[l * n + i] = block[i * LANES + l];
    row->has_x = 1;
}

/* All rows that may be nearest, into bench->found; i itself may be among them. */
static size_t contenders(struct codec_row *row, unsigned lane)
{
    const struct codec_fast *fast = row->fast;
    size_t n = fast->n;
    if (!row->has_x)
        turn_block(row);
    if (!row->has_d) {
        size_t count = row->question->count;
        const struct codec_columns given = {fast->given, count, n};
        fast->kernels->distances(row->bench->d, &given, fast->point + row->i * count, n);
        row->bench->d[row->i] = INFINITY;
    }
    row->has_d = 1;
    const float *x = row->bench->x + lane * n;
    const float *d = row->bench->d;
    float *lows = row->bench->lows, at = x[row->i];
    float low = fast->kernels->lowest(lows, d, x, at, n);
    float tiny = fast->tiny[row->block * LANES + lane];
    const float bounds[2] = {at, low * fast->slack.grow + tiny};
    size_t count = 0;
    for (size_t s = 0, j = 0; j < n; s++, j += CODEC_STRETCH) {
        if (lows[s] * fast->slack.shrink > bounds[1])
            continue;
        size_t some = n - j < CODEC_STRETCH ? n - j : CODEC_STRETCH;
        uint32_t *found = row->bench->found + count;
        some = fast->kernels->within(found, d + j, x + j, bounds, some);
        for (size_t k = 0; k < some; k++)
            found[k] += (uint32_t)j;
        count += some;
    }
    return count;
}

uint32_t lethe_codec_settle(struct codec_row *row, unsigned lane, const struct codec_walk *walk)
{
    const struct codec_table *table = row->question->table;
    row->bench->settled++;
    if (walk && table->first && walk->best[lane] == 0 && exact(row, lane, walk->at[lane]) == 0) {
        const uint32_t *first = table->first + row->i * CODEC_FIRST;
        for (size_t k = 0; k < CODEC_FIRST && first[k] != CODEC_NONE; k++)
            if (exact(row, lane, first[k]) == 0)
                return first[k];
    }
    size_t count = contenders(row, lane);
    const uint32_t *found = row->bench->found;
    double low = INFINITY;
    uint64_t tie = UINT64_MAX;
    uint32_t best = 0;
    for (size_t k = 0; k < count; k++) {
        if (found[k] == row->i)
            continue;
        double d = exact(row, lane, found[k]);
        uint32_t own = codec_tie(table->tie[row->i], table->row[found[k]]);
        if (d < low || (d <= low && own < tie)) {
            low = d;
            tie = own;
            best = found[k];
        }
    }
    return best;
}
