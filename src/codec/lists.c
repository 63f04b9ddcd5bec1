/* SPDX-License-Identifier: MIT
 * The lists of the fast path: per row its nearest rows in the given columns, nearest first: selected
 * by a threshold, then sorted sixteen rows at once. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "codec/fast.h"

enum { LANES = CODEC_LANES };

struct listing {
    struct codec_fast *fast;
    const struct codec_question *question;
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
 * that; for what is left a scan of all rows costs as much as n / LANES visits. */
static size_t wanted(size_t n)
{
    size_t length = (size_t)(4 * sqrt((double)n));
    return n <= 256 ? n : length;
}

/* Two limits per lane, from a sorted sample of its distances d (LANES, n). About `wanted` rows lie
 * below the first; when a run of equal distances crosses it, the second lies behind the run. */
struct limits {
    float before[LANES], behind[LANES];
};

static void choose_limits(struct limits *limits, const struct codec_fast *fast,
                          struct codec_bench *bench, size_t n)
{
    const size_t last = CODEC_SAMPLE - 2; /* the very last may be the row itself, at infinity */
    size_t wish = wanted(n) * CODEC_SAMPLE / n;
    double *keys = bench->keys;
    for (size_t s = 0; s < CODEC_SAMPLE; s++)
        for (size_t l = 0; l < LANES; l++)
            keys[s * LANES + l] = (double)bench->d[l * n + s * n / CODEC_SAMPLE];
    fast->kernels->sort(keys, CODEC_SAMPLE);
    for (size_t l = 0; l < LANES; l++) {
        size_t at = wish < last ? wish : last;
        limits->before[l] = (float)keys[at * LANES + l];
        while (at < last && keys[at * LANES + l] == keys[(at ? at - 1 : at + 1) * LANES + l])
            at++;
        limits->behind[l] = (float)keys[at * LANES + l];
    }
}

/* Collects the rows below the larger limit that a list can hold; returns the limit used. */
static float collect(double *keys, size_t *count, const struct codec_fast *fast,
                     struct codec_bench *bench, const float limits[2], const float *d)
{
    size_t n = fast->n;
    float limit = limits[1];
    *count = fast->kernels->below(bench->found, d, limit, n);
    if (*count > fast->capacity) {
        limit = limits[0];
        *count = fast->kernels->below(bench->found, d, limit, n);
    }
    while (*count > fast->capacity) {
        limit = isinf(limit) ? FLT_MAX : limit / 2;
        *count = fast->kernels->below(bench->found, d, limit, n);
    }
    for (size_t k = 0; k < *count; k++) {
        uint32_t j = bench->found[k];
        keys[k * LANES] = pack((double)d[j], j);
    }
    /* Rows that are not listed although the limit is infinite have overflowed. */
    return isinf(limit) && *count < n - 1 ? FLT_MAX : limit;
}

/* Lists of sixteen lone rows, sorted together. */
static void list_rows(void *argument, size_t item, unsigned worker)
{
    struct listing *job = argument;
    struct codec_fast *fast = job->fast;
    struct codec_bench *bench = &fast->bench[worker];
    const uint32_t *row = fast->lone + item * LANES;
    size_t n = fast->n, left = fast->lone_count - item * LANES, longest = 0;
    size_t rows = left < LANES ? left : LANES, count[LANES] = {0};
    struct limits limits;
    for (size_t r = 0; r < LANES; r++) {
        fast->kernels->distances(bench->d + r * n, fast->given, job->question->count, n,
                                 row[r < rows ? r : 0]);
        limits.before[r] = limits.behind[r] = INFINITY;
    }
    if (wanted(n) < n)
        choose_limits(&limits, fast, bench, n);
    for (size_t r = 0; r < rows; r++) {
        const float both[2] = {limits.before[r], limits.behind[r]};
        fast->reach[row[r]] =
            collect(bench->keys + r, &count[r], fast, bench, both, bench->d + r * n);
        longest = count[r] > longest ? count[r] : longest;
    }
    for (size_t r = 0; r < LANES; r++)
        for (size_t k = count[r]; k < longest; k++)
            bench->keys[k * LANES + r] = INFINITY;
    fast->kernels->sort(bench->keys, longest);
    for (size_t r = 0; r < rows; r++) {
        struct codec_near *list = fast->list + row[r] * fast->capacity;
        fast->length[row[r]] = (uint32_t)count[r];
        for (size_t k = 0; k < count[r]; k++)
            list[k].j = unpack(&list[k].d, bench->keys[k * LANES + r]);
    }
}

void lethe_codec_lists(struct codec_fast *fast, const struct codec_question *question)
{
    struct listing job = {fast, question};
    lethe_codec_pool_run(question->pool, list_rows, &job, (fast->lone_count + LANES - 1) / LANES,
                         question->watch);
}
