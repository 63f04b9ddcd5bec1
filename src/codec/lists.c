/* SPDX-License-Identifier: MIT
 * The lists of the fast path: per row its nearest rows in the given columns. A sample says how far
 * to look; only rows whose first given column is as near are compared; the nearer third of what is
 * found is sorted, sixteen rows at once, and the rest, which few columns need, is not. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/fast.h"

enum { LANES = CODEC_LANES, SAMPLE = CODEC_SAMPLE, PIVOTS = 32 };

struct listing {
    struct codec_fast *fast;
    size_t count; /* given columns */
};

static double pack(double value, uint32_t index)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits |= index;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t unpack(float *value, double key)
{
    uint64_t bits, mask = ((uint64_t)1 << CODEC_INDEX_BITS) - 1;
    memcpy(&bits, &key, sizeof bits);
    uint32_t index = (uint32_t)(bits & mask);
    bits &= ~mask;
    memcpy(&key, &bits, sizeof key);
    *value = (float)key;
    return index;
}

/* How long a list should be. Two dimensions need about sqrt(n) rows, outlying ones a few times
 * that; for what is left a scan of all rows costs as much as n / LANES visits. Few columns do not
 * make up for long lists, nor for sorting them whole. */
static int few_columns(const struct codec_fast *fast)
{
    return fast->p < fast->n / 8;
}

static size_t wanted(const struct codec_fast *fast)
{
    size_t n = fast->n, root = (size_t)sqrt((double)n);
    return n <= 256 ? n : few_columns(fast) ? 3 * root : 4 * root;
}

static size_t wanted_sorted(const struct codec_fast *fast)
{
    return few_columns(fast) ? wanted(fast) / 2 : fast->n;
}

static int by_value(const void *a, const void *b)
{
    const struct codec_near *s = a, *t = b;
    if (s->d != t->d)
        return s->d < t->d ? -1 : 1;
    return s->j < t->j ? -1 : 1;
}

/* The place in the order of the s-th row of the sample. */
static size_t sampled(size_t s, size_t n)
{
    return s * n / SAMPLE;
}

/* Orders the positions by the first given column, and turns all given columns into that order. The
 * lists are not in use yet and serve as scratch. */
static void order_given(struct codec_fast *fast, size_t count)
{
    size_t n = fast->n;
    struct codec_near *scratch = fast->list;
    for (size_t i = 0; i < n; i++)
        scratch[i] = (struct codec_near){fast->given[i], (uint32_t)i};
    qsort(scratch, n, sizeof *scratch, by_value);
    for (size_t r = 0; r < n; r++) {
        fast->order[r] = scratch[r].j;
        fast->place[scratch[r].j] = (uint32_t)r;
    }
    float *sample = fast->ordered + count * n;
    for (size_t k = 0; k < count; k++) {
        for (size_t r = 0; r < n; r++)
            fast->ordered[k * n + r] = fast->given[k * n + fast->order[r]];
        for (size_t s = 0; s < SAMPLE; s++)
            sample[k * SAMPLE + s] = fast->ordered[k * n + sampled(s, n)];
    }
}

/* Two limits per lane, from a sorted sample of its distances. About `wanted` rows lie below the
 * first; when a run of equal distances crosses it, the second lies behind the run. */
struct limits {
    float before[LANES], behind[LANES];
};

static void choose_limits(struct limits *limits, const struct listing *job,
                          struct codec_bench *bench, const uint32_t *row, size_t rows)
{
    const size_t last = SAMPLE - 2; /* the very last may be the row itself, at infinity */
    const struct codec_fast *fast = job->fast;
    const struct codec_columns sample = {fast->ordered + job->count * fast->n, job->count, SAMPLE};
    size_t n = fast->n, wish = wanted(fast) * SAMPLE / n;
    double *keys = bench->keys;
    float d[SAMPLE];
    for (size_t l = 0; l < LANES; l++) {
        size_t i = row[l < rows ? l : 0];
        fast->kernels->distances(d, &sample, fast->point + i * job->count, SAMPLE);
        for (size_t s = 0; s < SAMPLE; s++)
            keys[s * LANES + l] = sampled(s, n) == fast->place[i] ? INFINITY : (double)d[s];
    }
    fast->kernels->sort(keys, SAMPLE);
    for (size_t l = 0; l < LANES; l++) {
        size_t at = wish < last ? wish : last;
        limits->before[l] = (float)keys[at * LANES + l];
        while (at < last && keys[at * LANES + l] == keys[(at ? at - 1 : at + 1) * LANES + l])
            at++;
        limits->behind[l] = (float)keys[at * LANES + l];
    }
}

/* First place in [low, high) of the order whose first column is nearer than limit to `at`, searched
 * from a side where it is not (step > 0: the low side). */
static size_t edge(const float *x, float at, float limit, size_t low, size_t high, int rising)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        float t = x[middle] - at;
        int near = t * t < limit;
        if (near == rising)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Lists the rows below the larger limit that a list can hold; returns how many. Below it are no
 * others: a distance is never less than the square of its first term, as rounding is monotone. */
