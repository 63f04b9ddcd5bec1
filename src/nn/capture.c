/* SPDX-License-Identifier: MIT
 * What L-CODEC and curvature read out of an executor between passes: pre-activations, their
 * derivatives, inputs, per-sample gradients of units. Layers shared over tokens (positions > 1)
 * keep their values as (n, positions, units). */
#include <string.h>

#include "base/alloc.h"
#include "nn/exec.h"

/* Sum over positions of block (n, positions, units), times scale. */
static void over_positions(const struct lethe_exec *exec, double *out, const void *block,
                           const struct lethe_layer *layer, double scale)
{
    const size_t positions = layer->positions, units = layer->units;
    for (size_t i = 0; i < exec->n; i++)
        for (size_t u = 0; u < units; u++) {
            double sum = 0;
            for (size_t p = 0; p < positions; p++)
                sum += lethe_exec_get(exec, block, (i * positions + p) * units + u);
            out[i * units + u] = sum * scale;
        }
}

void lethe_exec_preact(const struct lethe_exec *exec, size_t layer, double *out)
{
    const struct lethe_layer *shape = &exec->graph->layers[layer];
    const struct lethe_slot *slot = &exec->slots[exec->graph->inside[layer].preact];
    over_positions(exec, out, slot->value.data, shape, 1.0 / (double)shape->positions);
}

void lethe_exec_delta(const struct lethe_exec *exec, size_t layer, double *out)
{
    const struct lethe_slot *slot = &exec->slots[exec->graph->inside[layer].preact];
    over_positions(exec, out, slot->gradient, &exec->graph->layers[layer], 1);
}

void lethe_exec_input(const struct lethe_exec *exec, size_t layer, double *out)
{
    const struct lethe_slot *slot = &exec->slots[exec->graph->inside[layer].input];
    lethe_exec_out(exec, out, slot->value.data, exec->n * exec->graph->layers[layer].fan_in, 0);
}

/* Adds one position's outer product delta * (input, 1) to a row of unit gradients. */
static void add_unit(const struct lethe_exec *exec, double *row, size_t layer, size_t at,
                     size_t unit)
{
    const struct lethe_layer *shape = &exec->graph->layers[layer];
    const struct lethe_layer_inside *inside = &exec->graph->inside[layer];
    const double delta =
        lethe_exec_get(exec, exec->slots[inside->preact].gradient, at * shape->units + unit);
    const void *input = exec->slots[inside->input].value.data;
    for (size_t k = 0; k < shape->fan_in; k++)
        row[k] += delta * lethe_exec_get(exec, input, at * shape->fan_in + k);
    if (shape->has_bias)
        row[shape->fan_in] += delta;
}

enum lethe_err lethe_exec_unit_grads(const struct lethe_exec *exec, double *out, size_t layer,
                                     const size_t *units, size_t count, struct lethe_error *err)
{
    (void)err;
    const struct lethe_layer *shape = &exec->graph->layers[layer];
    memset(out, 0, exec->n * count * shape->unit_params * sizeof *out);
    for (size_t i = 0; i < exec->n; i++)
        for (size_t p = 0; p < shape->positions; p++)
            for (size_t u = 0; u < count; u++)
                add_unit(exec, out + (i * count + u) * shape->unit_params, layer,
                         i * shape->positions + p, units[u]);
    return LETHE_OK;
}
