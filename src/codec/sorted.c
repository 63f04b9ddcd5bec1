/* SPDX-License-Identifier: MIT
 * Rows that are equal in all given columns (all rows, when none are given), sorted by sixteen added
 * columns at once: the nearest is left or right, unless a row outside the group is nearer. Equal
 * values, the many zeros of rectified units, are looked up in the tie order of their row. */
#include "codec/settle.h"

#include <math.h>
#include <string.h>

#include "codec/tie.h"

enum { LANES = CODEC_LANES };

static void make_keys(double *keys, const float *block, const struct codec_group *group)
{
    for (size_t k = 0; k < group->count; k++) {
        size_t i = group->rows[k];
        for (size_t l = 0; l < LANES; l++) {
            double value = (double)(block[i * LANES + l] + 0.0f); /* no -0 */
            uint64_t bits;
            memcpy(&bits, &value, sizeof bits);
            bits |= i;
            memcpy(keys + k * LANES + l, &bits, sizeof bits);
        }
    }
}

/* One lane of the group as sorted points, and as a column by position. Floats are sorted already,
 * in the keys. */
static void take_lane(struct codec_row *row, const struct codec_group *group, unsigned lane)
{
    const uint64_t mask = ((uint64_t)1 << CODEC_INDEX_BITS) - 1;
    struct codec_bench *bench = row->bench;
    int floats = !row->question->table->x64;
    for (size_t k = 0; k < group->count; k++) {
        struct codec_point *point = &bench->points[k];
        uint64_t bits = group->rows[k];
        if (floats)
            memcpy(&bits, bench->keys + k * LANES + lane, sizeof bits);
        point->at = (uint32_t)(bits & mask);
        point->x = codec_row_value(row, lane, point->at) + 0.0; /* no -0 */
        bench->column[point->at] = point->x;
    }
    if (!floats)
        lethe_codec_column_sort(bench->points, group->count);
}

/* Nearest to the row at points[k] of a group: the nearest inside, unless one outside is nearer. */
static uint32_t settle_point(struct codec_row *row, const struct codec_group *group, unsigned lane,
                             size_t k)
{
    struct codec_bench *bench = row->bench;
    const struct codec_table *table = row->question->table;
    uint32_t key = table->tie[row->i];
    double low = lethe_codec_column_low(bench->points, group->count, k);
    struct codec_ties ties = {bench->column, table, group->first};
    uint32_t best = lethe_codec_column_nearest(bench->points, group->count, k, &ties);
    uint32_t tie = codec_tie(key, table->row[best]);
    for (size_t e = 0; e < group->outside_count && group->outside[e].x <= low; e++) {
        uint32_t j = group->outside[e].at, own = codec_tie(key, table->row[j]);
        double t = codec_row_value(row, lane, j) - codec_row_value(row, lane, row->i);
        double d = group->outside[e].x + t * t;
        if (d < low || (d <= low && own < tie)) {
            low = d;
            best = j;
            tie = own;
        }
    }
    return low < group->beyond ? best : lethe_codec_settle(row, lane, NULL);
}

/* Settles the open rows of one lane. */
static int64_t settle_lane(struct codec_row *row, const struct codec_group *group, unsigned lane)
{
    struct codec_bench *bench = row->bench;
    const struct codec_table *table = row->question->table;
    int64_t sum = 0;
    take_lane(row, group, lane);
    for (size_t k = 0; k < group->count; k++) {
        row->i = bench->points[k].at;
        if (!(bench->open[row->i] >> lane & 1))
            continue;
        row->has_d = 0;
        uint32_t m = settle_point(row, group, lane, k);
        sum += table->rank[row->i < m ? row->i : m];
        bench->settled++;
    }
    return sum;
}

/* Lanes in which the nearest inside is at distance 0. */
static unsigned equal_lanes(const float *best, unsigned open)
{
    unsigned equal = 0;
    for (unsigned lanes = open; lanes; lanes &= lanes - 1) { /* of the others nothing is known */
        unsigned l = (unsigned)__builtin_ctz(lanes);
        equal |= (unsigned)(best[l] == 0) << l;
    }
    return equal;
}

