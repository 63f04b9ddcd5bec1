/* SPDX-License-Identifier: MIT
 * Fills the working table of table.h: ranks of y by counting, then one job per group of columns
 * that checks, scales, jitters and reorders them. */
#include "codec/table.h"

#include <inttypes.h>
#include <math.h>
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
            table->least[i] = (uint32_t)least;
        }
        table->sum_rank += size * (int64_t)end;
        table->sum_least2 += size * least * least;
        table->spread += size * least * (int64_t)first;
    }
}

/* sd of count values from their own sums; factor is a power of two that keeps squares in range. */
struct moments {
    double factor, mean, sd;
    int constant;
};

static double power_into_range(double largest)
{
    if (largest == 0)
        return 1;
    int exponent = ilogb(largest);
    return ldexp(1, exponent > 1000 ? -1000 : exponent < -1000 ? 1000 : -exponent);
}

static struct moments measure(const double *v, size_t n)
{
    double largest = 0, sum = 0, square = 0;
    int constant = 1;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(v[i]));
        constant &= v[i] == v[0];
    }
    struct moments m = {.factor = power_into_range(largest), .constant = constant};
    for (size_t i = 0; i < n; i++)
        sum += v[i] * m.factor;
    m.mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        square += (v[i] * m.factor - m.mean) * (v[i] * m.factor - m.mean);
    m.sd = sqrt(square / (double)(n - 1));
    return m;
}

/* Scales and jitters v (n) in place; stream names the noise. Returns 0 when v is constant. */
static int prepare(double *v, size_t n, const struct lethe_codec_options *options, uint64_t stream)
{
    struct moments m = measure(v, n);
    if (options->scaling == LETHE_SCALING_SD && m.sd > 0)
        for (size_t i = 0; i < n; i++)
            v[i] = v[i] * m.factor / m.sd;
    if (options->jitter > 0) {
        struct lethe_rng rng;
        lethe_rng_init(&rng, options->seed, LETHE_RNG_JITTER, stream, 0);
        for (size_t i = 0; i < n; i++)
            v[i] += options->jitter * lethe_rng_normal(&rng);
    }
    return !m.constant;
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
    double *y = lethe_alloc(n, sizeof *y);
    enum lethe_err code = LETHE_OK;
    if (!order || !y) {
        code = lethe_fail_memory(err, "ranks", n, sizeof *order);
        goto out;
    }
    memcpy(y, input->y, n * sizeof *y);
    /* Noise must not turn a constant y into one that looks alive; scaling does not change ranks. */
    if (options->jitter > 0 && !prepare(y, n, options, input->p))
        memcpy(y, input->y, n * sizeof *y);
    for (size_t r = 0; r < n; r++)
        order[r] = (struct keyed){y[r], (uint32_t)r};
    qsort(order, n, sizeof *order, by_y);
    count_ranks(table, order);
out:
    lethe_free(order);
    lethe_free(y);
    return code;
}

/* The job of filling columns: `scratch` holds one column per worker, `bad` the first row that is
 * not finite in each column. */
enum { GROUP = 16, FINE = UINT32_MAX };

struct filling {
    struct codec_table *table;
    const struct lethe_codec_input *input;
    const struct lethe_codec_options *options;
    double *scratch; /* (workers, n) */
    uint32_t *bad;   /* (p) */
};

static uint32_t read_column(double *v, const struct lethe_codec_input *input, size_t column)
{
    size_t n = input->n, p = input->p;
    uint32_t bad = FINE;
    for (size_t r = n; r-- > 0;) {
        v[r] = input->x32 ? (double)input->x32[r * p + column] : input->x64[r * p + column];
        if (!isfinite(v[r]))
            bad = (uint32_t)r;
    }
    return bad;
}

static void fill_column(struct filling *job, size_t column, double *v)
{
    struct codec_table *table = job->table;
    const struct lethe_codec_input *input = job->input;
    job->bad[column] = read_column(v, input, column);
    if (job->bad[column] != FINE)
        return;
    int varies = prepare(v, table->n, job->options, column);
    table->usable[column] = varies && !(input->dead && input->dead[column]);
    double *x = table->x + column * table->n;
    for (size_t i = 0; i < table->n; i++) {
        double value = v[table->row[i]];
        x[i] = input->x32 ? (double)(float)value : value;
    }
}

