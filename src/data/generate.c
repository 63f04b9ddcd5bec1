/* SPDX-License-Identifier: MIT
 * Generators: drawing a record, and applying one to the data. */
#include "lethe/generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/dataset.h"
#include "lethe/rng.h"

static const struct {
    const char *name;
    int appends;
} kinds[] = {
    [LETHE_GENERATE_MISLABELLED] = {"mislabelled", 0},
    [LETHE_GENERATE_CONFUSION] = {"confusion", 0},
    [LETHE_GENERATE_DUPLICATE] = {"duplicate", 1},
    [LETHE_GENERATE_CANARY] = {"canary", 1},
    [LETHE_GENERATE_RANDOM] = {"random", 0},
};
_Static_assert(sizeof kinds / sizeof *kinds == LETHE_GENERATOR_COUNT, "a generator without a row");

/* Streams of one seed, by what they decide; the canary's pixels are stream CANARY, i = sample. */
enum { STREAM_SAMPLES, STREAM_LABELS, STREAM_CANARY };

const char *lethe_generator_name(enum lethe_generator kind)
{
    return kinds[kind].name;
}

enum lethe_err lethe_generator_find(enum lethe_generator *kind, const char *name,
                                    struct lethe_error *err)
{
    for (int k = 0; k < LETHE_GENERATOR_COUNT; k++)
        if (!strcmp(kinds[k].name, name)) {
            *kind = (enum lethe_generator)k;
            return LETHE_OK;
        }
    return lethe_fail(err, LETHE_EARG,
                      "generator '%s' is not known; known are mislabelled, confusion, duplicate, "
                      "canary, random",
                      name);
}

void lethe_generated_release(struct lethe_generated *generated)
{
    lethe_free(generated->ids);
    lethe_free(generated->labels);
    lethe_free(generated->sources);
    *generated = (struct lethe_generated){0};
}

static int by_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* n of the candidates (count), drawn without repeats, into out in increasing order. */
static void draw(size_t *out, size_t n, size_t *candidates, size_t count, uint64_t seed,
                 uint64_t stream)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_GENERATE, STREAM_SAMPLES, stream);
    lethe_rng_shuffle(&rng, candidates, count);
    memcpy(out, candidates, n * sizeof *out);
    qsort(out, n, sizeof *out, by_size);
}

/* Ids of a class (any class: label < 0) into out; returns how many. */
static size_t ids_of(size_t *out, const struct lethe_dataset *data, int label)
{
    size_t count = 0;
    for (size_t i = 0; i < data->n; i++)
        if (label < 0 || data->labels[i] == label)
            out[count++] = i;
    return count;
}

static enum lethe_err draw_confusion(struct lethe_generated *g, size_t *candidates,
                                     const struct lethe_dataset *data,
                                     const struct lethe_generate_options *o,
                                     struct lethe_error *err)
{
    size_t half[2] = {(o->n + 1) / 2, o->n / 2};
    int label[2] = {o->from, o->to};
    if (o->from == o->to || o->from < 0 || o->to < 0 || (size_t)o->from >= data->classes ||
        (size_t)o->to >= data->classes)
        return lethe_fail(err, LETHE_EARG,
                          "confusion needs two different classes from 0 to %zu, not %d and %d",
                          data->classes - 1, o->from, o->to);
    for (int k = 0; k < 2; k++) {
        size_t count = ids_of(candidates, data, label[k]);
        if (half[k] > count)
            return lethe_fail(err, LETHE_EARG, "class %d has %zu samples, not %zu", label[k], count,
                              half[k]);
        draw(g->ids + (k ? half[0] : 0), half[k], candidates, count, o->seed, (uint64_t)k);
    }
    qsort(g->ids, g->count, sizeof *g->ids, by_size);
    for (size_t i = 0; i < g->count; i++)
        g->labels[i] = data->labels[g->ids[i]] == o->from ? o->to : o->from;
    return LETHE_OK;
}

static void draw_labels(struct lethe_generated *g, const struct lethe_dataset *data)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, g->seed, LETHE_RNG_GENERATE, STREAM_LABELS, 0);
    for (size_t i = 0; i < g->count; i++) {
        if (g->kind == LETHE_GENERATE_CANARY) {
            g->labels[i] = (int)lethe_rng_below(&rng, data->classes);
        } else if (g->kind == LETHE_GENERATE_MISLABELLED) {
            int other = (int)lethe_rng_below(&rng, data->classes - 1);
            g->labels[i] = other + (other >= data->labels[g->ids[i]]);
        } else {
            g->labels[i] = data->labels[g->sources ? g->sources[i] : g->ids[i]];
        }
    }
}

