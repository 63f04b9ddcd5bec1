/* SPDX-License-Identifier: MIT
 * One row and one lane by the definition: floats find the rows that may be nearest, doubles and the
 * order of ties choose among them. */
#include "codec/settle.h"

#include <math.h>

#include "codec/tie.h"

enum { LANES = CODEC_LANES };

/* A lane's values in rising order, and what to look for among them. */
struct by_line {
    const float *x;        /* the lane of the block, LANES apart */
    const uint32_t *order; /* (n) positions by value */
    float at, low, bound;  /* the row's own; the nearest so far; the largest that may be nearer */
    float shrink, tiny;
    size_t found;
};

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

/* First place whose value is not below the row's own. */
static size_t own_place(const struct by_line *line, size_t n)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (line->x[(size_t)line->order[middle] * LANES] < line->at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Looks at the row at place m: 0 when it and all behind it are too far by the lane's value alone.
 */
static int look_at(struct by_line *line, struct codec_row *row, size_t m)
{
    const size_t j = line->order[m], count = row->question->count;
    const float *own = row->fast->point + row->i * count, *other = row->fast->point + j * count;
    float t = line->x[j * LANES] - line->at, d = 0;
    t *= t;
    if (t * line->shrink > line->bound)
        return 0;
    for (size_t k = 0; k < count; k++) {
        float u = other[k] - own[k];
        d += u * u;
    }
    d += t;
    if (d * line->shrink > line->bound || j == row->i)
        return 1;
    row->bench->found[line->found++] = (uint32_t)j;
    if (d < line->low) {
        line->low = d;
        line->bound = d * row->fast->slack.grow + line->tiny;
    }
    return 1;
}

/* contenders() for a row of which some neighbour, at distance `low`, is known: only rows as near on
 * the lane's own line can be nearer. They are looked at from the row to both sides, so that what
 * is found narrows the rest. Returns 0 when these are so many that a scan is faster. */
static size_t contenders_on_line(struct codec_row *row, unsigned lane, float low)
{
    const struct codec_fast *fast = row->fast;
    size_t n = fast->n, most = n / 8;
    struct by_line line = {.x = row->x32 + lane,
                           .order =
                               row->question->table->by_value + (row->block * LANES + lane) * n,
                           .at = row->x32[row->i * LANES + lane],
                           .shrink = fast->slack.shrink,
                           .low = low,
                           .tiny = fast->tiny[row->block * LANES + lane]};
    line.bound = low * fast->slack.grow + line.tiny;
    size_t place = own_place(&line, n), left = place, right = place;
    for (int more_left = 1, more_right = 1; more_left || more_right;) {
        more_left = more_left && left > 0 && look_at(&line, row, --left);
        more_right = more_right && right < n && look_at(&line, row, right++);
        if (right - left > most)
            return 0;
    }
    return line.found;
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
    size_t count = 0;
    if (walk && table->by_value && isfinite(walk->best[lane]))
        count = contenders_on_line(row, lane, walk->best[lane]);
    if (count == 0)
        count = contenders(row, lane);
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
