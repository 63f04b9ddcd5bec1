/* SPDX-License-Identifier: MIT
 * layers: the layers of the model, their units, and the tensors that belong to none. */
#include "cmd/commands.h"
#include "workbench/put_unit.h"
#include "workbench/workbench.h"

static enum lethe_err run_layers(struct lethe_call *call, struct lethe_error *err)
{
    (void)err;
    const struct lethe_graph *graph = call->wb->project.graph;
    struct lethe_value *list = lethe_put_list(call->out, "layers");
    for (size_t i = 0; i < lethe_graph_layer_count(graph); i++) {
        const struct lethe_layer *layer = lethe_graph_layer(graph, i);
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "layer", layer->name);
        lethe_put_text(item, "op", layer->op);
        lethe_put_count(item, "units", layer->units);
        lethe_put_count(item, "unit_parameters", layer->unit_params);
        lethe_put_count(item, "parameters", layer->units * layer->unit_params);
        lethe_put_count(item, "inputs", layer->fan_in);
        lethe_put_count(item, "positions", layer->positions);
    }
    struct lethe_value *groups = NULL;
    for (size_t u = lethe_unit_count(graph); u < lethe_unit_total(graph); u++) {
        groups = groups ? groups : lethe_put_list(call->out, "groups");
        struct lethe_value *item = lethe_put_object(groups, NULL);
        lethe_put_unit(item, "tensor", graph, u);
        lethe_put_count(item, "parameters", lethe_unit_at(graph, u).params);
    }
    return LETHE_OK;
}

const struct lethe_command lethe_command_layers = {
    .name = "layers",
    .group = LETHE_GROUP_MODEL,
    .flags = LETHE_NEEDS_MODEL,
    .summary = "List the layers and their units",
    .detail = "A unit is one output of a layer with its weights and bias, written layer[index]. "
              "Groups are tensors that belong to no unit; 'blanket all' takes them too.",
    .run = run_layers,
};
