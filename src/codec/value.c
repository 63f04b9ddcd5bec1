/* SPDX-License-Identifier: MIT
 * One value of CODEC for chosen columns, and the pairs of rows behind it. */
#include "base/alloc.h"
#include "codec/exact.h"

enum { ROWS = 64 }; /* rows of one item of work */

struct work {
    struct lethe_threads *pool;
    struct codec_table table;
    const struct lethe_codec_sets *sets;
    double *columns;               /* (given + added, n) */
    double *d, *lows;              /* (workers, n), (workers, lows) */
    struct lethe_codec_pair *pair; /* (n), NULL when taken over */
};

static enum lethe_err check_sets(const struct lethe_codec_sets *sets, size_t p,
                                 struct lethe_error *err)
{
    if (sets->added_count < 1)
        return lethe_fail(err, LETHE_EARG, "no column to score: codec needs at least 1");
    for (size_t k = 0; k < sets->given_count + sets->added_count; k++) {
        size_t column = k < sets->given_count ? sets->given[k] : sets->added[k - sets->given_count];
        if (column >= p)
            return lethe_fail(err, LETHE_EARG, "column %zu: there are only %zu, counted from 0",
                              column, p);
    }
    return LETHE_OK;
}

static enum lethe_err prepare(struct work *work, const struct lethe_codec_input *input,
                              const struct lethe_codec_options *options, struct lethe_error *err)
{
    const struct lethe_codec_sets *sets = work->sets;
    size_t n = input->n, total = sets->given_count + sets->added_count;
    size_t workers = options->threads ? options->threads : 1;
    enum lethe_err code = check_sets(sets, input->p, err);
    if (code == LETHE_OK)
        code = lethe_threads_new(&work->pool, (unsigned)workers, err);
    if (code == LETHE_OK)
        code = lethe_codec_table_fill(&work->table, input, options, work->pool, err);
    if (code != LETHE_OK)
        return code;
    work->columns = lethe_alloc(total, n * sizeof *work->columns);
    work->d = lethe_alloc(workers, n * sizeof *work->d);
    work->lows = lethe_alloc(workers, lethe_codec_lows(n) * sizeof *work->lows);
    work->pair = lethe_alloc(n, sizeof *work->pair);
    if (!work->columns || !work->d || !work->lows || !work->pair)
        return lethe_fail_memory(err, "columns", total, n * sizeof *work->columns);
    for (size_t k = 0; k < total; k++) {
        size_t column = k < sets->given_count ? sets->given[k] : sets->added[k - sets->given_count];
        lethe_codec_table_column(work->columns + k * n, &work->table, column);
    }
    return LETHE_OK;
}

static void release(struct work *work)
{
    lethe_free(work->columns);
    lethe_free(work->d);
    lethe_free(work->lows);
    lethe_free(work->pair);
    lethe_codec_table_release(&work->table);
    lethe_threads_free(work->pool);
}

/* Position nearest to i in the first `count` columns. */
static size_t nearest_in(const struct work *work, size_t count, size_t i, unsigned worker)
{
    size_t n = work->table.n;
    double *d = work->d + worker * n, *lows = work->lows + worker * lethe_codec_lows(n);
    lethe_codec_distances(d, work->columns, count - 1, n, i);
    return lethe_codec_nearest(d, work->columns + (count - 1) * n, &work->table, i, lows);
}

static void pair_rows(void *argument, size_t item, unsigned worker)
{
    struct work *work = argument;
    const struct codec_table *table = &work->table;
    size_t given = work->sets->given_count, all = given + work->sets->added_count;
    size_t end = (item + 1) * ROWS < table->n ? (item + 1) * ROWS : table->n;
    for (size_t i = item * ROWS; i < end; i++) {
        struct lethe_codec_pair pair = {.rank = table->rank[i], .before = SIZE_MAX};
        if (given) {
            size_t m = nearest_in(work, given, i, worker);
            pair.before = table->row[m];
            pair.gain -= table->rank[i < m ? i : m];
        }
        size_t m = nearest_in(work, all, i, worker);
        pair.after = table->row[m];
        pair.gain += table->rank[i < m ? i : m];
        work->pair[table->row[i]] = pair;
    }
}

/* Without given columns the pairs' gains are min(R_i, R_M); with them, the denominator is
 * sum R_i - min(R_i, R_N), found through the rank of the neighbour's row. */
static struct lethe_codec_value sum_up(const struct work *work)
{
    const struct codec_table *table = &work->table;
    const struct lethe_codec_pair *pair = work->pair;
    struct lethe_codec_value value = {0};
    for (size_t r = 0; r < table->n; r++) {
        value.numerator += pair[r].gain;
        if (pair[r].before != SIZE_MAX && pair[pair[r].before].rank < pair[r].rank)
            value.denominator += (int64_t)(pair[r].rank - pair[pair[r].before].rank);
    }
    if (work->sets->given_count == 0) {
        value.numerator = (int64_t)table->n * value.numerator - table->sum_least2;
        value.denominator = table->spread;
    }
    value.defined = table->spread != 0 && value.denominator != 0;
    if (value.defined)
        value.value = (double)value.numerator / (double)value.denominator;
    return value;
}

enum lethe_err lethe_codec_why(struct lethe_codec_pairs *pairs,
                               const struct lethe_codec_input *input,
                               const struct lethe_codec_sets *sets,
                               const struct lethe_codec_options *options, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    struct work work = {.sets = sets};
    long items = (long)(input->n / ROWS + 1);
    enum lethe_err code = lethe_watch_step(watch, "pairing rows", 0, items, err);
    if (code == LETHE_OK)
        code = prepare(&work, input, options, err);
    if (code == LETHE_OK) {
        lethe_threads_run(work.pool, pair_rows, &work, (size_t)items, watch);
        code = lethe_watch_step(watch, "pairing rows", items, items, err);
    }
    if (code == LETHE_OK) {
        struct lethe_codec_value value = sum_up(&work);
        *pairs = (struct lethe_codec_pairs){.n = input->n, .value = value, .pair = work.pair};
        work.pair = NULL;
    }
    release(&work);
    return code;
}

void lethe_codec_pairs_release(struct lethe_codec_pairs *pairs)
{
    lethe_free(pairs->pair);
    *pairs = (struct lethe_codec_pairs){0};
}

enum lethe_err lethe_codec(struct lethe_codec_value *value, const struct lethe_codec_input *input,
                           const struct lethe_codec_sets *sets,
                           const struct lethe_codec_options *options, struct lethe_error *err)
{
    struct lethe_codec_pairs pairs = {0};
    enum lethe_err code = lethe_codec_why(&pairs, input, sets, options, NULL, err);
    if (code == LETHE_OK)
        *value = pairs.value;
    lethe_codec_pairs_release(&pairs);
    return code;
}