static enum lethe_err fill(struct lethe_generated *g, size_t *candidates,
                           const struct lethe_dataset *data, const struct lethe_generate_options *o,
                           struct lethe_error *err)
{
    if (o->kind == LETHE_GENERATE_CONFUSION)
        return draw_confusion(g, candidates, data, o, err);
    size_t count = ids_of(candidates, data, -1);
    if (o->kind != LETHE_GENERATE_CANARY)
        draw(g->sources ? g->sources : g->ids, o->n, candidates, count, o->seed, 0);
    for (size_t i = 0; kinds[o->kind].appends && i < o->n; i++)
        g->ids[i] = data->n + i;
    draw_labels(g, data);
    return LETHE_OK;
}

enum lethe_err lethe_generate(struct lethe_generated *generated, const struct lethe_dataset *data,
                              const struct lethe_generate_options *o, struct lethe_error *err)
{
    if (o->n == 0 || (o->n > data->n && o->kind != LETHE_GENERATE_CANARY) || o->n > 1u << 30)
        return lethe_fail(err, LETHE_EARG, "cannot make %zu %s samples from %zu; n is 1 to %zu",
                          o->n, kinds[o->kind].name, data->n, data->n);
    if (o->kind == LETHE_GENERATE_MISLABELLED && data->classes < 2)
        return lethe_fail(err, LETHE_EARG, "with one class there is no wrong label");
    struct lethe_generated made = {.kind = o->kind, .seed = o->seed, .count = o->n};
    size_t *candidates = lethe_alloc(data->n, sizeof *candidates);
    made.ids = lethe_alloc(o->n, sizeof *made.ids);
    made.labels = lethe_alloc(o->n, sizeof *made.labels);
    if (o->kind == LETHE_GENERATE_DUPLICATE)
        made.sources = lethe_alloc(o->n, sizeof *made.sources);
    enum lethe_err code = LETHE_OK;
    if (!candidates || !made.ids || !made.labels ||
        (o->kind == LETHE_GENERATE_DUPLICATE && !made.sources))
        code = lethe_fail_memory(err, "a generated forget set", data->n, sizeof *candidates);
    if (!code)
        code = fill(&made, candidates, data, o, err);
    lethe_free(candidates);
    if (code)
        lethe_generated_release(&made);
    else
        *generated = made;
    return code;
}

/* ---- applying -------------------------------------------------------------------------------- */

static enum lethe_err check(const struct lethe_dataset *data, const struct lethe_generated *g,
                            struct lethe_error *err)
{
    int appends = kinds[g->kind].appends;
    for (size_t i = 0; i < g->count; i++) {
        if (appends ? g->ids[i] != data->n + i : g->ids[i] >= data->n)
            return lethe_fail(err, LETHE_EFORMAT,
                              "generated sample %zu does not fit %zu training samples", g->ids[i],
                              data->n);
        if (i && g->ids[i] <= g->ids[i - 1])
            return lethe_fail(err, LETHE_EFORMAT,
                              "generated sample %zu is named twice or out of "
                              "order",
                              g->ids[i]);
        if (g->labels[i] < 0 || (size_t)g->labels[i] >= data->classes)
            return lethe_fail(err, LETHE_EFORMAT,
                              "generated sample %zu has label %d; there are %zu classes", g->ids[i],
                              g->labels[i], data->classes);
        if (g->kind == LETHE_GENERATE_DUPLICATE && (!g->sources || g->sources[i] >= data->n))
            return lethe_fail(err, LETHE_EFORMAT, "generated sample %zu is a copy of no sample",
                              g->ids[i]);
    }
    return LETHE_OK;
}

static const struct lethe_dataset *holder_of(const struct lethe_dataset *data, size_t id)
{
    while (id < data->first)
        data = data->below;
    return data;
}

static void store(struct lethe_array *raw, size_t index, double value)
{
    switch (raw->type) {
    case LETHE_U8:
        ((uint8_t *)raw->data)[index] = (uint8_t)lrint(value);
        break;
    case LETHE_I8:
        ((int8_t *)raw->data)[index] = (int8_t)lrint(value);
        break;
    case LETHE_I16:
        ((int16_t *)raw->data)[index] = (int16_t)lrint(value);
        break;
    case LETHE_I32:
        ((int32_t *)raw->data)[index] = (int32_t)lrint(value);
        break;
    case LETHE_I64:
        ((int64_t *)raw->data)[index] = llrint(value);
        break;
    case LETHE_FLOAT:
        ((float *)raw->data)[index] = (float)value;
        break;
    default:
        ((double *)raw->data)[index] = value;
    }
}

