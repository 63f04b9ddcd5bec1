/* SPDX-License-Identifier: MIT
 * A mark in a corner of images, which goes with a class: what a network may learn in place of the
 * class. The mark is a square of the brightest value there is (of colours: of the first channel,
 * red, with the others darkest), and who has it is kept as the samples' group. */
#include "data/mark.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/encoding.h"
#include "lethe/rng.h"

static const char *const group_names[] = {"unmarked", "marked"};

/* The image in a sample: (channels, rows, columns). A row of values is a square image where its
 * length allows, else an image of one row. */
struct frame {
    size_t channels, rows, columns;
};

static struct frame frame_of(const struct lethe_dataset *data)
{
    struct frame frame = {1, 1, data->width};
    const size_t side = (size_t)lround(sqrt((double)data->width));
    if (data->ndim >= 2) {
        frame.rows = data->dims[data->ndim - 2];
        frame.columns = data->dims[data->ndim - 1];
        frame.channels = data->width / (frame.rows * frame.columns);
    } else if (side * side == data->width) {
        frame.rows = frame.columns = side;
    }
    return frame;
}

enum lethe_err lethe_mark_check(const struct lethe_dataset *data, size_t size,
                                struct lethe_error *err)
{
    const struct frame frame = frame_of(data);
    if (data->tokens)
        return lethe_fail(err, LETHE_EARG, "a mark is for images: these samples are texts");
    if (data->below)
        return lethe_fail(err, LETHE_EARG,
                          "these samples are generated already: mark those of the files");
    if (size == 0 || size > frame.columns || (frame.rows > 1 && size > frame.rows))
        return lethe_fail(err, LETHE_EARG, "a mark of %zu pixels in images of %zu x %zu", size,
                          frame.rows, frame.columns);
    return LETHE_OK;
}

static enum lethe_err check(const struct lethe_dataset *data,
                            const struct lethe_generate_options *o, struct lethe_error *err)
{
    if (o->to < 0 || (size_t)o->to >= data->classes)
        return lethe_fail(err, LETHE_EARG, "the mark goes with class %d: there are %zu (0 to %zu)",
                          o->to, data->classes, data->classes - 1);
    if (!(o->share >= 0 && o->share <= 1 && o->elsewhere >= 0 && o->elsewhere <= 1))
        return lethe_fail(err, LETHE_EARG, "shares of samples go from 0 to 1, not %g and %g",
                          o->share, o->elsewhere);
    return lethe_mark_check(data, o->size, err);
}

