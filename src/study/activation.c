/* SPDX-License-Identifier: MIT
 * Where a network looks: the map of one sample for one class, under several weights. See
 * activation.h. */
#include "study/activation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/map_value.h"
#include "nn/trainer.h"
#include "unlearn/inputs.h"

struct look {
    const struct lethe_activation_spec *spec;
    struct lethe_map_value from;
    struct lethe_trainer *trainer;
    size_t classes;
    double *x, *split, *logits, *slope, *value, *slopes; /* of one sample */
    const double **inputs;
};

void lethe_activation_release(struct lethe_activation *activation)
{
    for (size_t m = 0; m < LETHE_ACTIVATION_MODELS; m++)
        lethe_free(activation->map[m]);
    lethe_free(activation->tokens);
    *activation = (struct lethe_activation){0};
}

static void look_release(struct look *look)
{
    lethe_trainer_free(look->trainer);
    lethe_free(look->x);
    lethe_free(look->split);
    lethe_free(look->logits);
    lethe_free(look->slope);
    lethe_free(look->value);
    lethe_free(look->slopes);
    lethe_free(look->inputs);
}

static enum lethe_err look_init(struct look *look, const struct lethe_activation_spec *spec,
                                struct lethe_error *err)
{
    const size_t width = lethe_dataset_width(spec->data);
    look->spec = spec;
    look->classes = lethe_graph_classes(spec->graph);
    look->trainer = lethe_trainer_new(spec->graph, LETHE_F64, 1, err);
    if (!look->trainer)
        return err && err->code ? err->code : LETHE_ENOMEM;
    const size_t size = lethe_shape_size(lethe_trainer_shape(look->trainer, look->from.value));
    look->x = lethe_alloc(width, sizeof *look->x);
    look->split = lethe_alloc(width, sizeof *look->split);
    look->logits = lethe_alloc(look->classes, sizeof *look->logits);
    look->slope = lethe_alloc_zero(look->classes, sizeof *look->slope);
    look->value = lethe_alloc(size, sizeof *look->value);
    look->slopes = lethe_alloc_zero(size, sizeof *look->slopes);
    look->inputs = lethe_alloc(lethe_graph_inputs(spec->graph), sizeof *look->inputs);
    if (!look->x || !look->split || !look->logits || !look->slope || !look->value ||
        !look->slopes || !look->inputs)
        return lethe_fail_memory(err, "a map", size, sizeof *look->value);
    lethe_dataset_batch(spec->data, look->x, NULL, &spec->id, 1);
    lethe_inputs_split(look->inputs, look->split, spec->graph, look->x, 1);
    return LETHE_OK;
}

/* map (rows, columns) from values and derivatives (channels, rows, columns). */
static void weigh_channels(double *map, const struct look *look, const struct lethe_shape *shape)
{
    const size_t channels = shape->dims[1], size = shape->dims[2] * shape->dims[3];
    memset(map, 0, size * sizeof *map);
    for (size_t c = 0; c < channels; c++) {
        double weight = 0;
        for (size_t i = 0; i < size; i++)
            weight += look->slopes[c * size + i];
        weight /= look->from.pooled ? 1 : (double)size;
        for (size_t i = 0; i < size; i++)
            map[i] += weight * look->value[c * size + i];
    }
    for (size_t i = 0; i < size && !look->from.pooled; i++)
        map[i] = fmax(map[i], 0);
}

/* map (tokens) from (tokens, width). */
static void weigh_tokens(double *map, const struct look *look, const struct lethe_shape *shape)
{
    const size_t tokens = shape->dims[1], width = shape->dims[2];
    for (size_t t = 0; t < tokens; t++) {
        map[t] = 0;
        for (size_t d = 0; d < width; d++)
            map[t] += look->slopes[t * width + d] * look->value[t * width + d];
    }
}