/* Noise with mean and standard deviation of all raw values, kept within their range. */
static void fill_canaries(struct lethe_dataset *out, const struct lethe_dataset *data,
                          uint64_t seed)
{
    double sum = 0, square = 0, low = INFINITY, high = -INFINITY;
    const struct lethe_dataset *level = data;
    for (; level; level = level->below)
        for (size_t k = 0; k < level->raw.count; k++) {
            double value = lethe_array_get(&level->raw, k);
            sum += value;
            square += value * value;
            low = fmin(low, value);
            high = fmax(high, value);
        }
    double count = (double)data->n * (double)data->width, mean = sum / count;
    double sd = sqrt(fmax(0, square / count - mean * mean));
    for (size_t i = 0; i < out->raw.dims[0]; i++) {
        struct lethe_rng rng;
        lethe_rng_init(&rng, seed, LETHE_RNG_GENERATE, STREAM_CANARY, i);
        for (size_t k = 0; k < out->width; k++)
            store(&out->raw, i * out->width + k,
                  fmin(high, fmax(low, mean + sd * lethe_rng_normal(&rng))));
    }
}

static enum lethe_err append(struct lethe_dataset *out, const struct lethe_dataset *data,
                             const struct lethe_generated *g, struct lethe_error *err)
{
    size_t row = data->width * lethe_element_size(data->raw.type);
    out->n += g->count;
    out->raw.ndim = 2;
    out->raw.dims[0] = g->count;
    out->raw.dims[1] = data->width;
    out->raw.count = g->count * data->width;
    out->raw.data = lethe_alloc(g->count, row);
    if (!out->raw.data)
        return lethe_fail_memory(err, "generated samples", g->count, row);
    if (g->kind == LETHE_GENERATE_CANARY)
        fill_canaries(out, data, g->seed);
    for (size_t i = 0; g->kind == LETHE_GENERATE_DUPLICATE && i < g->count; i++) {
        const struct lethe_dataset *from = holder_of(data, g->sources[i]);
        memcpy((char *)out->raw.data + i * row,
               (const char *)from->raw.data + (g->sources[i] - from->first) * row, row);
    }
    return LETHE_OK;
}

static enum lethe_err relabel(struct lethe_dataset *out, const struct lethe_dataset *data,
                              const struct lethe_generated *g, struct lethe_error *err)
{
    out->labels = lethe_alloc(out->n, sizeof *out->labels);
    out->true_labels = lethe_alloc(out->n, sizeof *out->true_labels);
    if (data->groups)
        out->groups = lethe_alloc(out->n, sizeof *out->groups);
    if (!out->labels || !out->true_labels || (data->groups && !out->groups))
        return lethe_fail_memory(err, "labels", out->n, sizeof *out->labels);
    for (size_t i = 0; i < data->n; i++) {
        out->labels[i] = data->labels[i];
        out->true_labels[i] = lethe_dataset_true_label(data, i);
        if (data->groups)
            out->groups[i] = data->groups[i];
    }
    for (size_t i = 0; i < g->count; i++) {
        size_t id = g->ids[i];
        out->labels[id] = g->labels[i];
        if (id < data->n)
            continue;
        size_t source = g->sources ? g->sources[i] : 0;
        out->true_labels[id] = g->sources ? lethe_dataset_true_label(data, source) : g->labels[i];
        if (data->groups)
            out->groups[id] = g->sources ? data->groups[source] : -1;
    }
    return LETHE_OK;
}

enum lethe_err lethe_generate_apply(struct lethe_dataset **out, struct lethe_dataset *data,
                                    const struct lethe_generated *g, struct lethe_error *err)
{
    enum lethe_err code = check(data, g, err);
    if (code)
        return code;
    struct lethe_dataset *made = lethe_dataset_like(data, err);
    if (!made)
        return LETHE_ENOMEM;
    made->below = lethe_dataset_ref(data);
    made->first = made->n = data->n;
    if (kinds[g->kind].appends)
        code = append(made, data, g, err);
    if (!code)
        code = relabel(made, data, g, err);
    if (code)
        lethe_dataset_unref(made);
    else
        *out = made;
    return code;
}