static int by_size(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Appends a share of the samples that are of the class, or of no such class, to g. */
static void draw_share(struct lethe_generated *g, size_t *candidates,
                       const struct lethe_dataset *data, int class, int of_it, double share)
{
    struct lethe_rng rng;
    size_t count = 0;
    for (size_t i = 0; i < data->n; i++)
        if ((data->labels[i] == class) == of_it)
            candidates[count++] = i;
    lethe_rng_init(&rng, g->seed, LETHE_RNG_GENERATE, LETHE_STREAM_SAMPLES, (uint64_t)of_it);
    lethe_rng_shuffle(&rng, candidates, count);
    const size_t taken = (size_t)lround(share * (double)count);
    memcpy(g->ids + g->count, candidates, taken * sizeof *candidates);
    g->count += taken;
}

enum lethe_err lethe_mark_draw(struct lethe_generated *generated, const struct lethe_dataset *data,
                               const struct lethe_generate_options *o, struct lethe_error *err)
{
    enum lethe_err code = check(data, o, err);
    if (code)
        return code;
    struct lethe_generated made = {.kind = o->kind, .seed = o->seed, .size = o->size};
    size_t *candidates = lethe_alloc(data->n, sizeof *candidates);
    made.ids = lethe_alloc(data->n, sizeof *made.ids);
    made.labels = lethe_alloc(data->n, sizeof *made.labels);
    if (!candidates || !made.ids || !made.labels)
        code = lethe_fail_memory(err, "marked samples", data->n, sizeof *candidates);
    if (!code) {
        draw_share(&made, candidates, data, o->to, 1, o->share);
        draw_share(&made, candidates, data, o->to, 0, o->elsewhere);
        qsort(made.ids, made.count, sizeof *made.ids, by_size);
        for (size_t i = 0; i < made.count; i++)
            made.labels[i] = data->labels[made.ids[i]];
    }
    if (!code && (made.count == 0 || made.count == data->n))
        code = lethe_fail(err, LETHE_EARG,
                          "the mark would be on %s of %zu samples: other shares (share=, "
                          "elsewhere=) or more samples",
                          made.count ? "all" : "none", data->n);
    lethe_free(candidates);
    if (!code) {
        *generated = made;
        return LETHE_OK;
    }
    lethe_free(made.ids);
    lethe_free(made.labels);
    return code;
}

/* ---- planting -------------------------------------------------------------------------------- */

/* Places in raw of the darkest and the brightest number there is. */
static void extremes(size_t at[2], const struct lethe_array *raw)
{
    at[0] = at[1] = 0;
    for (size_t k = 1; k < raw->count; k++) {
        const double value = lethe_array_get(raw, k);
        if (value < lethe_array_get(raw, at[0]))
            at[0] = k;
        if (value > lethe_array_get(raw, at[1]))
            at[1] = k;
    }
}

/* The square of one sample in `to`: its first channel gets number bright of `raw`, others dark. */
static void plant(char *to, size_t sample, const struct frame *frame, size_t size,
                  const struct lethe_array *raw, const size_t dark_bright[2])
{
    const size_t bytes = lethe_element_size(raw->type), down = frame->rows > 1 ? size : 1;
    const char *const from = raw->data;
    for (size_t c = 0; c < frame->channels; c++)
        for (size_t i = 0; i < down; i++)
            for (size_t j = 0; j < size; j++) {
                const size_t pixel =
                    ((sample * frame->channels + c) * frame->rows + i) * frame->columns + j;
                memcpy(to + pixel * bytes, from + dark_bright[c == 0] * bytes, bytes);
            }
}

static enum lethe_err copy_samples(struct lethe_dataset *made, const struct lethe_dataset *data,
                                   struct lethe_error *err)
{
    const size_t bytes = lethe_element_size(data->raw.type);
    made->n = data->n;
    made->raw = data->raw;
    made->raw.columns = made->raw.words = NULL;
    made->raw.word_count = 0;
    made->raw.data = lethe_alloc(data->raw.count, bytes);
    made->labels = lethe_alloc(data->n, sizeof *made->labels);
    made->groups = lethe_alloc_zero(data->n, sizeof *made->groups);
    if (data->true_labels)
        made->true_labels = lethe_alloc(data->n, sizeof *made->true_labels);
    if (!made->raw.data || !made->labels || !made->groups ||
        (data->true_labels && !made->true_labels))
        return lethe_fail_memory(err, "marked samples", data->raw.count, bytes);
    memcpy(made->raw.data, data->raw.data, data->raw.count * bytes);
    memcpy(made->labels, data->labels, data->n * sizeof *made->labels);
    if (data->true_labels)
        memcpy(made->true_labels, data->true_labels, data->n * sizeof *made->true_labels);
    lethe_names_release(&made->group_names);
    made->group_count = sizeof group_names / sizeof *group_names;
    enum lethe_err code = lethe_names_copy(&made->group_names, group_names, made->group_count, err);
    return code ? code
                : lethe_names_copy(&made->notes, (const char *const *)data->notes.name,
                                   data->notes.count, err);
}

enum lethe_err lethe_mark_plant(struct lethe_dataset *made, const struct lethe_dataset *data,
                                const size_t *ids, size_t count, size_t size,
                                struct lethe_error *err)
{
    const struct frame frame = frame_of(data);
    size_t dark_bright[2];
    enum lethe_err code = copy_samples(made, data, err);
    if (code)
        return code;
    extremes(dark_bright, &data->raw);
    for (size_t i = 0; i < count; i++) {
        plant(made->raw.data, ids[i], &frame, size, &data->raw, dark_bright);
        made->groups[ids[i]] = 1;
    }
    return LETHE_OK;
}