/* Compares row->i with the rows outside; returns the lanes of `open` that this decides. */
static unsigned walk_outside(uint32_t *at, struct codec_row *row, const struct codec_group *group,
                             unsigned open)
{
    struct codec_bench *bench = row->bench;
    size_t first = row->i * LANES;
    struct codec_walk walk;
    walk.begun = 1;
    walk.block = row->x32;
    walk.tiny = row->fast->tiny + row->block * LANES;
    walk.i = row->i;
    walk.list = group->near;
    walk.count = group->outside_count;
    walk.rest_count = 0;
    walk.visits = 0;
    walk.reach = group->reach;
    walk.slack = row->fast->slack;
    for (unsigned l = 0; l < LANES; l++) {
        unsigned known = open >> l & 1; /* other lanes are not to be waited for */
        walk.best[l] = known ? bench->best[first + l] : 0;
        walk.second[l] = known ? bench->second[first + l] : 0;
        walk.at[l] = known ? bench->at[first + l] : 0;
    }
    open &= ~row->fast->kernels->walk(&walk);
    for (unsigned lanes = open; lanes; lanes &= lanes - 1)
        at[__builtin_ctz(lanes)] = walk.at[__builtin_ctz(lanes)];
    bench->visits += walk.visits;
    return open;
}

/* Closes what equal rows and the rows outside decide for row->i; returns the lanes still open. */
static unsigned close_row(int64_t *sums, struct codec_row *row, const struct codec_group *group,
                          unsigned open)
{
    const uint32_t *rank = row->question->table->rank;
    size_t i = row->i;
    uint32_t at[LANES];
    unsigned equal = equal_lanes(row->bench->best + i * LANES, open), closed = 0;
    if (equal && group->first)
        closed =
            open & row->fast->kernels->same(at, row->x32, i, group->first + i * CODEC_FIRST, equal);
    unsigned apart = open & ~equal & ~closed;
    if (apart && group->outside_count)
        closed |= walk_outside(at, row, group, apart);
    for (unsigned lanes = closed; lanes; lanes &= lanes - 1) {
        unsigned l = (unsigned)__builtin_ctz(lanes);
        sums[l] += rank[i < at[l] ? i : at[l]];
    }
    return open & ~closed;
}

/* Floats first; returns the lanes in which rows are still open. */
static unsigned sort_lanes(int64_t *sums, struct codec_row *row, const struct codec_group *group,
                           unsigned live)
{
    const struct codec_fast *fast = row->fast;
    struct codec_bench *bench = row->bench;
    struct codec_line line = {.keys = bench->keys,
                              .count = group->count,
                              .rank = row->question->table->rank,
                              .bound = group->bound,
                              .open = bench->open,
                              .best = bench->best,
                              .second = bench->second,
                              .at = bench->at};
    unsigned left = 0;
    make_keys(bench->keys, row->x32, group);
    fast->kernels->sort(bench->keys, group->count);
    fast->kernels->line(&line);
    for (size_t l = 0; l < LANES; l++)
        sums[l] += line.sums[l];
    for (size_t k = 0; k < group->count; k++) {
        row->i = group->rows[k];
        if (bench->open[row->i] & live) {
            unsigned open = close_row(sums, row, group, bench->open[row->i] & live);
            bench->open[row->i] = (uint16_t)open;
            left |= open;
        }
    }
    return left;
}

void lethe_codec_group_sums(int64_t *sums, struct codec_row *row, const struct codec_group *group,
                            unsigned live)
{
    struct codec_bench *bench = row->bench;
    int floats = !row->question->table->x64;
    for (size_t k = 0; k < group->count; k++)
        bench->open[group->rows[k]] = (uint16_t)(floats ? 0 : live);
    unsigned left = floats ? sort_lanes(sums, row, group, live) : live;
    if (left && group->count < row->fast->n)
        for (size_t i = 0; i < row->fast->n; i++)
            bench->column[i] = NAN;
    for (; left; left &= left - 1) {
        unsigned lane = (unsigned)__builtin_ctz(left);
        sums[lane] += settle_lane(row, group, lane);
    }
}
