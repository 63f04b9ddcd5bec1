/* SPDX-License-Identifier: MIT
 * Fills the working table of table.h: ranks of y by counting, then one job per group of columns
 * that checks, scales, jitters and reorders them. */
#include "codec/table.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "codec/tie.h"
#include "lethe/rng.h"

uint32_t lethe_codec_tie(uint64_t seed, size_t i, size_t j)
{
    return codec_tie(codec_tie_key(seed, i), (uint32_t)j);
}

struct keyed {
    double y;
    uint32_t row;
};

static int by_y(const void *a, const void *b)
{
    const struct keyed *s = a, *t = b;
    if (s->y != t->y)
        return s->y < t->y ? -1 : 1;
    return s->row < t->row ? -1 : 1;
}

/* order is (n), sorted. R of a group of equal y is where the group ends, L is counted from where it
 * begins to the end of all. */
static void count_ranks(struct codec_table *table, const struct keyed *order)
{
    size_t n = table->n;
    table->sum_rank = table->sum_least2 = table->spread = 0;
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && order[end].y == order[first].y;)
            end++;
        int64_t size = (int64_t)(end - first), least = (int64_t)(n - first);
        for (size_t i = first; i < end; i++) {
            table->row[i] = order[i].row;
            table->tie[i] = codec_tie_key(table->seed, order[i].row);
            table->rank[i] = (uint32_t)end;
        }
        table->sum_rank += size * (int64_t)end;
        table->sum_least2 += size * least * least;
        table->spread += size * least * (int64_t)first;
    }
}

/* Sixteen columns at once, rows in the order of y: v is (n, LANES). */
enum { LONG_ROWS = 8192, LIST_ENTRIES = 4 << 20 /* 32 MB */ };
enum { LANES = CODEC_LANES };

/* Adds the noise of one column to its lane; row (n) says where each draw belongs. */
static void add_jitter(double *v, const uint32_t *row, size_t n, double *noise,
                       const struct lethe_codec_options *options, uint64_t column)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, options->seed, LETHE_RNG_JITTER, column, 0);
    for (size_t r = 0; r < n; r++)
        noise[r] = options->jitter * lethe_rng_normal(&rng);
    for (size_t i = 0; i < n; i++)
        v[i * LANES] += noise[row[i]];
}

/* y with noise takes part as a column of its own: scaled like the others, stream p. */
static enum lethe_err jitter_y(struct keyed *order, const struct codec_kernels *kernels,
                               const struct lethe_codec_input *input,
                               const struct lethe_codec_options *options, struct lethe_error *err)
{
    size_t n = input->n;
    int constant = 1;
    double *v = lethe_alloc_zero(n, (LANES + 1) * sizeof *v);
    uint32_t *row = lethe_alloc(n, sizeof *row);
    enum lethe_err code = LETHE_OK;
    if (!v || !row) {
        code = lethe_fail_memory(err, "noise", n, (LANES + 1) * sizeof *v);
        goto out;
    }
    for (size_t r = 0; r < n; r++) {
        v[r * LANES] = order[r].y;
        row[r] = (uint32_t)r;
        constant &= order[r].y == order[0].y;
    }
    if (constant) /* noise must not make it look alive */
        goto out;
    if (options->scaling == LETHE_SCALING_SD)
        kernels->divide_by_sd(v, n);
    add_jitter(v, row, n, v + n * LANES, options, input->p);
    for (size_t r = 0; r < n; r++)
        order[r].y = v[r * LANES];
out:
    lethe_free(v);
    lethe_free(row);
    return code;
}

static enum lethe_err rank_y(struct codec_table *table, const struct lethe_codec_input *input,
                             const struct lethe_codec_options *options, struct lethe_error *err)
{
    size_t n = table->n;
    for (size_t r = 0; r < n; r++)
        if (!isfinite(input->y[r]))
            return lethe_fail(err, LETHE_EARG, "y, row %zu is %s: remove or repair that row", r,
                              isnan(input->y[r]) ? "nan" : "infinite");
    struct keyed *order = lethe_alloc(n, sizeof *order);
    if (!order)
        return lethe_fail_memory(err, "ranks", n, sizeof *order);
    for (size_t r = 0; r < n; r++)
        order[r] = (struct keyed){input->y[r], (uint32_t)r};
    enum lethe_err code = LETHE_OK;
    if (options->jitter > 0)
        code = jitter_y(order, table->kernels, input, options, err);
    if (code == LETHE_OK) {
        qsort(order, n, sizeof *order, by_y);
        count_ranks(table, order);
    }
    lethe_free(order);
    return code;
}

