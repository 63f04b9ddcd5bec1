/* SPDX-License-Identifier: MIT
 * One value of CODEC for chosen columns, and the pairs of rows behind it. */
#include "base/alloc.h"
#include "codec/exact.h"

struct work {
    struct codec_pool *pool;
    struct codec_table table;
    double *columns; /* (given + added, n) */
    double *d, *lows;
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
                              const struct lethe_codec_sets *sets,
                              const struct lethe_codec_options *options, struct lethe_error *err)
{
    size_t n = input->n, total = sets->given_count + sets->added_count;
    enum lethe_err code = check_sets(sets, input->p, err);
    if (code == LETHE_OK)
        code = lethe_codec_pool_new(&work->pool, 1, err);
    if (code == LETHE_OK)
        code = lethe_codec_table_fill(&work->table, input, options, work->pool, err);
    if (code != LETHE_OK)
        return code;
    work->columns = lethe_alloc(total, n * sizeof *work->columns);
    work->d = lethe_alloc(n, sizeof *work->d);
    work->lows = lethe_alloc(lethe_codec_lows(n), sizeof *work->lows);
    if (!work->columns || !work->d || !work->lows)
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
    lethe_codec_table_release(&work->table);
    lethe_codec_pool_free(work->pool);
}

/* The pair of one position, and its share of numerator and denominator. */
static struct lethe_codec_pair pair_of(const struct work *work, const struct lethe_codec_sets *sets,
                                       size_t i, struct lethe_codec_value *total)
{
    const struct codec_table *table = &work->table;
    size_t n = table->n;
    struct lethe_codec_pair pair = {.rank = table->rank[i], .before = SIZE_MAX};
    int64_t before = 0;
    if (sets->given_count) {
        lethe_codec_distances(work->d, work->columns, sets->given_count, n, i);
        size_t m = lethe_codec_nearest(work->d, NULL, table, i, work->lows);
        before = table->rank[i < m ? i : m];
        pair.before = table->row[m];
        total->denominator += (int64_t)table->rank[i] - before;
    }
    lethe_codec_distances(work->d, work->columns, sets->given_count + sets->added_count, n, i);
    size_t m = lethe_codec_nearest(work->d, NULL, table, i, work->lows);
    pair.after = table->row[m];
    pair.gain = (int64_t)table->rank[i < m ? i : m] - before;
    total->numerator += pair.gain;
    return pair;
}

enum lethe_err lethe_codec_why(struct lethe_codec_pairs *pairs,
                               const struct lethe_codec_input *input,
                               const struct lethe_codec_sets *sets,
                               const struct lethe_codec_options *options, struct lethe_error *err)
{
    struct work work = {0};
    struct lethe_codec_value value = {0};
    struct lethe_codec_pair *pair = NULL;
    size_t n = input->n;
    enum lethe_err code = prepare(&work, input, sets, options, err);
    if (code != LETHE_OK)
        goto out;
    pair = lethe_alloc(n, sizeof *pair);
    if (!pair) {
        code = lethe_fail_memory(err, "pairs", n, sizeof *pair);
        goto out;
    }
    for (size_t i = 0; i < n; i++)
        pair[work.table.row[i]] = pair_of(&work, sets, i, &value);
    if (sets->given_count == 0) {
        value.numerator = (int64_t)n * value.numerator - work.table.sum_least2;
        value.denominator = work.table.spread;
    }
    value.defined = work.table.spread != 0 && value.denominator != 0;
    if (value.defined)
        value.value = (double)value.numerator / (double)value.denominator;
    *pairs = (struct lethe_codec_pairs){.n = n, .value = value, .pair = pair};
out:
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
    enum lethe_err code = lethe_codec_why(&pairs, input, sets, options, err);
    if (code == LETHE_OK)
        *value = pairs.value;
    lethe_codec_pairs_release(&pairs);
    return code;
}
