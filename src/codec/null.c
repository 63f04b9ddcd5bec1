/* SPDX-License-Identifier: MIT
 * The null band: how large the largest marginal T gets when y says nothing. Permuting y leaves
 * every column's neighbours alone, so they are found once and only the ranks move. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "codec/column.h"
#include "lethe/rng.h"

enum { SLICE = 256 }; /* columns between two looks at the watch */

struct null_job {
    const struct codec_table *table;
    size_t count, first; /* permutations; first column of this slice */
    uint32_t *ranks;     /* (n, count) permuted ranks */
    int64_t *largest;    /* (workers, count) largest sum over columns */
    int64_t *sums;       /* (workers, count) of one column */
    uint32_t *part;      /* (workers, count) */
    uint32_t *nearest;   /* (workers, n) */
    struct codec_point *points;
    double *x; /* (workers, n) */
};

static void permute_ranks(struct null_job *job, const struct codec_table *table, size_t *order)
{
    size_t n = table->n;
    for (size_t b = 0; b < job->count; b++) {
        struct lethe_rng rng;
        lethe_rng_init(&rng, table->seed, LETHE_RNG_NULL, b, 0);
        for (size_t i = 0; i < n; i++)
            order[i] = i;
        lethe_rng_shuffle(&rng, order, n);
        for (size_t i = 0; i < n; i++)
            job->ranks[i * job->count + b] = table->rank[order[i]];
    }
}

/* Adds up count permutations at once: narrow sums that are emptied before they can overflow. */
static void add_minima(int64_t *sums, uint32_t *part, const struct null_job *job,
                       const uint32_t *nearest)
{
    size_t n = job->table->n, count = job->count, safe = UINT32_MAX / n;
    memset(sums, 0, count * sizeof *sums);
    for (size_t first = 0; first < n; first += safe) {
        size_t end = n - first < safe ? n : first + safe;
        memset(part, 0, count * sizeof *part);
        for (size_t i = first; i < end; i++) {
            const uint32_t *own = job->ranks + i * count, *other = job->ranks + nearest[i] * count;
            for (size_t b = 0; b < count; b++)
                part[b] += own[b] < other[b] ? own[b] : other[b];
        }
        for (size_t b = 0; b < count; b++)
            sums[b] += part[b];
    }
}

static void score_column(void *argument, size_t item, unsigned worker)
{
    struct null_job *job = argument;
    const struct codec_table *table = job->table;
    size_t n = table->n, column = job->first + item;
    uint32_t *nearest = job->nearest + worker * n;
    int64_t *largest = job->largest + worker * job->count;
    int64_t *sums = job->sums + worker * job->count;
    if (!table->usable[column])
        return;
    lethe_codec_table_column(job->x + worker * n, table, column);
    lethe_codec_column(nearest, job->x + worker * n, table, job->points + worker * n);
    add_minima(sums, job->part + worker * job->count, job, nearest);
    for (size_t b = 0; b < job->count; b++)
        largest[b] = sums[b] > largest[b] ? sums[b] : largest[b];
}

static int rising(const void *a, const void *b)
{
    double s = *(const double *)a, t = *(const double *)b;
    return (s > t) - (s < t);
}

static enum lethe_err run_slices(struct null_job *job, struct lethe_threads *pool,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    size_t p = job->table->p;
    for (job->first = 0; job->first < p; job->first += SLICE) {
        enum lethe_err code = lethe_watch_step(watch, "permuting", (long)job->first, (long)p, err);
        if (code != LETHE_OK)
            return code;
        size_t size = p - job->first < SLICE ? p - job->first : SLICE;
        lethe_threads_run(pool, score_column, job, size, watch);
    }
    return lethe_watch_step(watch, "permuting", (long)p, (long)p, err);
}

static enum lethe_err run_null(struct null_job *job, double *t, struct lethe_threads *pool,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    const struct codec_table *table = job->table;
    size_t n = table->n, workers = lethe_threads_count(pool);
    size_t *order = lethe_alloc(n, sizeof *order);
    enum lethe_err code = LETHE_OK;
    job->ranks = lethe_alloc(job->count, n * sizeof *job->ranks);
    job->largest = lethe_alloc_zero(workers, job->count * sizeof *job->largest);
    job->sums = lethe_alloc(workers, job->count * sizeof *job->sums);
    job->part = lethe_alloc(workers, job->count * sizeof *job->part);
    job->nearest = lethe_alloc(workers, n * sizeof *job->nearest);
    job->points = lethe_alloc(workers, n * sizeof *job->points);
    job->x = lethe_alloc(workers, n * sizeof *job->x);
    if (!order || !job->ranks || !job->largest || !job->sums || !job->part || !job->nearest ||
        !job->points || !job->x) {
        code = lethe_fail_memory(err, "permutations", job->count, n * sizeof *job->ranks);
        goto out;
    }
    permute_ranks(job, table, order);
    code = run_slices(job, pool, watch, err);
    for (size_t b = 0; b < job->count && code == LETHE_OK; b++) {
        int64_t largest = 0;
        for (size_t w = 0; w < workers; w++) {
            int64_t sum = job->largest[w * job->count + b];
            largest = sum > largest ? sum : largest;
        }
        t[b] = (double)((int64_t)n * largest - table->sum_least2) / (double)table->spread;
    }
    qsort(t, job->count, sizeof *t, rising);
out:
    lethe_free(order);
    lethe_free(job->ranks);
    lethe_free(job->largest);
    lethe_free(job->sums);
    lethe_free(job->part);
    lethe_free(job->nearest);
    lethe_free(job->points);
    lethe_free(job->x);
    return code;
}

static enum lethe_err check(const struct codec_table *table, struct lethe_error *err)
{
    if (table->spread == 0)
        return lethe_fail(err, LETHE_EARG, "y is constant: it has no null band");
    for (size_t c = 0; c < table->p; c++)
        if (table->usable[c])
            return LETHE_OK;
    return lethe_fail(err, LETHE_EARG, "every column is constant or dead: no null band");
}

enum lethe_err lethe_codec_null(double *band, double *maxima, const struct lethe_codec_input *input,
                                size_t count, const struct lethe_codec_options *options,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_threads *pool = NULL;
    struct codec_table table = {0};
    double *t = NULL;
    enum lethe_err code = LETHE_OK;
    if (count < 1)
        return lethe_fail(err, LETHE_EARG, "0 permutations: a null band needs at least 1");
    code = lethe_threads_new(&pool, options->threads ? options->threads : 1, err);
    if (code == LETHE_OK)
        code = lethe_codec_table_fill(&table, input, options, pool, err);
    if (code == LETHE_OK)
        code = check(&table, err);
    if (code == LETHE_OK)
        code = lethe_codec_table_firsts(&table, pool, err);
    if (code != LETHE_OK)
        goto out;
    t = lethe_alloc(count, sizeof *t);
    if (!t) {
        code = lethe_fail_memory(err, "permutations", count, sizeof *t);
        goto out;
    }
    struct null_job job = {.table = &table, .count = count};
    code = run_null(&job, t, pool, watch, err);
    if (code != LETHE_OK)
        goto out;
    *band = t[(count * 95 + 99) / 100 - 1];
    if (maxima)
        memcpy(maxima, t, count * sizeof *t);
out:
    lethe_free(t);
    lethe_codec_table_release(&table);
    lethe_threads_free(pool);
    return code;
}