/* The job of filling one block of columns. */
struct filling {
    struct codec_table *table;
    const struct lethe_codec_input *input;
    const struct lethe_codec_options *options;
    double *scratch; /* (workers, LANES + 1, n): a block, and the noise of one column */
    size_t *repeats; /* (workers) */
    atomic_int bad;  /* not 0: a number is not finite */
};

static void gather(double *v, const struct filling *job, size_t first, size_t lanes)
{
    size_t n = job->table->n, p = job->table->p;
    for (size_t i = 0; i < n; i++) {
        size_t at = job->table->row[i] * p + first;
        for (size_t l = 0; l < lanes; l++)
            v[i * LANES + l] =
                job->input->x32 ? (double)job->input->x32[at + l] : job->input->x64[at + l];
        for (size_t l = lanes; l < LANES; l++)
            v[i * LANES + l] = 0;
    }
}

static void store(struct codec_table *table, const double *v, size_t first, size_t lanes)
{
    size_t n = table->n;
    if (!table->x64) {
        float *x = table->x32 + first * n;
        for (size_t e = 0; e < n * LANES; e++)
            x[e] = (float)v[e];
        return;
    }
    for (size_t l = 0; l < lanes; l++)
        for (size_t i = 0; i < n; i++)
            table->x64[(first + l) * n + i] = v[i * LANES + l];
}

static void fill_block(void *argument, size_t item, unsigned worker)
{
    struct filling *job = argument;
    struct codec_table *table = job->table;
    size_t n = table->n, first = item * LANES, repeats[LANES];
    size_t lanes = table->p - first < LANES ? table->p - first : LANES;
    double *v = job->scratch + worker * (LANES + 1) * n;
    gather(v, job, first, lanes);
    if (!table->kernels->look_over(repeats, v, n)) {
        atomic_store(&job->bad, 1);
        return;
    }
    for (size_t l = 0; l < lanes; l++) {
        int dead = job->input->dead && job->input->dead[first + l];
        table->usable[first + l] = repeats[l] < n - 1 && !dead;
        job->repeats[worker] += table->usable[first + l] ? repeats[l] : 0;
    }
    if (job->options->scaling == LETHE_SCALING_SD)
        table->kernels->divide_by_sd(v, n);
    if (job->options->jitter > 0)
        for (size_t l = 0; l < lanes; l++)
            add_jitter(v + l, table->row, n, v + n * LANES, job->options, first + l);
    store(table, v, first, lanes);
}

/* Names the first number, column by column, that is not finite. */
static enum lethe_err name_bad(const struct lethe_codec_input *input, struct lethe_error *err)
{
    for (size_t c = 0; c < input->p; c++)
        for (size_t r = 0; r < input->n; r++) {
            size_t at = r * input->p + c;
            double value = input->x32 ? (double)input->x32[at] : input->x64[at];
            if (!isfinite(value))
                return lethe_fail(err, LETHE_EARG,
                                  "column %zu, row %zu is %s: remove or repair that row", c, r,
                                  isnan(value) ? "nan" : "infinite");
        }
    return lethe_fail(err, LETHE_EBUG, "a number changed while it was read");
}

static enum lethe_err fill_columns(struct codec_table *table, const struct lethe_codec_input *input,
                                   const struct lethe_codec_options *options,
                                   struct lethe_threads *pool, struct lethe_error *err)
{
    size_t n = table->n, workers = lethe_threads_count(pool);
    enum lethe_err code = LETHE_OK;
    struct filling job = {.table = table, .input = input, .options = options};
    job.scratch = lethe_alloc_aligned(workers * (LANES + 1), n * sizeof *job.scratch);
    job.repeats = lethe_alloc_zero(workers, sizeof *job.repeats);
    if (!job.scratch || !job.repeats) {
        code = lethe_fail_memory(err, "columns", workers * (LANES + 1), n * sizeof *job.scratch);
        goto out;
    }
    lethe_threads_run(pool, fill_block, &job, codec_blocks(table->p), NULL);
    table->repeats = 0;
    for (size_t w = 0; w < workers; w++)
        table->repeats += job.repeats[w];
    if (atomic_load(&job.bad))
        code = name_bad(input, err);
out:
    lethe_free(job.scratch);
    lethe_free(job.repeats);
    return code;
}

