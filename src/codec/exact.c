/* SPDX-License-Identifier: MIT
 * The definition, in plain loops: O(n) per pair of row and column. Rows are handled in groups so
 * that a column is read from memory once for all of them. */
#include "codec/exact.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "codec/column.h"
#include "codec/tie.h"

enum { ROWS = 16 };

size_t lethe_codec_lows(size_t n)
{
    return (n + CODEC_STRETCH - 1) / CODEC_STRETCH;
}

void lethe_codec_distances(double *d, const double *given, size_t count, size_t n, size_t i)
{
    memset(d, 0, n * sizeof *d);
    for (size_t k = 0; k < count; k++) {
        const double *x = given + k * n;
        for (size_t j = 0; j < n; j++)
            d[j] += (x[j] - x[i]) * (x[j] - x[i]);
    }
    d[i] = NAN;
}

size_t lethe_codec_nearest(const double *d, const double *x, const struct codec_table *table,
                           size_t i, double *lows)
{
    size_t n = table->n, best = 0;
    double at = x[i], low = table->kernels->lows(lows, d, x, at, n);
    uint64_t first = UINT64_MAX;
    for (size_t s = 0, j = 0; j < n; s++, j += CODEC_STRETCH) {
        if (lows[s] > low)
            continue;
        for (size_t m = j; m < n && m < j + CODEC_STRETCH; m++) {
            double t = x[m] - at;
            if (m == i || d[m] + t * t > low)
                continue;
            uint32_t tie = codec_tie(table->tie[i], table->row[m]);
            if (tie < first) {
                first = tie;
                best = m;
            }
        }
    }
    return best;
}

struct scan {
    const struct codec_question *question;
    double *scratch; /* (workers, ROWS, n) distances, then (workers, lows) */
    double *lows;
    int64_t *sums;     /* (workers, p) */
    uint32_t *nearest; /* (workers, n), for nothing given */
    struct codec_point *points;
};

static void scan_rows(void *argument, size_t item, unsigned worker)
{
    struct scan *job = argument;
    const struct codec_question *q = job->question;
    const struct codec_table *table = q->table;
    size_t n = table->n, first = item * ROWS, rows = n - first < ROWS ? n - first : ROWS;
    double *d = job->scratch + worker * ROWS * n;
    double *lows = job->lows + worker * lethe_codec_lows(n);
    int64_t *sums = job->sums + worker * table->p;
    for (size_t r = 0; r < rows; r++)
        lethe_codec_distances(d + r * n, q->given, q->count, n, first + r);
    for (size_t c = 0; c < table->p; c++) {
        if (q->skip[c])
            continue;
        const double *x = table->x64 + c * n;
        for (size_t r = 0; r < rows; r++) {
            size_t i = first + r, m = lethe_codec_nearest(d + r * n, x, table, i, lows);
            sums[c] += table->rank[i < m ? i : m];
        }
    }
}

/* With nothing given a column's neighbours are found by sorting it. */
static void scan_column(void *argument, size_t column, unsigned worker)
{
    struct scan *job = argument;
    const struct codec_table *table = job->question->table;
    size_t n = table->n;
    if (job->question->skip[column])
        return;
    uint32_t *nearest = job->nearest + worker * n;
    lethe_codec_column(nearest, table->x64 + column * n, table, job->points + worker * n);
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += table->rank[i < nearest[i] ? i : nearest[i]];
    job->sums[worker * table->p + column] = sum;
}

enum lethe_err lethe_codec_sums_exact(int64_t *sums, const struct codec_question *question,
                                      struct lethe_error *err)
{
    size_t n = question->table->n, p = question->table->p;
    size_t workers = lethe_threads_count(question->pool);
    enum lethe_err code = LETHE_OK;
    struct scan job = {.question = question};
    job.scratch = lethe_alloc_aligned(workers * ROWS, n * sizeof *job.scratch);
    job.lows = lethe_alloc(workers, lethe_codec_lows(n) * sizeof *job.lows);
    job.sums = lethe_alloc_zero(workers, p * sizeof *job.sums);
    job.nearest = lethe_alloc(workers, n * sizeof *job.nearest);
    job.points = lethe_alloc(workers, n * sizeof *job.points);
    if (!job.scratch || !job.lows || !job.sums || !job.nearest || !job.points) {
        code = lethe_fail_memory(err, "distances", workers * ROWS, n * sizeof *job.scratch);
        goto out;
    }
    if (question->count)
        lethe_threads_run(question->pool, scan_rows, &job, (n + ROWS - 1) / ROWS, question->watch);
    else
        lethe_threads_run(question->pool, scan_column, &job, p, question->watch);
    for (size_t c = 0; c < p; c++) {
        if (question->skip[c])
            continue;
        sums[c] = 0;
        for (size_t w = 0; w < workers; w++)
            sums[c] += job.sums[w * p + c];
    }
out:
    lethe_free(job.scratch);
    lethe_free(job.lows);
    lethe_free(job.sums);
    lethe_free(job.nearest);
    lethe_free(job.points);
    return code;
}