static void fill_group(void *argument, size_t item, unsigned worker)
{
    struct filling *job = argument;
    size_t p = job->table->p, end = (item + 1) * GROUP < p ? (item + 1) * GROUP : p;
    for (size_t column = item * GROUP; column < end; column++)
        fill_column(job, column, job->scratch + worker * job->table->n);
}

static enum lethe_err fill_columns(struct codec_table *table, const struct lethe_codec_input *input,
                                   const struct lethe_codec_options *options,
                                   struct codec_pool *pool, struct lethe_error *err)
{
    size_t n = table->n, p = table->p, workers = lethe_codec_pool_workers(pool);
    enum lethe_err code = LETHE_OK;
    struct filling job = {.table = table, .input = input, .options = options};
    job.scratch = lethe_alloc(workers, n * sizeof *job.scratch);
    job.bad = lethe_alloc(p, sizeof *job.bad);
    if (!job.scratch || !job.bad) {
        code = lethe_fail_memory(err, "columns", workers * n, sizeof *job.scratch);
        goto out;
    }
    lethe_codec_pool_run(pool, fill_group, &job, (p + GROUP - 1) / GROUP, NULL);
    for (size_t column = 0; column < p && code == LETHE_OK; column++)
        if (job.bad[column] != FINE) {
            size_t at = job.bad[column] * p + column;
            double value = input->x32 ? (double)input->x32[at] : input->x64[at];
            code = lethe_fail(err, LETHE_EARG,
                              "column %zu, row %" PRIu32 " is %s: remove or repair that row",
                              column, job.bad[column], isnan(value) ? "nan" : "infinite");
        }
out:
    lethe_free(job.scratch);
    lethe_free(job.bad);
    return code;
}

static enum lethe_err check(const struct lethe_codec_input *input,
                            const struct lethe_codec_options *options, struct lethe_error *err)
{
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

static enum lethe_err reserve(struct codec_table *table, size_t n, size_t p,
                              struct lethe_error *err)
{
    if (table->capacity[0] < n || table->capacity[1] < p || table->capacity[2] / p < n) {
        lethe_codec_table_release(table);
        table->row = lethe_alloc(n, sizeof *table->row);
        table->tie = lethe_alloc(n, sizeof *table->tie);
        table->rank = lethe_alloc(n, sizeof *table->rank);
        table->least = lethe_alloc(n, sizeof *table->least);
        table->usable = lethe_alloc(p, sizeof *table->usable);
        table->x = lethe_alloc_aligned(p, n * sizeof *table->x);
        if (!table->row || !table->tie || !table->rank || !table->least || !table->usable ||
            !table->x) {
            lethe_codec_table_release(table);
            return lethe_fail_memory(err, "the table of columns", p, n * sizeof *table->x);
        }
        table->capacity[0] = n;
        table->capacity[1] = p;
        table->capacity[2] = n * p;
    }
    table->n = n;
    table->p = p;
    return LETHE_OK;
}

enum lethe_err lethe_codec_table_fill(struct codec_table *table,
                                      const struct lethe_codec_input *input,
                                      const struct lethe_codec_options *options,
                                      struct codec_pool *pool, struct lethe_error *err)
{
    enum lethe_err code = check(input, options, err);
    if (code == LETHE_OK)
        code = reserve(table, input->n, input->p, err);
    if (code != LETHE_OK)
        return code;
    table->seed = options->seed;
    code = rank_y(table, input, options, err);
    return code == LETHE_OK ? fill_columns(table, input, options, pool, err) : code;
}

void lethe_codec_table_release(struct codec_table *table)
{
    lethe_free(table->row);
    lethe_free(table->tie);
    lethe_free(table->rank);
    lethe_free(table->least);
    lethe_free(table->usable);
    lethe_free(table->x);
    *table = (struct codec_table){0};
}
