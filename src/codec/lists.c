/* SPDX-License-Identifier: MIT
 * The lists of the fast path: per row its nearest rows in the given columns. A sample says how far
 * to look; only rows whose first given column is as near are compared; the nearer third of what is
 * found is sorted, sixteen rows at once, and the rest, which few columns need, is not. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/fast.h"

enum { LANES = CODEC_LANES, PIVOTS = 32 };

struct listing {
    struct codec_fast *fast;
    size_t count;       /* given columns */
    size_t from, until; /* of the lone rows */
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

/* Few columns do not make up for long lists, nor for sorting them whole. */
static int few_columns(const struct codec_fast *fast)
{
    return fast->p < fast->n / 8;
}

/* How long a list should be: the added column and `count` given ones need about n^(1/(count+1))
 * rows, outlying ones several times that. For what is left a scan of all rows of a short table
 * costs as much as n / LANES visits; long tables are sorted by each column and need shorter lists.
 */
static size_t wanted(const struct codec_fast *fast, size_t count)
{
    size_t n = fast->n, root = (size_t)sqrt((double)n);
    if (fast->is_long && count > 1) {
        size_t few = (size_t)(16 * pow((double)n, 1 / (double)(count + 1)));
        return few < 256 ? 256 : few;
    }
    if (fast->is_long)
        return 5 * root; /* one given column: the list need not be sorted */
    return n <= 256 ? n : few_columns(fast) ? 3 * root : 4 * root;
}

static size_t wanted_sorted(const struct codec_fast *fast, size_t count)
{
    if (fast->is_long && count > 1)
        return wanted(fast, count) / 3;
    return few_columns(fast) ? wanted(fast, count) / 2 : fast->n;
}

static int rising(const void *a, const void *b)
{
    uint32_t s = *(const uint32_t *)a, t = *(const uint32_t *)b;
    return (s > t) - (s < t);
}

static int by_value(const void *a, const void *b)
{
    const struct codec_near *s = a, *t = b;
    if (s->d != t->d)
        return s->d < t->d ? -1 : 1;
    return s->j < t->j ? -1 : 1;
}

/* The place in the order of the s-th row of the sample. */
static size_t sampled(const struct codec_fast *fast, size_t s)
{
    return s * fast->n / fast->sample;
}

/* Orders the positions by the first given column, strips of a long table by the second. The lists
 * are not in use yet and serve as scratch. */
static void order_rows(struct codec_fast *fast, size_t count)
{
    size_t n = fast->n;
    struct codec_near *scratch = fast->list;
    for (size_t i = 0; i < n; i++)
        scratch[i] = (struct codec_near){fast->given[i], (uint32_t)i};
    qsort(scratch, n, sizeof *scratch, by_value);
    fast->strip = count > 1 && fast->is_long ? (size_t)sqrt((double)n) : n;
    for (size_t r = 0; fast->strip < n && r < n; r += fast->strip) {
        size_t rows = n - r < fast->strip ? n - r : fast->strip;
        for (size_t k = r; k < r + rows; k++)
            scratch[k].d = fast->given[n + scratch[k].j];
        qsort(scratch + r, rows, sizeof *scratch, by_value);
    }
    for (size_t r = 0; r < n; r++) {
        fast->order[r] = scratch[r].j;
        fast->place[scratch[r].j] = (uint32_t)r;
    }
}

/* The range of the first column in each strip. */
static void measure_strips(struct codec_fast *fast)
{
    const float *x = fast->ordered;
    for (size_t s = 0, r = 0; r < fast->n; s++) {
        fast->strip_low[s] = fast->strip_high[s] = x[r];
        for (size_t end = r + fast->strip; r < end && r < fast->n; r++) {
            fast->strip_low[s] = x[r] < fast->strip_low[s] ? x[r] : fast->strip_low[s];
            fast->strip_high[s] = x[r] > fast->strip_high[s] ? x[r] : fast->strip_high[s];
        }
    }
}

static void order_given(struct codec_fast *fast, size_t count)
{
    size_t n = fast->n;
    float *sample = fast->ordered + count * n;
    order_rows(fast, count);
    for (size_t k = 0; k < count; k++) {
        for (size_t r = 0; r < n; r++)
            fast->ordered[k * n + r] = fast->given[k * n + fast->order[r]];
        for (size_t s = 0; s < fast->sample; s++)
            sample[k * fast->sample + s] = fast->ordered[k * n + sampled(fast, s)];
    }
    if (fast->strip < n)
        measure_strips(fast);
}

