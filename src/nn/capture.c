/* SPDX-License-Identifier: MIT
 * What a run left behind, layer by layer: pre-activations, their derivatives, inputs, and gradients
 * of single samples by single units. */
#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/exec.h"

static double number(const struct lethe_exec *exec, const void *from, size_t i)
{
    return exec->dtype == LETHE_F32 ? (double)((const float *)from)[i] : ((const double *)from)[i];
}

/* Adds what one site holds in `from` to out(n, units), summed over positions. */
static void add_site(double *out, const struct lethe_exec *exec,
                     const struct lethe_layer_info *layer, const struct lethe_site *site,
                     const void *from)
{
    size_t n = exec->n, units = layer->pub.units, inner = site->inner;
    if (site->conv) {
        for (size_t i = 0; i < n * units; i++)
            for (size_t p = 0; p < inner; p++)
                out[i] += number(exec, from, i * inner + p);
        return;
    }
    for (size_t o = 0; o < site->outer; o++)
        for (size_t i = 0; i < n; i++)
            for (size_t p = 0; p < inner; p++)
                for (size_t j = 0; j < units; j++)
                    out[i * units + j] += number(exec, from, ((o * n + i) * inner + p) * units + j);
}

static void sum_positions(double *out, const struct lethe_exec *exec, size_t index, void **by_value)
{
    const struct lethe_layer_info *layer = &exec->graph->layers[index];
    memset(out, 0, exec->n * layer->pub.units * sizeof *out);
    for (size_t s = 0; s < layer->site_count; s++) {
        const void *from = by_value[layer->sites[s].preact];
        if (from)
            add_site(out, exec, layer, &layer->sites[s], from);
    }
}

void lethe_exec_preact(const struct lethe_exec *exec, size_t layer, double *out)
{
    const struct lethe_layer *pub = &exec->graph->layers[layer].pub;
    sum_positions(out, exec, layer, exec->x);
    for (size_t i = 0; i < exec->n * pub->units && pub->positions > 1; i++)
        out[i] /= (double)pub->positions;
}

void lethe_exec_delta(const struct lethe_exec *exec, size_t layer, double *out)
{
    assert(exec->has_adjoints);
    sum_positions(out, exec, layer, exec->dx);
}

void lethe_exec_input(const struct lethe_exec *exec, size_t layer, double *out)
{
    const struct lethe_layer_info *info = &exec->graph->layers[layer];
    assert(info->pub.positions == 1);
    size_t x = exec->graph->nodes[info->sites[0].node].in[0];
    lethe_exec_read(out, exec->x[x], exec->n * info->pub.fan_in, exec);
}
