/* SPDX-License-Identifier: MIT
 * One question for all float columns. Nothing given: sort sixteen columns at once and look left and
 * right. Otherwise two jobs: lists of every row's nearest rows in the given columns, then every
 * block of sixteen columns walks every list until no lane can improve. Lanes left open, or with two
 * rows too close for floats, are settled one by one in double. */
#include "codec/fast.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "codec/tie.h"

enum { LANES = CODEC_LANES };

static enum lethe_err copy_given(struct codec_fast *fast, const struct codec_question *question,
                                 struct lethe_error *err)
{
    size_t n = fast->n, count = question->count;
    if (count > fast->given_room) {
        size_t room = count + count / 2 + 8;
        float *given = lethe_realloc(fast->given, room, n * sizeof *given);
        if (!given)
            return lethe_fail_memory(err, "selected columns", room, n * sizeof *given);
        fast->given = given;
        fast->given_room = room;
    }
    for (size_t e = 0; e < count * n; e++)
        fast->given[e] = (float)question->given[e]; /* exact: they were floats */
    /* Rounding: 3 per square, one per addition; what underflows is less than 2^-126. */
    float slack = (float)(count + 8) * 0x1p-24f;
    fast->slack = (struct codec_slack){1 - 4 * slack, 1 + 4 * slack, 0x1p-120f};
    return LETHE_OK;
}

/* One pass over blocks. Long tables with few blocks are cut into parts, to keep workers busy. */
struct pass {
    struct codec_fast *fast;
    const struct codec_question *question;
    size_t parts;
};

/* Bits of the lanes of a block that are asked for. */
static unsigned live_lanes(const struct codec_question *question, size_t block)
{
    unsigned live = 0;
    for (size_t l = 0; l < LANES; l++) {
        size_t column = block * LANES + l;
        if (column < question->table->p && !question->skip[column])
            live |= 1u << l;
    }
    return live;
}

static void add_sums(struct codec_bench *bench, const int64_t *sums, size_t block, unsigned live)
{
    for (size_t l = 0; l < LANES; l++)
        if (live >> l & 1)
            bench->sums[block * LANES + l] += sums[l];
}

/* rows (count) of a block; NULL: all of them. */
static void make_keys(double *keys, const float *block, const uint32_t *rows, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        size_t i = rows ? rows[k] : k;
        for (size_t l = 0; l < LANES; l++) {
            double value = (double)(block[i * LANES + l] + 0.0f); /* no -0 */
            uint64_t bits;
            memcpy(&bits, &value, sizeof bits);
            bits |= i;
            memcpy(keys + k * LANES + l, &bits, sizeof bits);
        }
    }
}

/* One row of one block, while its open lanes are settled. */
struct row {
    const struct pass *job;
    struct codec_bench *bench;
    const float *block;
    size_t i;
    int has_x, has_d; /* bench->x holds this block, bench->d this row */
};

static double exact(const struct row *row, unsigned lane, size_t j)
{
    const struct codec_question *question = row->job->question;
    size_t n = row->job->fast->n, i = row->i;
    double d = 0;
    for (size_t k = 0; k < question->count; k++) {
        double t = question->given[k * n + j] - question->given[k * n + i];
        d += t * t;
    }
    double t = (double)row->block[j * LANES + lane] - (double)row->block[i * LANES + lane];
    return d + t * t;
}

