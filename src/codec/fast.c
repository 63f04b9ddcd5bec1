/* SPDX-License-Identifier: MIT
 * One question for all columns. Nothing given: sort sixteen columns at once and look left and
 * right. Otherwise two jobs: lists of every row's nearest rows in the given columns, then every
 * block of sixteen columns walks every list until no lane can improve. Lanes left open, or with two
 * rows too close for floats, are settled one by one in double. */
#include "codec/fast.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "codec/settle.h"

enum { LANES = CODEC_LANES };

/* A distance of rounded doubles is off by a share and an amount: (sqrt(d) + e)^2 is at most
 * (1 + SHARE) d + (1 + 1 / SHARE) e^2, and the same downwards. */
#define SHARE 0x1p-12

/* The amount for a sum of squared errors, thrice: it is compared with others of its kind. */
static float amount(double square)
{
    return (float)(3 * (1 + 1 / SHARE) * square) + 0x1p-120f;
}

/* Copies given columns as floats, exactly if they were floats; returns the sum of squared errors,
 * or infinity when the columns are lost beside the largest of the table. */
static double narrow_given(struct codec_fast *fast, const struct codec_question *question)
{
    const struct codec_table *table = question->table;
    size_t n = fast->n;
    double square = 0, widest = 0, middle = 0, half = 0;
    for (size_t k = 0; k < question->count; k++) {
        const double *x = question->given + k * n;
        if (table->x64)
            lethe_codec_range(&middle, &half, x, n);
        double factor = table->x64 ? table->factor : 1;
        double error = table->x64 ? lethe_codec_narrow_error(half * factor) : 0;
        for (size_t i = 0; i < n; i++) {
            fast->given[k * n + i] = (float)((x[i] - middle) * factor);
            fast->point[i * question->count + k] = fast->given[k * n + i];
        }
        square += error * error;
        widest = half * factor > widest ? half * factor : widest;
    }
    return table->x64 && question->count && widest < 0x1p-40 ? INFINITY : square;
}

/* Copies what is given; 0 in *fits when floats would say nothing. */
static enum lethe_err copy_given(int *fits, struct codec_fast *fast,
                                 const struct codec_question *question, struct lethe_error *err)
{
    const struct codec_table *table = question->table;
    size_t n = fast->n, count = question->count;
    if (count > fast->given_room) {
        size_t room = count + count / 2 + 8;
        lethe_codec_fast_forget_given(fast);
        fast->given = lethe_alloc_aligned(room, n * sizeof *fast->given);
        fast->point = lethe_alloc_aligned(room, n * sizeof *fast->point);
        fast->ordered = lethe_alloc_aligned(room, (n + CODEC_SAMPLE) * sizeof *fast->ordered);
        if (!fast->given || !fast->point || !fast->ordered) {
            lethe_codec_fast_forget_given(fast);
            return lethe_fail_memory(err, "selected columns", room, n * sizeof *fast->given);
        }
        fast->given_room = room;
    }
    double square = narrow_given(fast, question);
    *fits = isfinite(square);
    /* Rounding: 3 per square, one per addition; what underflows is less than 2^-126. */
    float slack = (float)(count + 8) * 0x1p-24f + (table->x64 ? (float)SHARE : 0);
    fast->slack = (struct codec_slack){1 - 4 * slack, 1 + 4 * slack, amount(square)};
    for (size_t c = 0; c < codec_blocks(table->p) * LANES; c++) {
        double error = table->x64 ? table->error[c] : 0;
        fast->tiny[c] = amount(square + error * error);
    }
    return LETHE_OK;
}

