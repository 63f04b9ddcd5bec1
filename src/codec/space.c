/* SPDX-License-Identifier: MIT
 * The work space of the fast path: allocated for the largest question so far, and kept. */
#include <math.h>

#include "base/alloc.h"
#include "codec/fast.h"

enum { LANES = CODEC_LANES };

static void release_benches(struct codec_fast *fast)
{
    for (size_t w = 0; fast->bench && w < fast->workers; w++) {
        struct codec_bench *bench = &fast->bench[w];
        lethe_free(bench->d);
        lethe_free(bench->x);
        lethe_free(bench->lows);
        lethe_free(bench->keys);
        lethe_free(bench->found);
        lethe_free(bench->open);
        lethe_free(bench->best);
        lethe_free(bench->second);
        lethe_free(bench->at);
        lethe_free(bench->points);
        lethe_free(bench->column);
        lethe_free(bench->sums);
    }
    lethe_free(fast->bench);
}

void lethe_codec_fast_forget_given(struct codec_fast *fast)
{
    lethe_free(fast->given);
    lethe_free(fast->point);
    lethe_free(fast->ordered);
    fast->given = fast->point = fast->ordered = NULL;
    fast->given_room = 0;
}

void lethe_codec_fast_release(struct codec_fast *fast)
{
    release_benches(fast);
    lethe_free(fast->list);
    lethe_free(fast->order);
    lethe_free(fast->place);
    lethe_free(fast->reach);
    lethe_free(fast->lone);
    lethe_free(fast->group);
    lethe_free(fast->outside);
    lethe_free(fast->near);
    lethe_free(fast->first);
    lethe_free(fast->tiny);
    lethe_codec_fast_forget_given(fast);
    *fast = (struct codec_fast){.kernels = fast->kernels};
}

static int make_bench(struct codec_bench *bench, size_t n, size_t p)
{
    size_t keys = n > CODEC_SAMPLE ? n : CODEC_SAMPLE;
    bench->d = lethe_alloc_aligned(LANES, n * sizeof *bench->d);
    bench->x = lethe_alloc_aligned(LANES, n * sizeof *bench->x);
    bench->lows = lethe_alloc(lethe_codec_lows(n), sizeof *bench->lows);
    bench->keys = lethe_alloc_aligned(LANES, keys * sizeof *bench->keys);
    bench->found = lethe_alloc(n, sizeof *bench->found);
    bench->open = lethe_alloc(n, sizeof *bench->open);
    bench->best = lethe_alloc(LANES, n * sizeof *bench->best);
    bench->second = lethe_alloc(LANES, n * sizeof *bench->second);
    bench->at = lethe_alloc(LANES, n * sizeof *bench->at);
    bench->points = lethe_alloc(n, sizeof *bench->points);
    bench->column = lethe_alloc(n, sizeof *bench->column);
    bench->sums = lethe_alloc(p, sizeof *bench->sums);
    return bench->d && bench->x && bench->lows && bench->keys && bench->found && bench->open &&
           bench->best && bench->second && bench->at && bench->points && bench->column &&
           bench->sums;
}

/* Lists as long as they may get: all rows of a small table, else five times the square root. */
static size_t list_capacity(size_t n)
{
    size_t root = 5 * (size_t)sqrt((double)n);
    return n <= 2048 ? n : root < 1024 ? 1024 : root;
}

/* Lists that are kept at once: whole sixteens, and room for n entries. */
static size_t list_rows(size_t n, size_t entries)
{
    size_t capacity = list_capacity(n), fit = entries / capacity;
    size_t least = n / capacity + 1;
    fit = fit < least ? least : fit;
    fit = (fit + LANES - 1) / LANES * LANES;
    return fit < n ? fit : n;
}

static int allocate(struct codec_fast *fast, size_t n, size_t p, size_t rows, size_t workers)
{
    size_t groups = n / CODEC_GROUP + 1;
    fast->workers = workers;
    fast->list = lethe_alloc_aligned(rows, list_capacity(n) * sizeof *fast->list);
    fast->order = lethe_alloc(n, sizeof *fast->order);
    fast->place = lethe_alloc(n, sizeof *fast->place);
    fast->reach = lethe_alloc(n, sizeof *fast->reach);
    fast->lone = lethe_alloc(n, sizeof *fast->lone);
    fast->group = lethe_alloc(groups, sizeof *fast->group);
    fast->outside = lethe_alloc(groups, CODEC_OUTSIDE * sizeof *fast->outside);
    fast->near = lethe_alloc(groups, CODEC_OUTSIDE * sizeof *fast->near);
    fast->tiny = lethe_alloc(codec_blocks(p), LANES * sizeof *fast->tiny);
    fast->bench = lethe_alloc_zero(workers, sizeof *fast->bench);
    int made = fast->list && fast->order && fast->place && fast->reach && fast->lone &&
               fast->group && fast->outside && fast->near && fast->tiny && fast->bench;
    for (size_t w = 0; w < workers && made; w++)
        made = make_bench(&fast->bench[w], n, p);
    return made;
}

enum lethe_err lethe_codec_fast_prepare(struct codec_fast *fast,
                                        const struct codec_question *question,
                                        struct lethe_error *err)
{
    const struct codec_table *table = question->table;
    size_t n = table->n, p = table->p, capacity = list_capacity(n);
    size_t rows = list_rows(n, table->list_entries), entries = rows * capacity;
    size_t workers = lethe_threads_count(question->pool);
    if (fast->room[0] < n || fast->room[1] < p || fast->room[2] < entries ||
        fast->workers != workers) {
        lethe_codec_fast_release(fast);
        if (!allocate(fast, n, p, rows, workers)) {
            lethe_codec_fast_release(fast);
            return lethe_fail_memory(err, "neighbour lists", entries, sizeof *fast->list);
        }
        fast->room[0] = n;
        fast->room[1] = p;
        fast->room[2] = entries;
    }
    if (fast->n != n) /* they have other strides now, and are sized by them */
        lethe_codec_fast_forget_given(fast);
    fast->n = n;
    fast->p = p;
    fast->capacity = capacity;
    fast->list_rows = rows;
    fast->is_long = n >= table->long_rows;
    fast->sample = n < 2 * table->long_rows ? CODEC_SAMPLE / 4 : CODEC_SAMPLE;
    return LETHE_OK;
}
