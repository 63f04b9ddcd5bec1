/* SPDX-License-Identifier: MIT
 * The loops of codec/kernels.h, compiled once per instruction set (see Makefile); CODEC_SET names
 * the set. Sixteen lanes are PARTS registers, kept in local arrays that the compiler unrolls. */
#include "codec/kernels.h"

#include <math.h>

#include "codec/lanes/lanes.h"
#include "codec/lanes/sets.h"
#include "codec/tie.h"

enum { LANES = CODEC_LANES, PARTS = LANES / WIDTH, DPARTS = LANES / HALF, CHUNK = 8 };

/* Registers' worth of rows at once, so that sums stay in registers over all columns. */
static void distances(float *d, const struct codec_columns *columns, const float *at, size_t n)
{
    enum { ROWS = 4 };
    size_t j = 0;
    for (; j + ROWS * WIDTH <= n; j += ROWS * WIDTH) {
        floats sum[ROWS];
#pragma GCC unroll 4
        for (int v = 0; v < ROWS; v++)
            sum[v] = splat_f(0);
        for (size_t k = 0; k < columns->count; k++) {
            const float *x = columns->x + k * columns->stride;
            const floats here = splat_f(at[k]);
#pragma GCC unroll 4
            for (int v = 0; v < ROWS; v++) {
                floats t = load_f(x + j + v * WIDTH) - here;
                sum[v] = square_f(t, sum[v]);
            }
        }
#pragma GCC unroll 4
        for (int v = 0; v < ROWS; v++)
            store_f(d + j + v * WIDTH, sum[v]);
    }
    for (; j < n; j++) {
        d[j] = 0;
        for (size_t k = 0; k < columns->count; k++) {
            float t = columns->x[k * columns->stride + j] - at[k];
            d[j] += t * t;
        }
    }
}

/* Lanes whose best may be as far as bound. */
static inline unsigned not_below(const floats *best, const struct codec_walk *walk, float bound)
{
    const floats limit = splat_f(bound), grow = splat_f(walk->slack.grow);
    unsigned below = 0;
#pragma GCC unroll 16
    for (int v = 0; v < PARTS; v++) {
        floats most = best[v] * grow + load_f(walk->tiny + v * WIDTH);
        below |= bits_f(less_f(most, limit)) << (v * WIDTH);
    }
    return ~below & 0xFFFFu;
}