void lethe_codec_table_column(double *out, const struct codec_table *table, size_t column)
{
    size_t n = table->n, block = column / LANES;
    if (table->x64) {
        memcpy(out, table->x64 + column * n, n * sizeof *out);
        return;
    }
    const float *x = table->x32 + block * LANES * n + column % LANES;
    for (size_t i = 0; i < n; i++)
        out[i] = (double)x[i * LANES];
}

static enum lethe_err check(const struct lethe_codec_input *input,
                            const struct lethe_codec_options *options, struct lethe_error *err)
{
    assert((input->x32 != NULL) != (input->x64 != NULL));
    if (input->n < 2)
        return lethe_fail(err, LETHE_EARG, "%zu row%s: codec needs at least 2", input->n,
                          input->n == 1 ? "" : "s");
    if (input->n > LETHE_CODEC_MAX_ROWS)
        return lethe_fail(err, LETHE_EARG, "%zu rows: codec takes at most %d; draw a subset",
                          input->n, LETHE_CODEC_MAX_ROWS);
    if (input->p < 1)
        return lethe_fail(err, LETHE_EARG, "no columns: codec needs at least 1");
    if (!(options->jitter >= 0) || isinf(options->jitter))
        return lethe_fail(err, LETHE_EARG, "jitter %g: must be 0 or a positive number",
                          options->jitter);
    return LETHE_OK;
}

static enum lethe_err reserve(struct codec_table *table, const struct lethe_codec_input *input,
                              struct lethe_error *err)
{
    size_t n = input->n, p = input->p, entries = codec_blocks(p) * LANES;
    int fits = table->room[0] >= n && table->room[1] >= entries &&
               (input->x64 != NULL) == (table->x64 != NULL);
    if (!fits) {
        lethe_codec_table_release(table);
        table->row = lethe_alloc(n, sizeof *table->row);
        table->tie = lethe_alloc(n, sizeof *table->tie);
        table->rank = lethe_alloc(n, sizeof *table->rank);
        table->usable = lethe_alloc(entries, sizeof *table->usable);
        if (input->x32)
            table->x32 = lethe_alloc_aligned(entries, n * sizeof *table->x32);
        else
            table->x64 = lethe_alloc_aligned(entries, n * sizeof *table->x64);
        if (!table->row || !table->tie || !table->rank || !table->usable ||
            (!table->x32 && !table->x64)) {
            lethe_codec_table_release(table);
            return lethe_fail_memory(err, "the table of columns", p, n * sizeof *table->x64);
        }
        table->room[0] = n;
        table->room[1] = entries;
    }
    table->n = n;
    table->p = p;
    return LETHE_OK;
}

enum lethe_err lethe_codec_table_fill(struct codec_table *table,
                                      const struct lethe_codec_input *input,
                                      const struct lethe_codec_options *options,
                                      struct lethe_threads *pool, struct lethe_error *err)
{
    enum lethe_err code = check(input, options, err);
    if (code == LETHE_OK)
        code = reserve(table, input, err);
    if (code != LETHE_OK)
        return code;
    size_t sets;
    if (!table->kernels)
        table->kernels = lethe_codec_kernels(&sets)[0];
    table->long_rows = table->long_rows ? table->long_rows : LONG_ROWS;
    table->list_entries = table->list_entries ? table->list_entries : LIST_ENTRIES;
    table->seed = options->seed;
    lethe_free(table->first);
    table->first = NULL;
    lethe_free(table->by_value);
    table->by_value = NULL;
    code = rank_y(table, input, options, err);
    return code == LETHE_OK ? fill_columns(table, input, options, pool, err) : code;
}

void lethe_codec_table_release(struct codec_table *table)
{
    lethe_free(table->row);
    lethe_free(table->tie);
    lethe_free(table->rank);
    lethe_free(table->usable);
    lethe_free(table->x64);
    lethe_free(table->x32);
    lethe_free(table->error);
    lethe_free(table->first);
    lethe_free(table->by_value);
    *table = (struct codec_table){.kernels = table->kernels,
                                  .long_rows = table->long_rows,
                                  .list_entries = table->list_entries};
}
