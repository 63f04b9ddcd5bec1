/* SPDX-License-Identifier: MIT
 * How large a network is to run, before it runs: what one sample needs of memory and of work. */
#include "nn/plan.h"

double lethe_graph_work(const struct lethe_graph *graph)
{
    double work = 0;
    for (size_t l = 0; l < graph->layer_count; l++) {
        const struct lethe_layer *layer = &graph->layers[l].pub;
        const size_t rows = layer->units * (layer->gates ? layer->gates : 1);
        work += (double)layer->positions * (double)layer->fan_in * (double)rows;
    }
    return work;
}

enum lethe_dtype lethe_graph_minimising(const struct lethe_graph *graph)
{
    return lethe_graph_size(graph) <= LETHE_DOUBLE_UP_TO ? LETHE_F64 : LETHE_F32;
}

enum lethe_dtype lethe_graph_passes(const struct lethe_graph *graph)
{
    const double shared = 4; /* times a weight is used for one sample */
    if (lethe_graph_work(graph) > shared * (double)lethe_graph_size(graph))
        return LETHE_F32;
    return lethe_graph_minimising(graph);
}

size_t lethe_graph_footprint(const struct lethe_graph *graph)
{
    struct lethe_plan *plan = lethe_plan_new(graph, 1, NULL);
    size_t numbers = 0;
    for (size_t v = 0; plan && v < graph->value_count; v++) {
        const struct lethe_plan_value *value = &plan->values[v];
        if (!value->known && value->root == v && value->fed)
            numbers += lethe_shape_size(&value->shape);
    }
    lethe_plan_free(plan);
    return numbers;
}