static void order_lone(struct codec_fast *fast)
{
    if (!fast->is_long)
        return;
    struct codec_near *scratch = fast->list;
    for (size_t k = 0; k < fast->lone_count; k++)
        scratch[k].j = fast->place[fast->lone[k]];
    for (size_t k = 0; k < fast->lone_count; k++)
        fast->lone[k] = scratch[k].j;
    qsort(fast->lone, fast->lone_count, sizeof *fast->lone, rising);
    for (size_t k = 0; k < fast->lone_count; k++)
        fast->lone[k] = fast->order[fast->lone[k]];
}

/* Two limits per lane, from a sorted sample of its distances. About `wanted` rows lie below the
 * first; when a run of equal distances crosses it, the second lies behind the run. */
struct limits {
    float before[LANES], behind[LANES];
};

static void choose_limits(struct limits *limits, const struct listing *job,
                          struct codec_bench *bench, const uint32_t *row, size_t rows)
{
    const struct codec_fast *fast = job->fast;
    const size_t size = fast->sample;
    const size_t last = size - 2; /* the very last may be the row itself, at infinity */
    const struct codec_columns sample = {fast->ordered + job->count * fast->n, job->count, size};
    size_t wish = wanted(fast, job->count) * size / fast->n;
    double *keys = bench->keys;
    float d[CODEC_SAMPLE];
    for (size_t l = 0; l < LANES; l++) {
        size_t i = row[l < rows ? l : 0];
        fast->kernels->distances(d, &sample, fast->point + i * job->count, size);
        for (size_t s = 0; s < size; s++)
            keys[s * LANES + l] = (double)d[s];
        for (size_t s = fast->place[i] * size / fast->n; s < size; s++) {
            if (sampled(fast, s) > fast->place[i])
                break;
            if (sampled(fast, s) == fast->place[i])
                keys[s * LANES + l] = INFINITY;
        }
    }
    fast->kernels->sort(keys, size);
    for (size_t l = 0; l < LANES; l++) {
        size_t at = wish < last ? wish : last;
        limits->before[l] = (float)keys[at * LANES + l];
        while (at < last && keys[at * LANES + l] == keys[(at ? at - 1 : at + 1) * LANES + l])
            at++;
        limits->behind[l] = (float)keys[at * LANES + l];
    }
}

/* First place in [low, high) of the order whose value x is (rising) or is no longer nearer than
 * limit to `at`, searched from a side where it is not. */
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

