/* SPDX-License-Identifier: MIT
 * L-FOCI against the pairwise-distance program everyone writes: a matrix product for the distances
 * of every candidate, then an argmin per row. Both on two threads, in one run, on the same table;
 * the baseline is timed on as many columns as fit its time and scaled to all, which is said.
 * usage: codec_bench [THREADS [LINE [SET]]]   LINE counts from 1, 0 is all; SET is avx512 ... */
#include <cblas.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec/foci.h"
#include "base/threads.h"
#include "lethe/rng.h"
#include "tests/support/promise.h"

enum kind { GAUSSIAN, RELU };

struct study {
    size_t n, p, max; /* max 0: with stop */
    enum kind kind;
    double aim; /* seconds, 0: none */
    int repeats;
};

static double read_clock(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static void *need(size_t count, size_t size)
{
    void *block = calloc(count, size);
    if (!block) {
        fputs("codec_bench: out of memory\n", stderr);
        exit(1);
    }
    return block;
}

/* Columns with 30 to 60 % zeros, every 16th dead, for ReLU. y follows columns 3 and 7. */
static void fill(float *x, double *y, const struct study *study)
{
    for (size_t i = 0; i < study->n; i++) {
        struct lethe_rng rng;
        lethe_rng_init(&rng, 1, LETHE_RNG_TEST, i, 0);
        float *row = x + i * study->p;
        for (size_t c = 0; c < study->p; c++) {
            double z = lethe_rng_normal(&rng);
            if (study->kind == RELU) {
                double shift = 0.25 * (double)(c % 7) / 3 - 0.25;
                z = z + shift > 0 && c % 16 != 5 ? z + shift : 0;
            }
            row[c] = (float)z;
        }
        y[i] = (double)row[3] + (double)(row[7] * row[7]) + 0.1 * lethe_rng_normal(&rng);
    }
}

/* The baseline: per column |a|^2 + |b|^2 - 2 a b over (selected, column), nearest row, sum. */
struct pairwise {
    const struct study *study;
    const float *x, *rank;
    size_t given;
    float *square; /* (threads, n, n) products */
    float *points; /* (threads, n, given + 1) */
    float *norm;   /* (threads, n) */
    double *sum;   /* (p) */
};

static void pairwise_column(void *argument, size_t column, unsigned worker)
{
    struct pairwise *job = argument;
    size_t n = job->study->n, p = job->study->p, k = job->given + 1;
    float *product = job->square + worker * n * n, *points = job->points + worker * n * k;
    float *norm = job->norm + worker * n;
    for (size_t i = 0; i < n; i++) {
        norm[i] = 0;
        for (size_t c = 0; c < k; c++) {
            float v = job->x[i * p + (c < job->given ? c : column)];
            points[i * k + c] = v;
            norm[i] += v * v;
        }
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)n, (int)k, -2, points, (int)k,
                points, (int)k, 0, product, (int)n);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        float best = INFINITY, *d = product + i * n;
        size_t at = 0;
        d[i] = INFINITY;
        for (size_t j = 0; j < n; j++)
            if (d[j] + norm[j] < best) {
                best = d[j] + norm[j];
                at = j;
            }
        sum += job->rank[i] < job->rank[at] ? job->rank[i] : job->rank[at];
    }
    job->sum[column] = sum;
}

/* Seconds one step of the baseline takes over all columns. */
static double time_pairwise(const struct study *study, const float *x, unsigned threads)
{
    size_t n = study->n, given = 1, columns = 4 * threads;
    struct lethe_threads *pool = NULL;
    if (lethe_threads_new(&pool, threads, NULL) != LETHE_OK)
        exit(1);
    float *rank = need(n, sizeof *rank);
    struct pairwise job = {.study = study, .x = x, .rank = rank, .given = given};
    job.square = need(threads * n, n * sizeof *job.square);
    job.points = need(threads * n, (given + 1) * sizeof *job.points);
    job.norm = need(threads, n * sizeof *job.norm);
    job.sum = need(study->p, sizeof *job.sum);
    lethe_threads_run(pool, pairwise_column, &job, threads, NULL);
    double start = now();
    lethe_threads_run(pool, pairwise_column, &job, columns, NULL);
    double seconds = (now() - start) * (double)study->p / (double)columns;
    free(job.square);
    free(job.points);
    free(job.norm);
    free(job.sum);
    free(rank);
    lethe_threads_free(pool);
    return seconds;
}

struct timing {
    double best, first; /* seconds; the first run pays for the work space */
    double judged;      /* what 95 % of the runs do not exceed */
    double cpu;         /* least processor seconds of a run, over all threads */
    double visits, settled;
    double bytes; /* work space at the end, of which list pages may be untouched */
    size_t steps;
};

static double allocated(void)
{
    struct mallinfo2 info = mallinfo2();
    return (double)info.uordblks + (double)info.hblkhd;
}

