/* SPDX-License-Identifier: MIT
 * One sample's gradient of a layer is the gradients of its tensors one after the other; a table
 * says where in them each parameter of each unit is. */
#include "nn/gated_grads.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/grad_rows_inside.h"

enum { TENSORS = 4 };

static const unsigned input_of[TENSORS] = {1, 2, 3, 7}; /* W, R, B, P of the node */

struct gated_layer {
    size_t size;   /* of all its tensors */
    size_t *place; /* (units, unit_params) in the tensors; NULL: no layer with gates */
};

struct lethe_gated_grads {
    struct lethe_grad_rows *rows;
    struct gated_layer *layers; /* by layer */
    size_t layer_count;
    double *sum, *more; /* one sample's tensors, and those of one place of use */
    double *kept;       /* (n, units, unit_params) of `layer` after backward pass `pass` */
    size_t kept_room, layer;
    unsigned long pass; /* 0: nothing is kept */
};

static void tensors_of(size_t tensors[TENSORS], const struct lethe_layer_info *info)
{
    const size_t own[TENSORS] = {info->weight, info->states, info->bias, info->peepholes};
    memcpy(tensors, own, sizeof own);
}

static enum lethe_err make_layer(struct gated_layer *made, const struct lethe_graph *graph,
                                 size_t layer, struct lethe_error *err)
{
    const struct lethe_layer_info *info = &graph->layers[layer];
    const size_t units = info->pub.units, params = info->pub.unit_params;
    size_t tensors[TENSORS];
    tensors_of(tensors, info);
    made->place = lethe_alloc(units * params, sizeof *made->place);
    if (!made->place)
        return lethe_fail_memory(err, "gradients of units", units * params, sizeof *made->place);
    for (size_t u = 0; u < units; u++)
        lethe_graph_unit_params(graph, layer, u, made->place + u * params);
    for (size_t i = 0; i < units * params; i++) {
        size_t before = 0;
        for (size_t k = 0; k < TENSORS; k++) {
            const struct lethe_param *p =
                tensors[k] == LETHE_NONE ? NULL : &graph->params[tensors[k]];
            if (p && made->place[i] >= p->offset && made->place[i] - p->offset < p->size) {
                made->place[i] += before - p->offset;
                break;
            }
            before += p ? p->size : 0;
        }
    }
    for (size_t k = 0; k < TENSORS; k++)
        made->size += tensors[k] == LETHE_NONE ? 0 : graph->params[tensors[k]].size;
    return LETHE_OK;
}

static enum lethe_err make_layers(struct lethe_gated_grads *made, const struct lethe_graph *graph,
                                  struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    size_t largest = 1;
    made->layer_count = graph->layer_count;
    made->layers = lethe_alloc_zero(graph->layer_count + 1, sizeof *made->layers);
    if (!made->layers)
        return lethe_fail_memory(err, "gradients of units", graph->layer_count,
                                 sizeof *made->layers);
    for (size_t l = 0; l < graph->layer_count && !code; l++) {
        if (!graph->layers[l].pub.gates)
            continue;
        code = make_layer(&made->layers[l], graph, l, err);
        largest = made->layers[l].size > largest ? made->layers[l].size : largest;
    }
    made->sum = lethe_alloc(largest, sizeof *made->sum);
    made->more = lethe_alloc(largest, sizeof *made->more);
    if (!code && (!made->sum || !made->more))
        code = lethe_fail_memory(err, "gradients of units", largest, sizeof *made->sum);
    return code;
}

enum lethe_err lethe_gated_grads_new(struct lethe_gated_grads **grads, struct lethe_exec *exec,
                                     struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    size_t gated = 0;
    *grads = NULL;
    for (size_t l = 0; l < graph->layer_count; l++)
        gated += graph->layers[l].pub.gates > 0;
    if (!gated)
        return LETHE_OK;
    struct lethe_gated_grads *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "gradients of units", 1, sizeof *made);
    enum lethe_err code = lethe_grad_rows_new(&made->rows, exec, err);
    if (!code)
        code = make_layers(made, graph, err);
    if (code)
        lethe_gated_grads_free(made);
    else
        *grads = made;
    return code;
}

void lethe_gated_grads_free(struct lethe_gated_grads *grads)
{
    if (!grads)
        return;
    lethe_grad_rows_free(grads->rows);
    for (size_t l = 0; grads->layers && l < grads->layer_count; l++)
        lethe_free(grads->layers[l].place);
    lethe_free(grads->layers);
    lethe_free(grads->sum);
    lethe_free(grads->more);
    lethe_free(grads->kept);
    lethe_free(grads);
}