/* In tiles of LANES rows, which stay in the nearest cache while their columns are written. */
static void turn_block(struct row *row)
{
    size_t n = row->job->fast->n;
    float *x = row->bench->x;
    const float *block = row->block;
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
static size_t contenders(struct row *row, unsigned lane)
{
    const struct codec_fast *fast = row->job->fast;
    size_t n = fast->n;
    if (!row->has_x)
        turn_block(row);
    if (!row->has_d)
        fast->kernels->distances(row->bench->d, fast->given, row->job->question->count, n, row->i);
    row->has_d = 1;
    const float *x = row->bench->x + lane * n;
    float low = fast->kernels->lowest(row->bench->d, x, x[row->i], n);
    const float bounds[2] = {x[row->i], low * fast->slack.grow + fast->slack.tiny};
    return fast->kernels->within(row->bench->found, row->bench->d, x, bounds, n);
}

/* Nearest row by the definition; walk (NULL: none) is what the lists gave. */
static uint32_t settle(struct row *row, unsigned lane, const struct codec_walk *walk)
{
    const struct codec_table *table = row->job->question->table;
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

/* Turns one lane of sorted keys into points, and into a column by position. */
static void take_lane(struct codec_bench *bench, size_t count, unsigned lane)
{
    const uint64_t mask = ((uint64_t)1 << CODEC_INDEX_BITS) - 1;
    for (size_t k = 0; k < count; k++) {
        uint64_t bits;
        memcpy(&bits, bench->keys + k * LANES + lane, sizeof bits);
        struct codec_point *point = &bench->points[k];
        point->at = (uint32_t)(bits & mask);
        bits &= ~mask;
        memcpy(&point->x, &bits, sizeof point->x);
        bench->column[point->at] = point->x;
    }
}

/* Nearest to the row at points[k] of a group: the nearest inside, unless one outside is nearer. */
static uint32_t settle_point(struct row *row, const struct codec_group *group, unsigned lane,
                             size_t k)
{
    struct codec_bench *bench = row->bench;
    const struct codec_table *table = row->job->question->table;
    const float *x = row->block + lane;
    uint32_t key = table->tie[row->i];
    double low = lethe_codec_line_low(bench->points, group->count, k);
    uint32_t best = lethe_codec_line_nearest(bench->points, group->count, k, bench->column, table);
    uint32_t tie = codec_tie(key, table->row[best]);
    for (size_t e = 0; e < group->outside_count && group->outside[e].x <= low; e++) {
        uint32_t j = group->outside[e].at, own = codec_tie(key, table->row[j]);
        double t = (double)x[j * LANES] - (double)x[row->i * LANES];
        double d = group->outside[e].x + t * t;
        if (d < low || (d <= low && own < tie)) {
            low = d;
            best = j;
            tie = own;
        }
    }
    return low < group->beyond ? best : settle(row, lane, NULL);
}

/* Settles the rows of one lane that the sorted keys left open. */
static int64_t settle_lane(struct row *row, const struct codec_group *group, unsigned lane)
{
    struct codec_bench *bench = row->bench;
    const struct codec_table *table = row->job->question->table;
    int64_t sum = 0;
    take_lane(bench, group->count, lane);
    for (size_t k = 0; k < group->count; k++) {
        if (!(bench->unsure[k] >> lane & 1))
            continue;
        row->i = bench->points[k].at;
        row->has_d = 0;
        uint32_t m = settle_point(row, group, lane, k);
        sum += table->rank[row->i < m ? row->i : m];
        bench->settled++;
    }
    return sum;
}

/* One group of rows in one block of columns: the rows sorted by each column. */
static void line_group(struct row *row, const struct codec_group *group, size_t block,
                       unsigned live)
{
    const struct codec_fast *fast = row->job->fast;
    struct codec_bench *bench = row->bench;
    struct codec_line line = {.keys = bench->keys,
                              .n = group->count,
                              .rank = row->job->question->table->rank,
                              .bound = group->bound,
                              .unsure = bench->unsure};
    unsigned open = 0;
    make_keys(bench->keys, row->block, group->rows, group->count);
    fast->kernels->sort(bench->keys, group->count);
    fast->kernels->line(&line);
    for (size_t k = 0; k < group->count; k++)
        open |= bench->unsure[k];
    if (open & live && group->count < fast->n)
        for (size_t i = 0; i < fast->n; i++)
            bench->column[i] = NAN;
    for (unsigned lanes = open & live; lanes; lanes &= lanes - 1) {
        unsigned lane = (unsigned)__builtin_ctz(lanes);
        line.sums[lane] += settle_lane(row, group, lane);
    }
    add_sums(bench, line.sums, block, live);
}

/* With nothing given all rows are one group, and nothing is outside. */
static void line_block(void *argument, size_t block, unsigned worker)
{
    struct pass *job = argument;
    const struct codec_group all = {.count = job->fast->n, .bound = INFINITY, .beyond = INFINITY};
    struct row row = {.job = job, .bench = &job->fast->bench[worker]};
    unsigned live = live_lanes(job->question, block);
    row.block = job->question->table->x32 + block * LANES * job->fast->n;
    if (live)
        line_group(&row, &all, block, live);
}

static void walk_block(void *argument, size_t item, unsigned worker)
{
    struct pass *job = argument;
    struct codec_fast *fast = job->fast;
    const struct codec_table *table = job->question->table;
    size_t n = fast->n, block = item / job->parts, part = item % job->parts;
    unsigned live = live_lanes(job->question, block);
    struct row row = {.job = job, .bench = &fast->bench[worker]};
    row.block = table->x32 + block * LANES * n;
    struct codec_walk walk = {.block = row.block, .slack = fast->slack};
    int64_t sums[LANES] = {0};
    if (!live)
        return;
    size_t end = fast->lone_count * (part + 1) / job->parts;
    for (size_t k = fast->lone_count * part / job->parts; k < end; k++) {
        size_t i = fast->lone[k];
        walk.i = row.i = i;
        walk.list = fast->list + i * fast->capacity;
        walk.count = fast->length[i];
        walk.reach = fast->reach[i];
        row.has_d = 0;
        for (unsigned open = fast->kernels->walk(&walk) & live; open; open &= open - 1) {
            unsigned lane = (unsigned)__builtin_ctz(open);
            walk.at[lane] = settle(&row, lane, &walk);
            row.bench->settled++;
        }
        for (size_t l = 0; l < LANES; l++)
            sums[l] += table->rank[i < walk.at[l] ? i : walk.at[l]];
    }
    row.bench->visits += walk.visits;
    add_sums(row.bench, sums, block, live);
    for (size_t g = part; g < fast->group_count; g += job->parts)
        line_group(&row, &fast->group[g], block, live);
}

static void start_benches(struct codec_fast *fast)
{
    for (size_t w = 0; w < fast->workers; w++) {
        memset(fast->bench[w].sums, 0, fast->p * sizeof *fast->bench[w].sums);
        fast->bench[w].visits = fast->bench[w].settled = 0;
    }
}

static void add_benches(int64_t *sums, struct codec_fast *fast, const unsigned char *skip)
{
    fast->visits = fast->settled = 0;
    for (size_t w = 0; w < fast->workers; w++) {
        fast->visits += fast->bench[w].visits;
        fast->settled += fast->bench[w].settled;
    }
    for (size_t c = 0; c < fast->p; c++) {
        if (skip[c])
            continue;
        sums[c] = 0;
        for (size_t w = 0; w < fast->workers; w++)
            sums[c] += fast->bench[w].sums[c];
    }
}

enum lethe_err lethe_codec_sums_fast(int64_t *sums, const struct codec_question *question,
                                     struct codec_fast *fast, struct lethe_error *err)
{
    const struct codec_table *table = question->table;
    size_t blocks = codec_blocks(table->p);
    struct pass job = {.fast = fast, .question = question, .parts = 1};
    fast->kernels = table->kernels;
    enum lethe_err code = lethe_codec_fast_prepare(fast, question, err);
    if (code == LETHE_OK)
        code = copy_given(fast, question, err);
    /* A run of equals costs its square per column; the orders cost about two such columns. */
    if (code == LETHE_OK && !table->first && table->repeats > 2 * table->n)
        code = lethe_codec_firsts(fast, question, err);
    if (code != LETHE_OK)
        return code;
    start_benches(fast);
    if (question->count == 0) {
        lethe_codec_pool_run(question->pool, line_block, &job, blocks, question->watch);
    } else {
        code = lethe_codec_groups(fast, question, err);
        if (code != LETHE_OK)
            return code;
        lethe_codec_lists(fast, question);
        job.parts = blocks < 64 ? (64 + blocks - 1) / blocks : 1;
        job.parts = job.parts < table->n / 64 + 1 ? job.parts : table->n / 64 + 1;
        lethe_codec_pool_run(question->pool, walk_block, &job, blocks * job.parts, question->watch);
    }
    add_benches(sums, fast, question->skip);
    return LETHE_OK;
}