/* The same bits: positions ride in float registers, where they are only chosen and stored. */
static inline float as_float(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Sixteen lanes on their way along a list. */
struct lanes {
    floats best[PARTS], second[PARTS], at[PARTS], x[PARTS];
};

static inline void visit(struct lanes *lanes, const float *block, struct codec_near near)
{
    const float *z = block + (size_t)near.j * LANES;
    const floats base = splat_f(near.d), here = splat_f(as_float(near.j));
#pragma GCC unroll 16
    for (int v = 0; v < PARTS; v++) {
        floats t = load_f(z + v * WIDTH) - lanes->x[v], d = square_f(t, base);
        fmask closer = less_f(d, lanes->best[v]);
        lanes->second[v] = min_f(lanes->second[v], max_f(lanes->best[v], d));
        lanes->at[v] = pick_f(closer, here, lanes->at[v]);
        lanes->best[v] = min_f(lanes->best[v], d);
    }
}

static inline void begin(struct lanes *lanes, const struct codec_walk *walk)
{
    const float *own = walk->block + walk->i * LANES;
#pragma GCC unroll 16
    for (int v = 0; v < PARTS; v++) {
        lanes->best[v] = lanes->second[v] = splat_f(INFINITY);
        lanes->at[v] = splat_f(0);
        lanes->x[v] = load_f(own + v * WIDTH);
        if (walk->begun) {
            lanes->best[v] = load_f(walk->best + v * WIDTH);
            lanes->second[v] = load_f(walk->second + v * WIDTH);
            memcpy(&lanes->at[v], walk->at + v * WIDTH, sizeof lanes->at[v]);
        }
    }
}

/* Goes along count rows and returns how many were met before no lane could improve; *bound is then
 * what no row ahead is below. Rows in no order are at least `beyond`; in order, it is NULL. */
static inline size_t follow(struct lanes *lanes, float *bound, const struct codec_walk *walk,
                            const struct codec_near *near, size_t count, const float *beyond,
                            int begun)
{
    size_t k = 0;
    while (k < count) {
        size_t end = k + CHUNK < count ? k + CHUNK : count;
        float ahead = (beyond ? *beyond : near[k].d) * walk->slack.shrink - walk->slack.tiny;
        if ((k || begun) && !not_below(lanes->best, walk, ahead)) {
            *bound = ahead;
            break;
        }
#pragma GCC unroll 1
        for (; k < end; k++)
            visit(lanes, walk->block, near[k]);
    }
    return k;
}

static unsigned walk(struct codec_walk *walk)
{
    const struct codec_slack slack = walk->slack;
    struct lanes lanes;
    float bound = walk->reach * slack.shrink - slack.tiny;
    begin(&lanes, walk);
    size_t k = follow(&lanes, &bound, walk, walk->list, walk->count, NULL, walk->begun);
    if (k == walk->count && walk->rest_count)
        k += follow(&lanes, &bound, walk, walk->rest, walk->rest_count, &walk->beyond, 1);
    unsigned unsure = not_below(lanes.best, walk, bound);
#pragma GCC unroll 16
    for (int v = 0; v < PARTS; v++) {
        floats rival = lanes.best[v] * splat_f(slack.grow) + load_f(walk->tiny + v * WIDTH);
        unsigned clear = bits_f(less_f(rival, lanes.second[v])) << (v * WIDTH);
        unsure |= ~clear & (((1u << WIDTH) - 1) << (v * WIDTH));
        store_f(walk->best + v * WIDTH, lanes.best[v]);
        memcpy(walk->at + v * WIDTH, &lanes.at[v], sizeof lanes.at[v]);
    }
    walk->visits += k;
    return unsure;
}

static float lowest(float *lows, const float *d, const float *x, float at, size_t n)
{
    const floats here = splat_f(at);
    float least = INFINITY;
    for (size_t s = 0, j = 0; j < n; s++) {
        size_t end = n - j < CODEC_STRETCH ? n : j + CODEC_STRETCH;
        floats low[2] = {splat_f(INFINITY), splat_f(INFINITY)};
        float lanes[WIDTH], smallest = INFINITY;
        for (; j + 2 * WIDTH <= end; j += 2 * WIDTH)
#pragma GCC unroll 2
            for (size_t v = 0; v < 2; v++) {
                floats t = load_f(x + j + v * WIDTH) - here;
                low[v] = min_f(low[v], square_f(t, load_f(d + j + v * WIDTH)));
            }
        for (; j < end; j++) {
            float sum = d[j] + (x[j] - at) * (x[j] - at);
            smallest = sum < smallest ? sum : smallest;
        }
        store_f(lanes, min_f(low[0], low[1]));
        for (size_t l = 0; l < WIDTH; l++)
            smallest = lanes[l] < smallest ? lanes[l] : smallest;
        lows[s] = smallest;
        least = smallest < least ? smallest : least;
    }
    return least;
}

/* min_d and max_d answer their second argument when the first is NaN. */
static double lows(double *lows, const double *d, const double *x, double at, size_t n)
{
    const doubles here = splat_d(at);
    double least = INFINITY;
    for (size_t s = 0, j = 0; j < n; s++) {
        size_t end = n - j < CODEC_STRETCH ? n : j + CODEC_STRETCH;
        doubles low[2] = {splat_d(INFINITY), splat_d(INFINITY)};
        double lanes[2 * HALF], smallest = INFINITY;
        for (; j + 2 * HALF <= end; j += 2 * HALF)
#pragma GCC unroll 2
            for (size_t v = 0; v < 2; v++) {
                doubles t = load_d(x + j + v * HALF) - here;
                low[v] = min_d(load_d(d + j + v * HALF) + t * t, low[v]);
            }
        for (; j < end; j++) {
            double sum = d[j] + (x[j] - at) * (x[j] - at);
            smallest = sum < smallest ? sum : smallest;
        }
        store_d(lanes, low[0]);
        store_d(lanes + HALF, low[1]);
        for (size_t l = 0; l < 2 * HALF; l++)
            smallest = lanes[l] < smallest ? lanes[l] : smallest;
        lows[s] = smallest;
        least = smallest < least ? smallest : least;
    }
    return least;
}

static size_t within(uint32_t *found, const float *d, const float *x, const float bounds[2],
                     size_t n)
{
    const float at = bounds[0], limit = bounds[1];
    const floats here = splat_f(at), bound = splat_f(limit);
    size_t count = 0, j = 0;
    for (; j + WIDTH <= n; j += WIDTH) {
        floats t = load_f(x + j) - here;
        unsigned above = bits_f(less_f(bound, square_f(t, load_f(d + j))));
        for (unsigned hits = ~above & ((1u << WIDTH) - 1); hits; hits &= hits - 1)
            found[count++] = (uint32_t)(j + (size_t)__builtin_ctz(hits));
    }
    for (; j < n; j++)
        if (!(d[j] + (x[j] - at) * (x[j] - at) > limit))
            found[count++] = (uint32_t)j;
    return count;
}

/* Hits are rare and random: 64 rows are compared before the first branch on them. */
static size_t below(uint32_t *found, const float *d, float limit, size_t n)
{
    const floats bound = splat_f(limit);
    size_t count = 0, j = 0;
    for (; j + 64 <= n; j += 64) {
        uint64_t hits = 0;
#pragma GCC unroll 16
        for (size_t v = 0; v < 64; v += WIDTH)
            hits |= (uint64_t)bits_f(less_f(load_f(d + j + v), bound)) << v;
        for (; hits; hits &= hits - 1)
            found[count++] = (uint32_t)(j + (size_t)__builtin_ctzll(hits));
    }
    for (; j < n; j++)
        if (d[j] < limit)
            found[count++] = (uint32_t)j;
    return count;
}

/* Puts the smaller of each lane into a, the larger into b; both are LANES doubles. */
static inline void order(double *a, double *b)
{
#pragma GCC unroll 16
    for (int v = 0; v < DPARTS; v++) {
        doubles s = load_d(a + v * HALF), t = load_d(b + v * HALF);
        store_d(a + v * HALF, min_d(s, t));
        store_d(b + v * HALF, max_d(s, t));
    }
}

/* Batcher's merge exchange (Knuth, TAOCP 3, 5.2.2, algorithm M), for any n. */
static void sort(double *keys, size_t n)
{
    size_t top = 1;
    while (top * 2 < n)
        top *= 2;
    for (size_t p = n > 1 ? top : 0; p > 0; p /= 2) {
        size_t q = top, r = 0, d = p;
        for (;;) {
            for (size_t run = r; run + d < n; run += 2 * p) {
                size_t end = run + p < n - d ? run + p : n - d;
                for (size_t i = run; i < end; i++)
                    order(keys + i * LANES, keys + (i + d) * LANES);
            }
            if (q == p)
                break;
            d = q - p;
            q /= 2;
            r = p;
        }
    }
}

/* Value without position. */
static inline doubles value_of(const double *keys, size_t k, int v)
{
    const uint64_t kept = ~(((uint64_t)1 << CODEC_INDEX_BITS) - 1);
    double mask;
    memcpy(&mask, &kept, sizeof mask);
    return and_d(load_d(keys + k * LANES + v * HALF), splat_d(mask));
}

static inline uint32_t index_of(double key)
{
    uint64_t bits;
    memcpy(&bits, &key, sizeof bits);
    return (uint32_t)(bits & (((uint64_t)1 << CODEC_INDEX_BITS) - 1));
}

/* Squared gap of rows k and k + step of the sorted lanes; infinite beyond the ends. */
static inline doubles gap(const double *keys, size_t n, size_t k, size_t step, int v)
{
    if (k >= n || k + step >= n)
        return splat_d(INFINITY);
    doubles t = value_of(keys, k + step, v) - value_of(keys, k, v);
    return t * t;
}

/* Leaves what is known of the lanes of sorted row k that are not certain. */
static void leave_open(struct codec_line *line, size_t k, unsigned lanes, const double *chosen,
                       const double *best, const double *second)
{
    for (; lanes; lanes &= lanes - 1) {
        unsigned l = (unsigned)__builtin_ctz(lanes);
        uint32_t i = index_of(line->keys[k * LANES + l]);
        line->open[i] |= (uint16_t)(1u << l);
        line->best[i * LANES + l] = (float)best[l];
        line->second[i * LANES + l] = (float)second[l];
        line->at[i * LANES + l] = index_of(chosen[l]);
    }
}

/* The neighbour with the smaller gap is certain when the gaps differ and the row behind it is
 * farther. k - 1 and k - 2 wrap to huge numbers before the first row, which gap() answers. */
static void line(struct codec_line *line)
{
    const double *keys = line->keys;
    const doubles bound = splat_d(line->bound);
    size_t n = line->count;
    for (size_t k = 0; k < n; k++) {
        double chosen[LANES], best[LANES], second[LANES];
        unsigned certain = 0;
        size_t before = k ? k - 1 : k, after = k + 1 < n ? k + 1 : k;
        for (int v = 0; v < DPARTS; v++) {
            doubles left = gap(keys, n, k - 1, 1, v), right = gap(keys, n, k, 1, v);
            dmask lefter = less_d(left, right);
            doubles behind = pick_d(lefter, gap(keys, n, k - 2, 2, v), gap(keys, n, k, 2, v));
            doubles low = min_d(left, right), next = min_d(max_d(left, right), behind);
            certain |= bits_d(less_d(low, min_d(next, bound))) << (v * HALF);
            store_d(best + v * HALF, low);
            store_d(second + v * HALF, next);
            store_d(chosen + v * HALF, pick_d(lefter, load_d(keys + before * LANES + v * HALF),
                                              load_d(keys + after * LANES + v * HALF)));
        }
        leave_open(line, k, ~certain & 0xFFFFu, chosen, best, second);
        for (size_t l = 0; l < LANES; l++) {
            uint32_t i = index_of(keys[k * LANES + l]), m = index_of(chosen[l]);
            int64_t gain = line->rank[i < m ? i : m];
            line->sums[l] += certain >> l & 1 ? gain : 0;
        }
    }
}

/* The place in `first` is kept as a float, so that the smallest is a minimum. */
static unsigned same(uint32_t *at, const float *block, size_t i, const uint32_t *first,
                     unsigned wanted)
{
    const floats none = splat_f(CODEC_FIRST), one = splat_f(1);
    floats place[PARTS], x[PARTS], here = splat_f(0);
    float places[LANES];
    unsigned found = 0;
#pragma GCC unroll 16
    for (int v = 0; v < PARTS; v++) {
        place[v] = none;
        x[v] = load_f(block + i * LANES + v * WIDTH);
    }
    for (size_t k = 0; k < CODEC_FIRST && first[k] != CODEC_NONE && wanted & ~found; k++) {
        const float *z = block + (size_t)first[k] * LANES;
#pragma GCC unroll 16
        for (int v = 0; v < PARTS; v++) {
            fmask equal = equal_f(load_f(z + v * WIDTH), x[v]);
            place[v] = min_f(place[v], pick_f(equal, here, none));
            found |= bits_f(equal) << (v * WIDTH);
        }
        here = here + one;
    }
#pragma GCC unroll 16
    for (int v = 0; v < PARTS; v++)
        store_f(places + v * WIDTH, place[v]);
    for (unsigned lanes = found; lanes; lanes &= lanes - 1) {
        unsigned l = (unsigned)__builtin_ctz(lanes);
        at[l] = first[(size_t)places[l]];
    }
    return found;
}

static void ties(float *t, uint32_t key, const uint32_t *row, size_t count)
{
    for (size_t k = 0; k < count; k++)
        t[k] = (float)(int32_t)(codec_tie(key, row[k]) >> 1);
}

const struct codec_kernels CODEC_NAMED(kernels) = {
    .name = CODEC_TEXT(CODEC_SET),
    .distances = distances,
    .walk = walk,
    .lowest = lowest,
    .lows = lows,
    .within = within,
    .below = below,
    .sort = sort,
    .line = line,
    .same = same,
    .ties = ties,
    .look_over = CODEC_NAMED(look_over),
    .divide_by_sd = CODEC_NAMED(divide_by_sd),
};