static enum lethe_err look_at(struct lethe_activation *out, struct look *look, size_t model,
                              struct lethe_error *err)
{
    const struct lethe_activation_spec *spec = look->spec;
    const struct lethe_graph *graph = spec->graph;
    const size_t all = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    const struct lethe_shape *shape = lethe_trainer_shape(look->trainer, look->from.value);
    double *w = lethe_alloc(all, sizeof *w);
    double *map = lethe_alloc(out->rows * out->columns, sizeof *map);
    enum lethe_err code = LETHE_OK;
    out->map[model] = map;
    if (!w || !map)
        code = lethe_fail_memory(err, "a map", all, sizeof *w);
    if (!code) {
        memcpy(w, spec->w[model], all * sizeof *w);
        code =
            lethe_trainer_look(look->trainer, look->logits, w, look->inputs, look->slope, 1, err);
    }
    lethe_free(w);
    if (code)
        return code;
    lethe_trainer_value(look->trainer, look->value, look->from.value);
    lethe_trainer_adjoint(look->trainer, look->slopes, look->from.value);
    if (look->from.text)
        weigh_tokens(map, look, shape);
    else
        weigh_channels(map, look, shape);
    lethe_softmax(look->logits, look->logits, 1, look->classes);
    out->share[model] = look->logits[out->class];
    for (size_t c = 1; c < look->classes; c++)
        if (look->logits[c] > look->logits[out->answer[model]])
            out->answer[model] = (int)c;
    return LETHE_OK;
}

/* What the map is of: sample, class, place. */
static enum lethe_err begin(struct lethe_activation *out, struct look *look,
                            struct lethe_error *err)
{
    const struct lethe_activation_spec *spec = look->spec;
    const struct lethe_shape *shape = lethe_trainer_shape(look->trainer, look->from.value);
    if (shape->ndim != (look->from.text ? 3u : 4u) || shape->dims[0] != 1)
        return lethe_fail(err, LETHE_EARG, "'%s' gives no map: its output is no image",
                          look->from.layer);
    out->id = spec->id;
    out->heldout = spec->heldout;
    out->label = lethe_dataset_label(spec->data, spec->id);
    out->class = spec->class < 0 ? out->label : (int)spec->class;
    if (out->class < 0 || (size_t)out->class >= look->classes)
        return lethe_fail(err, LETHE_EARG, "class %d: the network has %zu (0 to %zu)", out->class,
                          look->classes, look->classes - 1);
    out->rows = look->from.text ? 1 : shape->dims[2];
    out->columns = look->from.text ? shape->dims[1] : shape->dims[3];
    out->method = look->from.text     ? "gradient times embedding"
                  : look->from.pooled ? "CAM"
                                      : "Grad-CAM";
    snprintf(out->layer, sizeof out->layer, "%.127s", look->from.layer);
    look->slope[out->class] = 1;
    if (!look->from.text)
        return LETHE_OK;
    out->tokens = lethe_alloc(out->columns, sizeof *out->tokens);
    if (!out->tokens)
        return lethe_fail_memory(err, "tokens", out->columns, sizeof *out->tokens);
    memcpy(out->tokens, look->inputs[0], out->columns * sizeof *out->tokens);
    return LETHE_OK;
}

enum lethe_err lethe_activation_make(struct lethe_activation *activation,
                                     const struct lethe_activation_spec *spec,
                                     struct lethe_error *err)
{
    struct look look = {0};
    if (spec->id >= lethe_dataset_count(spec->data))
        return lethe_fail(err, LETHE_EARG, "sample %zu: there are %zu (0 to %zu)", spec->id,
                          lethe_dataset_count(spec->data), lethe_dataset_count(spec->data) - 1);
    enum lethe_err code = lethe_graph_map_value(&look.from, spec->graph, spec->layer, err);
    if (!code)
        code = look_init(&look, spec, err);
    if (!code)
        code = begin(activation, &look, err);
    for (size_t m = 0; m < LETHE_ACTIVATION_MODELS && !code; m++)
        if (spec->w[m])
            code = look_at(activation, &look, m, err);
    look_release(&look);
    return code;
}
