/* SPDX-License-Identifier: MIT
 * The beginnings of tie orders: for every row of a set, the rows of the set that come first among
 * equally near ones. Selected by a threshold on hashes, then sorted sixteen rows at once. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "codec/table.h"
#include "codec/tie.h"

enum { LANES = CODEC_LANES, ROOM = 4 * CODEC_FIRST };

struct ordering {
    uint32_t *first;
    const struct codec_table *table;
    const uint32_t *rows; /* (count) positions */
    size_t count;
    uint32_t *inputs; /* (count) rows of the input */
    float *ties;      /* (workers, count) */
    uint32_t *found;  /* (workers, count) */
    double *keys;     /* (workers, ROOM, LANES) */
};

/* Puts the rows that come first for position i into one lane of keys; returns how many. Ties are 32
 * bits and positions fewer, so both fit the integers a double holds exactly. */
static size_t take_first(double *keys, const struct ordering *job, size_t i, unsigned worker)
{
    const struct codec_table *table = job->table;
    size_t count = job->count, hits = 0, taken = 0;
    float *ties = job->ties + worker * count;
    uint32_t *found = job->found + worker * count;
    /* About 96, so that fewer than CODEC_FIRST are rare. */
    float limit = count <= 96 ? INFINITY : 96 * 0x1p31f / (float)count;
    table->kernels->ties(ties, table->tie[i], job->inputs, count);
    while ((hits = table->kernels->below(found, ties, limit, count)) > ROOM)
        limit /= 2;
    for (size_t h = 0; h < hits; h++) {
        uint32_t j = job->rows[found[h]];
        if (j != i)
            keys[taken++ * LANES] =
                (double)codec_tie(table->tie[i], table->row[j]) * 0x1p21 + (double)j;
    }
    return taken;
}

static void order_rows(void *argument, size_t item, unsigned worker)
{
    struct ordering *job = argument;
    size_t begin = item * LANES, longest = 0, counts[LANES] = {0};
    size_t rows = job->count - begin < LANES ? job->count - begin : LANES;
    double *keys = job->keys + worker * ROOM * LANES;
    for (size_t r = 0; r < rows; r++) {
        counts[r] = take_first(keys + r, job, job->rows[begin + r], worker);
        longest = counts[r] > longest ? counts[r] : longest;
    }
    for (size_t r = 0; r < LANES; r++)
        for (size_t k = counts[r]; k < longest; k++)
            keys[k * LANES + r] = INFINITY;
    job->table->kernels->sort(keys, longest);
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < CODEC_FIRST; k++) {
            uint32_t *out = job->first + job->rows[begin + r] * (size_t)CODEC_FIRST + k;
            *out =
                k < counts[r] ? (uint32_t)((uint64_t)keys[k * LANES + r] & 0x1FFFFF) : CODEC_NONE;
        }
}

enum lethe_err lethe_codec_firsts(uint32_t *first, const struct codec_table *table,
                                  const uint32_t *rows, size_t count, struct lethe_threads *pool,
                                  struct lethe_error *err)
{
    size_t workers = lethe_threads_count(pool);
    struct ordering job = {.first = first, .table = table, .rows = rows, .count = count};
    enum lethe_err code = LETHE_OK;
    job.inputs = lethe_alloc(count, sizeof *job.inputs);
    job.ties = lethe_alloc(workers, count * sizeof *job.ties);
    job.found = lethe_alloc(workers, count * sizeof *job.found);
    job.keys = lethe_alloc_aligned(workers * ROOM, LANES * sizeof *job.keys);
    if (!job.inputs || !job.ties || !job.found || !job.keys) {
        code = lethe_fail_memory(err, "tie orders", workers * count, sizeof *job.ties);
        goto out;
    }
    for (size_t k = 0; k < count; k++)
        job.inputs[k] = table->row[rows[k]];
    lethe_threads_run(pool, order_rows, &job, (count + LANES - 1) / LANES, NULL);
out:
    lethe_free(job.inputs);
    lethe_free(job.ties);
    lethe_free(job.found);
    lethe_free(job.keys);
    return code;
}

enum lethe_err lethe_codec_table_firsts(struct codec_table *table, struct lethe_threads *pool,
                                        struct lethe_error *err)
{
    size_t n = table->n;
    enum lethe_err code = LETHE_OK;
    uint32_t *rows = NULL;
    /* A run of equals costs its square per column; the orders cost about two such columns. */
    if (table->first || table->repeats <= 2 * n)
        return LETHE_OK;
    rows = lethe_alloc(n, sizeof *rows);
    table->first = lethe_alloc(n, CODEC_FIRST * sizeof *table->first);
    if (!rows || !table->first) {
        code = lethe_fail_memory(err, "tie orders", n, CODEC_FIRST * sizeof *table->first);
        goto out;
    }
    for (size_t i = 0; i < n; i++)
        rows[i] = (uint32_t)i;
    code = lethe_codec_firsts(table->first, table, rows, n, pool, err);
out:
    lethe_free(rows);
    if (code != LETHE_OK) {
        lethe_free(table->first);
        table->first = NULL;
    }
    return code;
}
