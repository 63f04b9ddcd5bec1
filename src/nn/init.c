/* SPDX-License-Identifier: MIT
 * Fresh weights. Layers followed by a Relu get He's uniform bound sqrt(6 / fan_in), all others
 * Glorot's sqrt(6 / (fan_in + fan_out)); vectors are 0 (a normalisation's scale 1). Each tensor
 * draws from its own stream. */
#include <math.h>
#include <string.h>

#include "lethe/rng.h"
#include "nn/graph.h"
#include "nn/op.h"

static int feeds_relu(const struct lethe_graph *graph, int value)
{
    for (size_t i = 0; i < graph->nnodes; i++)
        if (graph->nodes[i].in[0] == value && !strcmp(graph->nodes[i].op->name, "Relu"))
            return 1;
    return 0;
}

static double bound(const struct lethe_graph *graph, const struct lethe_param *param)
{
    double fan_in = 1, fan_out = (double)param->dims[0];
    for (size_t d = 1; d < param->ndim; d++)
        fan_in *= (double)param->dims[d];
    if (param->layer >= 0) {
        const struct lethe_layer *layer = &graph->layers[param->layer];
        fan_in = (double)layer->fan_in;
        fan_out = (double)layer->units;
        if (feeds_relu(graph, graph->inside[param->layer].preact))
            return sqrt(6 / fan_in);
    }
    return sqrt(6 / (fan_in + fan_out));
}

void lethe_graph_init(const struct lethe_graph *graph, uint64_t seed, double *w)
{
    for (size_t p = 0; p < graph->nparams; p++) {
        const struct lethe_param *param = &graph->params[p];
        double *values = w + param->offset;
        struct lethe_rng rng;
        lethe_rng_init(&rng, seed, LETHE_RNG_INIT, p, 0);
        int is_scale = param->layer >= 0 && graph->inside[param->layer].scale == (int)p;
        double limit = param->ndim > 1 ? bound(graph, param) : 0;
        for (size_t i = 0; i < param->size; i++)
            values[i] = limit > 0 ? limit * (2 * lethe_rng_uniform(&rng) - 1) : is_scale;
    }
}
