/* SPDX-License-Identifier: MIT
 * Near-duplicates by brute force: the forget samples are held in memory, the retained ones pass by
 * in blocks, and a distance is given up as soon as it is too large. */
#include "lethe/near.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { BLOCK = 64, STRIDE = 32, SCALE_SAMPLES = 1000 };

struct search {
    const struct lethe_dataset *data;
    const struct lethe_near_options *o;
    size_t width;
    double *forget, *block; /* (forget_count, width), (BLOCK, width) */
    double limit, scale;    /* squares */
    struct lethe_near *found;
    size_t count, room;
};

/* Mean squared distance from the mean, over retained samples evenly spaced. */
static enum lethe_err measure_scale(struct search *s, struct lethe_error *err)
{
    const size_t every = s->o->retained_count / SCALE_SAMPLES + 1;
    double *sum = lethe_alloc_zero(s->width, sizeof *sum), square = 0, n = 0;
    if (!sum)
        return lethe_fail_memory(err, "sums of samples", s->width, sizeof *sum);
    for (size_t i = 0; i < s->o->retained_count; i += every, n++) {
        lethe_dataset_batch(s->data, s->block, NULL, &s->o->retained[i], 1);
        for (size_t k = 0; k < s->width; k++) {
            sum[k] += s->block[k];
            square += s->block[k] * s->block[k];
        }
    }
    for (size_t k = 0; k < s->width; k++)
        square -= sum[k] * sum[k] / n;
    lethe_free(sum);
    s->scale = fmax(square / n, 0);
    s->limit = s->o->distance * s->o->distance * s->scale;
    return LETHE_OK;
}

/* Squared distance, or something above `limit` once it is passed. */
static double distance(const double *a, const double *b, size_t width, double limit)
{
    double sum = 0;
    for (size_t k = 0; k < width && sum <= limit; k += STRIDE) {
        size_t end = k + STRIDE < width ? k + STRIDE : width;
        for (size_t i = k; i < end; i++)
            sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
}

static int larger_first(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x < *y) - (*x > *y);
}

/* A sample as it is compared: of a text the words, in order of their numbers, padding last. */
static void take(const struct search *s, double *x, const size_t *ids, size_t n)
{
    lethe_dataset_batch(s->data, x, NULL, ids, n);
    for (size_t i = 0; s->o->words && i < n; i++)
        qsort(x + i * s->width, s->o->words, sizeof *x, larger_first);
}

/* Squared share of the longer text's words that the other has not. */
static double word_distance(const double *a, const double *b, size_t words)
{
    size_t i = 0, j = 0, common = 0;
    while (i < words && j < words && a[i] > 0 && b[j] > 0) {
        common += a[i] == b[j];
        const int left = a[i] >= b[j], right = b[j] >= a[i];
        i += (size_t)left;
        j += (size_t)right;
    }
    while (i < words && a[i] > 0)
        i++;
    while (j < words && b[j] > 0)
        j++;
    const double longer = (double)(i > j ? i : j);
    const double share = longer > 0 ? 1 - (double)common / longer : 0;
    return share * share;
}

static enum lethe_err add(struct search *s, struct lethe_near pair, struct lethe_error *err)
{
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 16;
        struct lethe_near *larger = lethe_realloc(s->found, room, sizeof *larger);
        if (!larger)
            return lethe_fail_memory(err, "near-duplicates", room, sizeof *larger);
        s->found = larger;
        s->room = room;
    }
    s->found[s->count++] = pair;
    return LETHE_OK;
}

static enum lethe_err search_block(struct search *s, size_t first, size_t n,
                                   struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    take(s, s->block, s->o->retained + first, n);
    for (size_t i = 0; i < n && !code; i++) {
        size_t nearest = s->o->forget_count;
        double best = s->limit;
        for (size_t f = 0; f < s->o->forget_count; f++) {
            const double *a = s->block + i * s->width, *b = s->forget + f * s->width;
            double d =
                s->o->words ? word_distance(a, b, s->o->words) : distance(a, b, s->width, best);
            if (d < best || (d <= best && nearest == s->o->forget_count)) {
                best = d;
                nearest = f;
            }
        }
        if (nearest < s->o->forget_count)
            code = add(s,
                       (struct lethe_near){s->o->forget[nearest], s->o->retained[first + i],
                                           s->scale > 0 ? sqrt(best / s->scale) : 0},
                       err);
    }
    return code;
}

static int by_distance(const void *a, const void *b)
{
    const struct lethe_near *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return (x->retained > y->retained) - (x->retained < y->retained);
}

enum lethe_err lethe_near_find(struct lethe_near **pairs, size_t *count,
                               const struct lethe_dataset *data, const struct lethe_near_options *o,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    struct search s = {.data = data, .o = o, .width = lethe_dataset_width(data)};
    enum lethe_err code = LETHE_OK;
    *pairs = NULL;
    *count = 0;
    if (!o->forget_count || !o->retained_count)
        return LETHE_OK;
    if (o->forget_count <= SIZE_MAX / 8 / s.width)
        s.forget = lethe_alloc(o->forget_count * s.width, sizeof *s.forget);
    s.block = lethe_alloc(BLOCK * s.width, sizeof *s.block);
    if (!s.forget || !s.block) {
        code = lethe_fail_memory(err, "the forget samples", o->forget_count, 8 * s.width);
        goto out;
    }
    take(&s, s.forget, o->forget, o->forget_count);
    if (o->words) {
        s.scale = 1;
        s.limit = o->distance * o->distance;
    } else {
        code = measure_scale(&s, err);
    }
    for (size_t i = 0; i < o->retained_count && !code; i += BLOCK) {
        size_t n = o->retained_count - i < BLOCK ? o->retained_count - i : BLOCK;
        code = lethe_watch_step(watch, "looking for near-duplicates", (long)i,
                                (long)o->retained_count, err);
        if (!code)
            code = search_block(&s, i, n, err);
    }
    if (!code && s.count) {
        qsort(s.found, s.count, sizeof *s.found, by_distance);
        *pairs = s.found;
        *count = s.count;
        s.found = NULL;
    }
out:
    lethe_free(s.forget);
    lethe_free(s.block);
    lethe_free(s.found);
    return code;
}