static size_t collect(struct codec_near *list, float *used, const struct listing *job,
                      struct codec_bench *bench, const float limits[2], size_t i)
{
    const struct codec_fast *fast = job->fast;
    size_t n = fast->n, place = fast->place[i];
    float limit = limits[1], at = fast->given[i];
    size_t from = isinf(limit) ? 0 : edge(fast->ordered, at, limit, 0, place, 1);
    size_t to = isinf(limit) ? n : edge(fast->ordered, at, limit, place, n, 0);
    const struct codec_columns columns = {fast->ordered + from, job->count, n};
    fast->kernels->distances(bench->d, &columns, fast->point + i * job->count, to - from);
    bench->d[place - from] = INFINITY;
    size_t count = fast->kernels->below(bench->found, bench->d, limit, to - from);
    if (count > fast->capacity) {
        limit = limits[0];
        count = fast->kernels->below(bench->found, bench->d, limit, to - from);
    }
    while (count > fast->capacity) {
        limit = isinf(limit) ? FLT_MAX : limit / 2;
        count = fast->kernels->below(bench->found, bench->d, limit, to - from);
    }
    for (size_t k = 0; k < count; k++) {
        size_t found = bench->found[k];
        list[k] = (struct codec_near){bench->d[found], fast->order[from + found]};
    }
    /* Rows that are not listed although the limit is infinite have overflowed. */
    *used = isinf(limit) && count < n - 1 ? FLT_MAX : limit;
    return count;
}

/* A distance per lane that parts the nearer share of each list, which is to be sorted. */
static void choose_pivots(float *pivots, const struct codec_fast *fast, struct codec_bench *bench,
                          struct codec_near *const *list, const size_t *count)
{
    size_t wish = wanted_sorted(fast);
    if (wish == fast->n) {
        for (size_t l = 0; l < LANES; l++)
            pivots[l] = INFINITY;
        return;
    }
    for (size_t l = 0; l < LANES; l++)
        for (size_t s = 0; s < PIVOTS; s++)
            bench->keys[s * LANES + l] =
                count[l] ? (double)list[l][s * count[l] / PIVOTS].d : INFINITY;
    fast->kernels->sort(bench->keys, PIVOTS);
    for (size_t l = 0; l < LANES; l++) {
        size_t at = count[l] ? wish * PIVOTS / count[l] + 1 : PIVOTS;
        pivots[l] = at < PIVOTS ? (float)bench->keys[at * LANES + l] : INFINITY;
    }
}

/* Moves what is below pivot into one lane of keys, the rest to the front; returns how many remain.
 */
static size_t part(double *keys, struct codec_near *list, size_t count, float pivot)
{
    size_t sorted = 0, rest = 0;
    for (size_t k = 0; k < count; k++) {
        struct codec_near near = list[k];
        size_t below = near.d < pivot;
        keys[sorted * LANES] = pack((double)near.d, near.j);
        list[rest] = near;
        sorted += below;
        rest += 1 - below;
    }
    return rest;
}

/* Lists of sixteen lone rows, sorted together. */
static void list_rows(void *argument, size_t item, unsigned worker)
{
    struct listing *job = argument;
    struct codec_fast *fast = job->fast;
    struct codec_bench *bench = &fast->bench[worker];
    const uint32_t *row = fast->lone + item * LANES;
    size_t left = fast->lone_count - item * LANES, longest = 0;
    size_t rows = left < LANES ? left : LANES, count[LANES] = {0};
    struct codec_near *list[LANES] = {NULL};
    struct limits limits;
    float pivots[LANES];
    for (size_t r = 0; r < LANES; r++)
        limits.before[r] = limits.behind[r] = INFINITY;
    if (wanted(fast) < fast->n)
        choose_limits(&limits, job, bench, row, rows);
    for (size_t r = 0; r < rows; r++) {
        const float both[2] = {limits.before[r], limits.behind[r]};
        list[r] = fast->list + row[r] * fast->capacity;
        count[r] = collect(list[r], &fast->reach[row[r]].limit, job, bench, both, row[r]);
    }
    choose_pivots(pivots, fast, bench, list, count);
    for (size_t r = 0; r < rows; r++) {
        size_t rest = part(bench->keys + r, list[r], count[r], pivots[r]);
        struct codec_reach *reach = &fast->reach[row[r]];
        reach->rest = (uint32_t)rest;
        reach->length = (uint32_t)(count[r] -= rest);
        reach->beyond = pivots[r];
        list[r] += rest;
        longest = count[r] > longest ? count[r] : longest;
    }
    for (size_t r = 0; r < LANES; r++)
        for (size_t k = count[r]; k < longest; k++)
            bench->keys[k * LANES + r] = INFINITY;
    fast->kernels->sort(bench->keys, longest);
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < count[r]; k++)
            list[r][k].j = unpack(&list[r][k].d, bench->keys[k * LANES + r]);
}

void lethe_codec_lists(struct codec_fast *fast, const struct codec_question *question)
{
    struct listing job = {fast, question->count};
    order_given(fast, question->count);
    lethe_threads_run(question->pool, list_rows, &job, (fast->lone_count + LANES - 1) / LANES,
                      question->watch);
}
