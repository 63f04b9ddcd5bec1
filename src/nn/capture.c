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

void lethe_exec_add_site(double *out, const struct lethe_exec *exec,
                         const struct lethe_layer_info *layer, const struct lethe_site *site,
                         const void *from, size_t n)
{
    size_t units = layer->pub.units, inner = site->inner;
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

/* Of the pre-activations, or of their adjoints. */
static void sum_positions(double *out, const struct lethe_exec *exec, size_t index, int adjoints)
{
    const struct lethe_layer_info *layer = &exec->graph->layers[index];
    struct lethe_worker *worker = &exec->workers[0];
    memset(out, 0, exec->n * layer->pub.units * sizeof *out);
    for (size_t p = 0; p < exec->part_count; p++) {
        const struct lethe_part *part = &exec->parts[p];
        if (adjoints)
            lethe_exec_bind_adjoints(exec, worker, part, worker->dx_key | LETHE_BIND_CAPTURED);
        else
            lethe_exec_bind_values(exec, worker, part, 0);
        for (size_t s = 0; s < layer->site_count; s++) {
            const struct lethe_site *site = &layer->sites[s];
            const void *from = (adjoints ? worker->dx : worker->x)[site->preact];
            if (from)
                lethe_exec_add_site(out + part->first * layer->pub.units, exec, layer, site, from,
                                    part->n);
        }
    }
}

void lethe_exec_preact(const struct lethe_exec *exec, size_t layer, double *out)
{
    const struct lethe_layer *pub = &exec->graph->layers[layer].pub;
    sum_positions(out, exec, layer, 0);
    for (size_t i = 0; i < exec->n * pub->units && pub->positions > 1; i++)
        out[i] /= (double)pub->positions;
}

void lethe_exec_delta(const struct lethe_exec *exec, size_t layer, double *out)
{
    assert(exec->has_adjoints);
    sum_positions(out, exec, layer, 1);
}

void lethe_exec_input(const struct lethe_exec *exec, size_t layer, double *out)
{
    const struct lethe_layer_info *info = &exec->graph->layers[layer];
    assert(info->pub.positions == 1);
    size_t x = exec->graph->nodes[info->sites[0].node].in[0];
    for (size_t p = 0; p < exec->part_count; p++) {
        const struct lethe_part *part = &exec->parts[p];
        lethe_exec_bind_values(exec, &exec->workers[0], part, 0);
        lethe_exec_read(out + part->first * info->pub.fan_in, exec->workers[0].x[x],
                        part->n * info->pub.fan_in, exec);
    }
}