/* grads->sum = the gradient of a layer's tensors by one sample of the batch. */
static void sum_sample(struct lethe_gated_grads *grads, const struct lethe_exec *exec, size_t layer,
                       size_t sample)
{
    const struct lethe_layer_info *info = &exec->graph->layers[layer];
    const struct lethe_part *part = lethe_grad_rows_part(grads->rows, &sample);
    size_t tensors[TENSORS];
    unsigned inputs = 0;
    tensors_of(tensors, info);
    for (size_t k = 0; k < TENSORS; k++)
        inputs |= tensors[k] == LETHE_NONE ? 0 : 1u << input_of[k];
    memset(grads->sum, 0, grads->layers[layer].size * sizeof *grads->sum);
    for (size_t s = 0; s < info->site_count; s++) {
        void *found[8] = {0};
        if (!lethe_grad_rows_back(grads->rows, found, info->sites[s].node, inputs, part, sample))
            continue;
        double *to = grads->sum;
        for (size_t k = 0; k < TENSORS; k++) {
            const size_t size = tensors[k] == LETHE_NONE ? 0 : exec->graph->params[tensors[k]].size;
            if (size)
                lethe_exec_read(grads->more, found[input_of[k]], size, exec);
            for (size_t i = 0; i < size; i++)
                to[i] += grads->more[i];
            to += size;
        }
    }
}

/* One sample's row of the units' gradients. */
static void pick(double *out, const struct lethe_gated_grads *grads,
                 const struct lethe_layer_info *info, size_t layer, const size_t *units,
                 size_t count)
{
    const size_t params = info->pub.unit_params;
    for (size_t k = 0; k < count; k++) {
        const size_t *place = grads->layers[layer].place + (units ? units[k] : k) * params;
        for (size_t i = 0; i < params; i++)
            out[k * params + i] = grads->sum[place[i]];
    }
}

/* All units' gradients by all samples, where there is room for them. */
static enum lethe_err keep(struct lethe_gated_grads *grads, const struct lethe_exec *exec,
                           size_t layer, struct lethe_error *err)
{
    const struct lethe_layer_info *info = &exec->graph->layers[layer];
    const size_t row = info->pub.units * info->pub.unit_params;
    if (grads->pass == exec->backward_passes && grads->layer == layer)
        return LETHE_OK;
    grads->pass = 0;
    if (grads->kept_room < exec->n * row) {
        lethe_free(grads->kept);
        grads->kept_room = 0;
        grads->kept = lethe_alloc(exec->n * row, sizeof *grads->kept);
        if (!grads->kept)
            return lethe_fail_memory(err, "gradients of units", exec->n * row, sizeof *grads->kept);
        grads->kept_room = exec->n * row;
    }
    for (size_t i = 0; i < exec->n; i++) {
        sum_sample(grads, exec, layer, i);
        pick(grads->kept + i * row, grads, info, layer, NULL, info->pub.units);
    }
    grads->pass = exec->backward_passes;
    grads->layer = layer;
    return LETHE_OK;
}

enum lethe_err lethe_gated_unit_grads(const struct lethe_exec *exec, double *out, size_t layer,
                                      const size_t *units, size_t count, struct lethe_error *err)
{
    enum { ROOM = 1 << 23 }; /* numbers */
    struct lethe_gated_grads *grads = exec->gated;
    const struct lethe_layer_info *info = &exec->graph->layers[layer];
    const size_t params = info->pub.unit_params, row = info->pub.units * params;
    if (exec->n * row > ROOM) {
        for (size_t i = 0; i < exec->n; i++) {
            sum_sample(grads, exec, layer, i);
            pick(out + i * count * params, grads, info, layer, units, count);
        }
        return LETHE_OK;
    }
    enum lethe_err code = keep(grads, exec, layer, err);
    for (size_t i = 0; i < exec->n && !code; i++)
        for (size_t k = 0; k < count; k++)
            memcpy(out + (i * count + k) * params, grads->kept + i * row + units[k] * params,
                   params * sizeof *out);
    return code;
}

void lethe_gated_delta(double *out, const struct lethe_exec *exec, size_t layer)
{
    struct lethe_gated_grads *grads = exec->gated;
    const struct lethe_layer *pub = &exec->graph->layers[layer].pub;
    for (size_t i = 0; i < exec->n; i++) {
        sum_sample(grads, exec, layer, i);
        for (size_t u = 0; u < pub->units; u++) {
            const size_t *place = grads->layers[layer].place + u * pub->unit_params;
            double all = 0;
            for (size_t p = 0; p < pub->unit_params; p++)
                all += fabs(grads->sum[place[p]]);
            out[i * pub->units + u] = all;
        }
    }
}