static struct timing time_foci(const struct study *study, const struct lethe_codec_input *input,
                               const struct codec_kernels *kernels, unsigned threads)
{
    struct lethe_foci_options options = {
        .codec = {.seed = 1, .threads = threads}, .max = study->max, .stop = study->max == 0};
    struct timing timing = {.best = INFINITY, .cpu = INFINITY};
    double *runs = need((size_t)study->repeats, sizeof *runs);
    struct lethe_foci *foci = NULL;
    struct lethe_error err;
    double before = allocated();
    if (lethe_foci_new(&foci, &err) != LETHE_OK)
        exit(1);
    lethe_foci_use(foci, kernels);
    for (int r = 0; r < study->repeats; r++) {
        size_t visits = 0, settled = 0, steps = 0;
        double start = now(), cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID);
        enum lethe_err code = lethe_foci_start(foci, input, &options, &err);
        for (int more = 1; code == LETHE_OK && more; steps++) {
            code = lethe_foci_step(foci, &more, NULL, &err);
            visits += lethe_foci_fast(foci)->visits;
            settled += lethe_foci_fast(foci)->settled;
        }
        double seconds = now() - start;
        cpu = read_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        timing.cpu = cpu < timing.cpu ? cpu : timing.cpu;
        if (code != LETHE_OK) {
            fprintf(stderr, "codec_bench: %s\n", err.message);
            exit(1);
        }
        runs[r] = seconds;
        timing.first = r ? timing.first : seconds;
        timing.best = seconds < timing.best ? seconds : timing.best;
        timing.steps = steps;
        double pairs = (double)study->n * (double)study->p;
        timing.visits = steps > 1 ? (double)visits * 16 / pairs / (double)(steps - 1) : 0;
        timing.settled = (double)settled / pairs / (double)steps;
    }
    timing.bytes = allocated() - before;
    timing.judged = promise_point(runs, (size_t)study->repeats, 0.95);
    free(runs);
    lethe_foci_free(foci);
    return timing;
}

static void run(const struct study *study, unsigned threads, const char *set)
{
    float *x = need(study->n * study->p, sizeof *x);
    double *y = need(study->n, sizeof *y);
    fill(x, y, study);
    struct lethe_codec_input input = {.n = study->n, .p = study->p, .x32 = x, .y = y};
    int affordable = study->n <= 20000; /* its products take 4 n^2 bytes a thread */
    double pairwise = affordable ? time_pairwise(study, x, threads) : 0;
    size_t count;
    const struct codec_kernels *const *kernels = lethe_codec_kernels(&count);
    for (size_t k = 0; k < count; k++) {
        if (set && strcmp(set, kernels[k]->name) != 0)
            continue;
        struct timing t = time_foci(study, &input, kernels[k], threads);
        double base = pairwise * (double)t.steps;
        printf("%-8s %6zu %6zu %3zu  %-6s %9.2f %9.2f %9.2f %9.2f ",
               study->kind == RELU ? "relu" : "gauss", study->n, study->p, t.steps,
               kernels[k]->name, t.best * 1e3, t.first * 1e3, t.judged * 1e3, t.cpu * 1e3);
        if (study->aim > 0)
            printf("%8.0f %-6s ", study->aim * 1e3, t.judged <= study->aim ? "kept" : "BROKEN");
        else
            printf("%8s %-6s ", "-", "");
        if (affordable)
            printf("%10.0f %7.0fx ", base * 1e3, base / t.best);
        else
            printf("%10s %8s ", "-", "-");
        printf("%8.1f %9.4f %8.1f\n", t.visits, t.settled * 100, t.bytes / 1e6);
        fflush(stdout);
    }
    free(x);
    free(y);
}

/* The null band of 200 permutations, which the screen shows beside the scores. */
static void run_null(unsigned threads)
{
    static const struct study study = {1000, 4810, 0, GAUSSIAN, 0, 1};
    float *x = need(study.n * study.p, sizeof *x);
    double *y = need(study.n, sizeof *y), band = 0;
    fill(x, y, &study);
    struct lethe_codec_input input = {.n = study.n, .p = study.p, .x32 = x, .y = y};
    struct lethe_codec_options options = {.seed = 1, .threads = threads};
    double start = now();
    if (lethe_codec_null(&band, NULL, &input, 200, &options, NULL, NULL) != LETHE_OK)
        exit(1);
    printf("\nnull band, 200 permutations, n 1000, p 4810: %.4f in %.0f ms\n", band,
           (now() - start) * 1e3);
    free(x);
    free(y);
}

int main(int argc, char **argv)
{
    unsigned threads = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2;
    size_t line = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    static const struct study studies[] = {
        {1000, 110, 0, GAUSSIAN, 0, 9},      {1000, 500, 0, GAUSSIAN, 0.008, 9},
        {1000, 4810, 11, GAUSSIAN, 0.25, 3}, {10000, 110, 11, GAUSSIAN, 0.5, 2},
        {1000, 41000, 3, GAUSSIAN, 0.7, 2},  {1000, 110, 0, RELU, 0, 9},
        {1000, 500, 0, RELU, 0, 9},          {1000, 4810, 11, RELU, 0, 2},
        {10000, 110, 11, RELU, 0, 1},        {1000, 41000, 4, RELU, 0, 1},
        {100000, 10, 4, GAUSSIAN, 0, 1},     {100000, 100, 3, GAUSSIAN, 10, 1},
    };
    printf("L-FOCI, %u threads; times in ms: best, first run, what 95 %% of the runs do not "
           "exceed, processor time of all threads, promise (judged by the 95 %%), pairwise "
           "baseline (estimated "
           "from %u columns a step)\n"
           "visits: rows of a list met per row and block of 16 columns and step; settled: %% of "
           "pairs (row, column) done in double; "
           "MB: work space\n\n",
           threads, 4 * threads);
    printf("%-8s %6s %6s %3s  %-6s %9s %9s %9s %9s %8s %-6s %10s %8s %8s %9s %8s\n", "data", "n",
           "p", "k", "set", "best", "first", "95 %", "cpu", "promise", "", "pairwise", "ratio",
           "visits", "settled%", "MB");
    for (size_t s = 0; s < sizeof studies / sizeof *studies; s++)
        if (line == 0 || line == s + 1)
            run(&studies[s], threads ? threads : 1, argc > 3 ? argv[3] : NULL);
    if (line == 0)
        run_null(threads);
    return 0;
}
