/* SPDX-License-Identifier: MIT
 * The data as a generator left them: changed labels, and appended rows on top of the old data. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "data/dataset.h"
#include "data/mark.h"
#include "lethe/generate.h"
#include "lethe/rng.h"

static enum lethe_err check(const struct lethe_dataset *data, const struct lethe_generated *g,
                            struct lethe_error *err)
{
    if (g->kind == LETHE_GENERATE_MARK && lethe_mark_check(data, g->size, err))
        return LETHE_EFORMAT;
    for (size_t i = 0; i < g->count; i++) {
        if (lethe_generator_appends(g->kind) ? g->ids[i] != data->n + i : g->ids[i] >= data->n)
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
        lethe_rng_init(&rng, seed, LETHE_RNG_GENERATE, LETHE_STREAM_CANARY, i);
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
    if (g->kind == LETHE_GENERATE_MARK) {
        code = lethe_mark_plant(made, data, g->ids, g->count, g->size, err);
    } else {
        made->below = lethe_dataset_ref(data);
        made->first = made->n = data->n;
        if (lethe_generator_appends(g->kind))
            code = append(made, data, g, err);
        if (!code)
            code = relabel(made, data, g, err);
    }
    if (code)
        lethe_dataset_unref(made);
    else
        *out = made;
    return code;
}

enum lethe_err lethe_generate_heldout(struct lethe_dataset **out, struct lethe_dataset *data,
                                      const struct lethe_generated *g, struct lethe_error *err)
{
    if (g->kind != LETHE_GENERATE_MARK) {
        *out = lethe_dataset_ref(data);
        return LETHE_OK;
    }
    struct lethe_dataset *made = lethe_dataset_like(data, err);
    size_t *ids = lethe_alloc(data->n, sizeof *ids), count = 0;
    struct lethe_rng rng;
    enum lethe_err code = LETHE_OK;
    if (!made || !ids)
        code = lethe_fail_memory(err, "marked samples", data->n, sizeof *ids);
    lethe_rng_init(&rng, g->seed, LETHE_RNG_GENERATE, LETHE_STREAM_HELDOUT_MARKS, 0);
    for (size_t i = 0; !code && i < data->n; i++)
        if (lethe_rng_below(&rng, 2))
            ids[count++] = i;
    if (!code)
        code = lethe_mark_plant(made, data, ids, count, g->size, err);
    lethe_free(ids);
    if (code)
        lethe_dataset_unref(made);
    else
        *out = made;
    return code;
}