/* One pass over blocks. Long tables with few blocks are cut into parts, to keep workers busy. */
struct pass {
    struct codec_fast *fast;
    const struct codec_question *question;
    size_t parts;
    size_t rows; /* lone rows with lists, from list_from on */
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

static struct codec_row begin_block(const struct pass *job, size_t block, unsigned worker)
{
    const struct codec_fast *fast = job->fast;
    return (struct codec_row){.question = job->question,
                              .fast = fast,
                              .bench = &fast->bench[worker],
                              .block = block,
                              .x32 = job->question->table->x32 + block * LANES * fast->n};
}

/* With nothing given all rows are one group, and nothing is outside. */
static void line_block(void *argument, size_t block, unsigned worker)
{
    struct pass *job = argument;
    const struct codec_group all = {.rows = job->fast->lone,
                                    .count = job->fast->n,
                                    .bound = INFINITY,
                                    .beyond = INFINITY,
                                    .first = job->question->table->first};
    struct codec_row row = begin_block(job, block, worker);
    unsigned live = live_lanes(job->question, block);
    int64_t sums[LANES] = {0};
    if (!live)
        return;
    lethe_codec_group_sums(sums, &row, &all, live);
    add_sums(row.bench, sums, block, live);
}

/* Asks for the beginning of the next list: a walk ends where it cannot be foreseen, so the
 * processor does not look ahead itself. Always inlined, as gcc drops calls that only do this. */
static inline __attribute__((always_inline)) void fetch_next(const struct codec_fast *fast,
                                                             size_t k)
{
    enum { LINE = 64, LINES = 4 };
    size_t ahead = k + 1 - fast->list_from;
    if (k + 1 >= fast->lone_count || ahead >= fast->list_rows)
        return;
    const char *next = (const char *)(codec_list(fast, k + 1) + fast->reach[ahead].rest);
    for (size_t line = 0; line < LINES; line++)
        __builtin_prefetch(next + LINE * line);
}

/* Adds the k-th lone row to sums. */
static void walk_row(int64_t *sums, struct codec_row *row, size_t k, unsigned live)
{
    const struct codec_fast *fast = row->fast;
    const uint32_t *rank = row->question->table->rank;
    const struct codec_reach *reach = &fast->reach[k - fast->list_from];
    size_t i = fast->lone[k];
    struct codec_walk walk;
    walk.begun = 0;
    walk.block = row->x32;
    walk.tiny = fast->tiny + row->block * LANES;
    walk.i = row->i = i;
    walk.rest = codec_list(fast, k);
    walk.rest_count = reach->rest;
    walk.list = walk.rest + walk.rest_count;
    walk.count = reach->length;
    walk.visits = 0;
    walk.beyond = reach->beyond;
    walk.reach = reach->limit;
    walk.slack = fast->slack;
    row->has_d = 0;
    fetch_next(fast, k);
    for (unsigned open = fast->kernels->walk(&walk) & live; open; open &= open - 1) {
        unsigned lane = (unsigned)__builtin_ctz(open);
        walk.at[lane] = lethe_codec_settle(row, lane, &walk);
    }
    for (size_t l = 0; l < LANES; l++)
        sums[l] += rank[i < walk.at[l] ? i : walk.at[l]];
    row->bench->visits += walk.visits;
}

static void walk_block(void *argument, size_t item, unsigned worker)
{
    struct pass *job = argument;
    const struct codec_fast *fast = job->fast;
    size_t block = item / job->parts, part = item % job->parts;
    unsigned live = live_lanes(job->question, block);
    struct codec_row row = begin_block(job, block, worker);
    int64_t sums[LANES] = {0};
    if (!live)
        return;
    size_t end = fast->list_from + job->rows * (part + 1) / job->parts;
    for (size_t k = fast->list_from + job->rows * part / job->parts; k < end; k++)
        walk_row(sums, &row, k, live);
    for (size_t g = part; fast->list_from == 0 && g < fast->group_count; g += job->parts)
        lethe_codec_group_sums(sums, &row, &fast->group[g], live);
    add_sums(row.bench, sums, block, live);
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

static void run_line(struct codec_fast *fast, const struct codec_question *question)
{
    struct pass job = {.fast = fast, .question = question, .parts = 1};
    for (size_t i = 0; i < fast->n; i++)
        fast->lone[i] = (uint32_t)i;
    lethe_threads_run(question->pool, line_block, &job, codec_blocks(fast->p), question->watch);
}

static enum lethe_err run_walk(struct codec_fast *fast, const struct codec_question *question,
                               struct lethe_error *err)
{
    struct pass job = {.fast = fast, .question = question, .parts = 1};
    size_t blocks = codec_blocks(fast->p), most = fast->n / 64 + 1;
    enum lethe_err code = lethe_codec_groups(fast, question, err);
    if (code == LETHE_OK)
        code = lethe_codec_sort_columns(fast, question, err);
    if (code != LETHE_OK)
        return code;
    lethe_codec_lists_begin(fast, question);
    job.parts = blocks < 32 ? (32 + blocks - 1) / blocks : 1;
    job.parts = job.parts < most ? job.parts : most;
    for (size_t from = 0; from == 0 || from < fast->lone_count; from += fast->list_rows) {
        lethe_codec_lists(fast, question, from);
        size_t left = fast->lone_count - from;
        job.rows = left < fast->list_rows ? left : fast->list_rows;
        lethe_threads_run(question->pool, walk_block, &job, blocks * job.parts, question->watch);
    }
    return LETHE_OK;
}

enum lethe_err lethe_codec_sums_fast(int64_t *sums, const struct codec_question *question,
                                     struct codec_fast *fast, struct lethe_error *err)
{
    const struct codec_table *table = question->table;
    int fits = 1;
    fast->kernels = table->kernels;
    enum lethe_err code = lethe_codec_table_firsts(question->table, question->pool, err);
    if (code == LETHE_OK && table->x64 && (question->count == 0 || table->factor <= 0))
        return lethe_codec_sums_exact(sums, question, err);
    if (code == LETHE_OK)
        code = lethe_codec_fast_prepare(fast, question, err);
    if (code == LETHE_OK)
        code = copy_given(&fits, fast, question, err);
    if (code == LETHE_OK && !fits)
        return lethe_codec_sums_exact(sums, question, err);
    if (code != LETHE_OK)
        return code;
    start_benches(fast);
    if (question->count == 0)
        run_line(fast, question);
    else
        code = run_walk(fast, question, err);
    if (code == LETHE_OK)
        add_benches(sums, fast, question->skip);
    return code;
}
