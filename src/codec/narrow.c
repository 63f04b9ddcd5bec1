/* SPDX-License-Identifier: MIT
 * Float copies of double columns, to find out quickly which rows may be nearest. A column is moved
 * so that its middle is 0, which no difference notices, and all are multiplied by one power of two.
 * A stored value is then off by at most 2^-24 of half the column's range, times a little for what
 * double loses; a difference by twice that. */
#include <math.h>

#include "base/alloc.h"
#include "codec/table.h"

enum { LANES = CODEC_LANES };

double lethe_codec_narrow_error(double half)
{
    return half * 0x1.01p-23 + 0x1p-140;
}

struct narrowing {
    struct codec_table *table;
    double *middle, *half; /* (p) of the range of each column */
};

void lethe_codec_range(double *middle, double *half, const double *x, size_t n)
{
    double low = x[0], high = x[0];
    for (size_t i = 1; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    *middle = low / 2 + high / 2;
    *half = high / 2 - low / 2;
}

static void measure(void *argument, size_t column, unsigned worker)
{
    struct narrowing *job = argument;
    (void)worker;
    lethe_codec_range(&job->middle[column], &job->half[column],
                      job->table->x64 + column * job->table->n, job->table->n);
}

static void narrow_block(void *argument, size_t block, unsigned worker)
{
    struct narrowing *job = argument;
    struct codec_table *table = job->table;
    size_t n = table->n;
    float *out = table->x32 + block * LANES * n;
    (void)worker;
    for (size_t l = 0; l < LANES; l++) {
        size_t column = block * LANES + l;
        int used = column < table->p && table->usable[column];
        double middle = used ? job->middle[column] : 0, half = used ? job->half[column] : 0;
        const double *x = used ? table->x64 + column * n : NULL;
        for (size_t i = 0; i < n; i++)
            out[i * LANES + l] = x ? (float)((x[i] - middle) * table->factor) : 0;
        table->error[column] = lethe_codec_narrow_error(half * table->factor);
    }
}

static enum lethe_err reserve(struct codec_table *table, struct lethe_error *err)
{
    size_t n = table->room[0], columns = table->room[1];
    if (table->x32)
        return LETHE_OK;
    table->error = lethe_alloc(columns, sizeof *table->error);
    table->x32 = lethe_alloc_aligned(columns, n * sizeof *table->x32);
    if (table->error && table->x32)
        return LETHE_OK;
    lethe_free(table->error);
    lethe_free(table->x32);
    table->error = NULL;
    table->x32 = NULL;
    return lethe_fail_memory(err, "float copies", columns, n * sizeof *table->x32);
}

enum lethe_err lethe_codec_table_narrow(struct codec_table *table, struct lethe_threads *pool,
                                        struct lethe_error *err)
{
    size_t p = table->p;
    double largest = 0;
    struct narrowing job = {.table = table};
    enum lethe_err code = reserve(table, err);
    if (code != LETHE_OK)
        return code;
    job.middle = lethe_alloc(p, sizeof *job.middle);
    job.half = lethe_alloc(p, sizeof *job.half);
    if (!job.middle || !job.half) {
        code = lethe_fail_memory(err, "ranges of columns", p, sizeof *job.half);
        goto out;
    }
    lethe_threads_run(pool, measure, &job, p, NULL);
    for (size_t c = 0; c < p; c++)
        largest = table->usable[c] && job.half[c] > largest ? job.half[c] : largest;
    /* Beyond 2^300 and below 2^-300 the definition's own squares overflow or vanish: no factor. */
    table->factor = largest > 0x1p300 || largest < 0x1p-300 ? 0 : ldexp(1, -ilogb(largest));
    if (table->factor > 0)
        lethe_threads_run(pool, narrow_block, &job, codec_blocks(p), NULL);
out:
    lethe_free(job.middle);
    lethe_free(job.half);
    return code;
}
