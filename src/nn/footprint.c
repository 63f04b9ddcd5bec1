/* SPDX-License-Identifier: MIT
 * How large a network is to run, before it runs: what one sample needs of memory and of work. */
#include "nn/plan.h"

double lethe_graph_work(const struct lethe_graph *graph)
{
    double work = 0;
    for (size_t l = 0; l < graph->layer_count; l++) {
        const struct lethe_layer *layer = &graph->layers[l].pub;
        work += (double)layer->positions * (double)layer->fan_in * (double)layer->units;
    }
    return work;
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