/* First place in [low, high) whose value is not below `at`. */
static size_t first_not_below(const float *x, float at, size_t low, size_t high)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (x[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Runs of the order in which rows nearer than a limit may be, their distances one after the other.
 */
struct runs {
    size_t count, length; /* runs; rows of all */
    struct {
        size_t place, until; /* of the order; of the distances */
    } run[CODEC_RUNS];
};

static void add_run(struct runs *runs, const struct listing *job, struct codec_bench *bench,
                    size_t i, size_t from, size_t to)
{
    const struct codec_fast *fast = job->fast;
    const struct codec_columns columns = {fast->ordered + from, job->count, fast->n};
    float *d = bench->d + runs->length;
    if (from >= to)
        return;
    fast->kernels->distances(d, &columns, fast->point + i * job->count, to - from);
    if (from <= fast->place[i] && fast->place[i] < to)
        d[fast->place[i] - from] = INFINITY;
    runs->length += to - from;
    runs->run[runs->count].place = from;
    runs->run[runs->count++].until = runs->length;
}

/* A distance is never less than the square of one of its terms, as rounding is monotone. */
static void find_runs(struct runs *runs, const struct listing *job, struct codec_bench *bench,
                      size_t i, float limit)
{
    const struct codec_fast *fast = job->fast;
    const float *x = fast->ordered + (fast->strip < fast->n ? fast->n : 0);
    const float at = fast->given[i], second = x == fast->ordered ? at : fast->given[fast->n + i];
    size_t n = fast->n, strips = (n + fast->strip - 1) / fast->strip;
    runs->count = runs->length = 0;
    for (size_t s = 0; s < strips; s++) {
        size_t from = s * fast->strip, to = n - from < fast->strip ? n : from + fast->strip;
        if (strips > 1) {
            float low = fast->strip_low[s] - at, high = at - fast->strip_high[s];
            if ((low > 0 && low * low >= limit) || (high > 0 && high * high >= limit))
                continue;
        }
        if (!isinf(limit)) {
            size_t middle = first_not_below(x, second, from, to);
            from = edge(x, second, limit, from, middle, 1);
            to = edge(x, second, limit, middle, to, 0);
        }
        add_run(runs, job, bench, i, from, to);
    }
}

/* Lists the rows below the larger limit that a list can hold; returns how many. */
static size_t collect(struct codec_near *list, float *used, const struct listing *job,
                      struct codec_bench *bench, const float limits[2], size_t i)
{
    const struct codec_fast *fast = job->fast;
    size_t n = fast->n, run = 0;
    float limit = limits[1];
    struct runs runs;
    runs.run[0].place = runs.run[0].until = 0;
    find_runs(&runs, job, bench, i, limit);
    size_t count = fast->kernels->below(bench->found, bench->d, limit, runs.length);
    if (count > fast->capacity) {
        limit = limits[0];
        count = fast->kernels->below(bench->found, bench->d, limit, runs.length);
    }
    while (count > fast->capacity) {
        limit = isinf(limit) ? FLT_MAX : limit / 2;
        count = fast->kernels->below(bench->found, bench->d, limit, runs.length);
    }
    for (size_t k = 0; k < count; k++) {
        size_t found = bench->found[k];
        while (run + 1 < runs.count && found >= runs.run[run].until)
            run++;
        size_t behind = runs.run[run].until - found; /* places before the run's end */
        size_t begin = run ? runs.run[run - 1].until : 0;
        size_t place = runs.run[run].place + (runs.run[run].until - begin) - behind;
        list[k] = (struct codec_near){bench->d[found], fast->order[place]};
    }
    /* Rows that are not listed although the limit is infinite have overflowed. */
    *used = isinf(limit) && count < n - 1 ? FLT_MAX : limit;
    return count;
}

/* A distance per lane that parts the nearer share of each list, which is to be sorted. */
static void choose_pivots(float *pivots, const struct codec_fast *fast, struct codec_bench *bench,
                          struct codec_near *const *list, const size_t *count, size_t given)
{
    size_t wish = wanted_sorted(fast, given);
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
    const size_t from = job->from + item * LANES;
    const uint32_t *row = fast->lone + from;
    size_t left = job->until - from, longest = 0;
    size_t rows = left < LANES ? left : LANES, count[LANES] = {0};
    struct codec_near *list[LANES] = {NULL};
    struct codec_reach *reach = fast->reach + (from - fast->list_from);
    struct limits limits;
    float pivots[LANES];
    for (size_t r = 0; r < LANES; r++)
        limits.before[r] = limits.behind[r] = INFINITY;
    if (wanted(fast, job->count) < fast->n)
        choose_limits(&limits, job, bench, row, rows);
    for (size_t r = 0; r < rows; r++) {
        const float both[2] = {limits.before[r], limits.behind[r]};
        list[r] = codec_list(fast, from + r);
        count[r] = collect(list[r], &reach[r].limit, job, bench, both, row[r]);
    }
    choose_pivots(pivots, fast, bench, list, count, job->count);
    for (size_t r = 0; r < rows; r++) {
        size_t rest = part(bench->keys + r, list[r], count[r], pivots[r]);
        reach[r].rest = (uint32_t)rest;
        reach[r].length = (uint32_t)(count[r] -= rest);
        reach[r].beyond = pivots[r];
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

/* The list of a row of a long table with one given column: the order is the list, read from the
 * row to both sides. Returns its length; *limit is the distance of the next. */
static size_t merge_sides(struct codec_near *list, float *limit, const struct codec_fast *fast,
                          size_t place)
{
    const float *x = fast->ordered, at = x[place];
    size_t n = fast->n, left = place, right = place + 1, count = 0, most = wanted(fast, 1);
    for (;;) {
        float l = left > 0 ? (x[left - 1] - at) * (x[left - 1] - at) : INFINITY;
        float r = right < n ? (x[right] - at) * (x[right] - at) : INFINITY;
        *limit = l < r ? l : r;
        if (count == most || (left == 0 && right == n))
            return count;
        if (l <= r && left > 0)
            list[count++] = (struct codec_near){l, fast->order[--left]};
        else
            list[count++] = (struct codec_near){r, fast->order[right++]};
    }
}

static void list_sides(void *argument, size_t item, unsigned worker)
{
    const struct listing *job = argument;
    struct codec_fast *fast = job->fast;
    (void)worker;
    size_t from = job->from + item * LANES;
    for (size_t k = from; k < from + LANES && k < job->until; k++) {
        struct codec_reach *reach = fast->reach + (k - fast->list_from);
        *reach = (struct codec_reach){.beyond = INFINITY};
        reach->length = (uint32_t)merge_sides(codec_list(fast, k), &reach->limit, fast,
                                              fast->place[fast->lone[k]]);
    }
}

void lethe_codec_lists_begin(struct codec_fast *fast, const struct codec_question *question)
{
    order_given(fast, question->count);
    order_lone(fast);
}

void lethe_codec_lists(struct codec_fast *fast, const struct codec_question *question, size_t from)
{
    size_t left = fast->lone_count - from, rows = left < fast->list_rows ? left : fast->list_rows;
    struct listing job = {fast, question->count, from, from + rows};
    fast->list_from = from;
    int sides = question->count == 1 && fast->is_long;
    lethe_threads_run(question->pool, sides ? list_sides : list_rows, &job,
                      (rows + LANES - 1) / LANES, question->watch);
}
