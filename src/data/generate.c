/* SPDX-License-Identifier: MIT
 * Generators: drawing which samples, and with which labels. What becomes of the data: apply.c. */
#include "lethe/generate.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/dataset.h"
#include "data/mark.h"
#include "lethe/rng.h"

static const char *const names[] = {
    [LETHE_GENERATE_MISLABELLED] = "mislabelled", [LETHE_GENERATE_CONFUSION] = "confusion",
    [LETHE_GENERATE_DUPLICATE] = "duplicate",     [LETHE_GENERATE_CANARY] = "canary",
    [LETHE_GENERATE_RANDOM] = "random",           [LETHE_GENERATE_MARK] = "mark",
};
_Static_assert(sizeof names / sizeof *names == LETHE_GENERATOR_COUNT, "a generator without a name");

int lethe_generator_appends(enum lethe_generator kind)
{
    return kind == LETHE_GENERATE_DUPLICATE || kind == LETHE_GENERATE_CANARY;
}

const char *lethe_generator_name(enum lethe_generator kind)
{
    return names[kind];
}

enum lethe_err lethe_generator_find(enum lethe_generator *kind, const char *name,
                                    struct lethe_error *err)
{
    for (int k = 0; k < LETHE_GENERATOR_COUNT; k++)
        if (!strcmp(names[k], name)) {
            *kind = (enum lethe_generator)k;
            return LETHE_OK;
        }
    return lethe_fail(err, LETHE_EARG,
                      "generator '%s' is not known; known are mislabelled, confusion, duplicate, "
                      "canary, random, mark",
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
    lethe_rng_init(&rng, seed, LETHE_RNG_GENERATE, LETHE_STREAM_SAMPLES, stream);
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
    lethe_rng_init(&rng, g->seed, LETHE_RNG_GENERATE, LETHE_STREAM_LABELS, 0);
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
    for (size_t i = 0; lethe_generator_appends(o->kind) && i < o->n; i++)
        g->ids[i] = data->n + i;
    draw_labels(g, data);
    return LETHE_OK;
}

enum lethe_err lethe_generate(struct lethe_generated *generated, const struct lethe_dataset *data,
                              const struct lethe_generate_options *o, struct lethe_error *err)
{
    if (o->kind == LETHE_GENERATE_MARK)
        return lethe_mark_draw(generated, data, o, err);
    if (o->n == 0 || (o->n > data->n && o->kind != LETHE_GENERATE_CANARY) || o->n > 1u << 30)
        return lethe_fail(err, LETHE_EARG, "cannot make %zu %s samples from %zu; n is 1 to %zu",
                          o->n, names[o->kind], data->n, data->n);
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
