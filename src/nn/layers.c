/* SPDX-License-Identifier: MIT
 * A layer with units is a Gemm or MatMul with a parameter as its right operand; its bias is the
 * Gemm's third input or the parameter that a following Add brings. Names come from the weight
 * ("fc1.weight" -> "fc1"), or from the node where the exporter left the weight without a name
 * ("onnx::MatMul_312" at "/enc.0/q/MatMul" -> "enc.0.q"). */
#include "nn/layers.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/op.h"

static int param_of(const struct lethe_graph *graph, int value)
{
    if (value < 0 || graph->values[value].kind != LETHE_VALUE_PARAM)
        return -1;
    size_t param = graph->values[value].param;
    return graph->params[param].trainable ? (int)param : -1;
}

/* The only node that uses a value, or -1. */
static int only_user(const struct lethe_graph *graph, int value)
{
    int user = -1;
    for (size_t i = 0; i < graph->nnodes; i++)
        for (size_t k = 0; k < graph->nodes[i].nin; k++)
            if (graph->nodes[i].in[k] == value) {
                if (user >= 0)
                    return -1;
                user = (int)i;
            }
    return value == graph->output ? -1 : user;
}

static int op_is(const struct lethe_node *node, const char *op)
{
    return !strcmp(node->op->name, op);
}

/* Bias by a following Add of a vector as long as the units. */
static void bias_after(const struct lethe_graph *graph, struct lethe_layer_inside *inside,
                       size_t units)
{
    int user = -1;
    for (size_t i = 0; i < graph->nnodes; i++)
        if (op_is(&graph->nodes[i], "Add") &&
            (graph->nodes[i].in[0] == inside->preact || graph->nodes[i].in[1] == inside->preact))
            user = (int)i;
    if (user < 0 || (only_user(graph, inside->preact) != user))
        return;
    const struct lethe_node *add = &graph->nodes[user];
    int bias = param_of(graph, add->in[add->in[0] == inside->preact]);
    if (bias < 0 || graph->params[bias].ndim != 1 || graph->params[bias].size != units)
        return;
    inside->bias = bias;
    inside->preact = add->out[0];
}

static int linear_layer(const struct lethe_graph *graph, size_t at, struct lethe_layer *layer,
                        struct lethe_layer_inside *inside)
{
    const struct lethe_node *node = &graph->nodes[at];
    if (!op_is(node, "Gemm") && !op_is(node, "MatMul"))
        return 0;
    int weight = param_of(graph, node->in[1]);
    if (weight < 0 || graph->params[weight].ndim != 2 || graph->params[weight].layer >= 0 ||
        lethe_node_int(node, "transA", 0) || lethe_node_float(node, "alpha", 1) != 1 ||
        lethe_node_float(node, "beta", 1) != 1)
        return 0;
    const size_t *dims = graph->params[weight].dims;
    *inside = (struct lethe_layer_inside){.node = at,
                                          .weight = weight,
                                          .bias = -1,
                                          .scale = -1,
                                          .shift = -1,
                                          .columns = !lethe_node_int(node, "transB", 0),
                                          .input = node->in[0],
                                          .preact = node->out[0]};
    *layer = (struct lethe_layer){.op = node->op->name,
                                  .units = dims[inside->columns],
                                  .fan_in = dims[!inside->columns],
                                  .positions = 1};
    if (op_is(node, "Gemm")) {
        int bias = param_of(graph, node->in[2]);
        if (bias >= 0 && graph->params[bias].size == layer->units)
            inside->bias = bias;
    } else {
        bias_after(graph, inside, layer->units);
    }
    layer->has_bias = inside->bias >= 0;
    layer->unit_params = layer->fan_in + (layer->has_bias ? 1 : 0);
    return 1;
}

/* "fc1.weight" -> "fc1"; "/enc.0/q/MatMul" -> "enc.0.q" when the weight has no name of its own. */
static char *layer_name(const struct lethe_graph *graph, const struct lethe_layer_inside *inside)
{
    const char *weight = graph->params[inside->weight].name;
    const char *source = strncmp(weight, "onnx::", 6) ? weight : graph->nodes[inside->node].name;
    char *name = lethe_strdup(source[0] == '/' ? source + 1 : source);
    if (!name)
        return NULL;
    char *last = strrchr(name, source == weight ? '.' : '/');
    if (last && last != name)
        *last = '\0';
    for (char *c = name; *c; c++)
        if (*c == '/' || *c == '[' || *c == ']')
            *c = '.';
    return name;
}

static void own(struct lethe_graph *graph, int param, size_t layer)
{
    if (param >= 0)
        graph->params[param].layer = (int)layer;
}

enum lethe_err lethe_layers_find(struct lethe_graph *graph, struct lethe_error *err)
{
    graph->layers = lethe_alloc_zero(graph->nnodes, sizeof *graph->layers);
    graph->inside = lethe_alloc_zero(graph->nnodes, sizeof *graph->inside);
    if (!graph->layers || !graph->inside)
        return lethe_fail_memory(err, "layers", graph->nnodes, sizeof *graph->layers);
    for (size_t i = 0; i < graph->nnodes; i++) {
        struct lethe_layer layer;
        struct lethe_layer_inside inside;
        if (!linear_layer(graph, i, &layer, &inside))
            continue;
        layer.name = layer_name(graph, &inside);
        if (!layer.name)
            return lethe_fail_memory(err, "a name", 1, 64);
        own(graph, inside.weight, graph->nlayers);
        own(graph, inside.bias, graph->nlayers);
        graph->inside[graph->nlayers] = inside;
        graph->layers[graph->nlayers++] = layer;
    }
    return LETHE_OK;
}

void lethe_graph_unit_params(const struct lethe_graph *graph, size_t layer, size_t unit,
                             size_t *indices)
{
    const struct lethe_layer *shape = &graph->layers[layer];
    const struct lethe_layer_inside *inside = &graph->inside[layer];
    size_t base = graph->params[inside->weight].offset;
    size_t step = inside->columns ? shape->units : 1;
    base += inside->columns ? unit : unit * shape->fan_in;
    for (size_t k = 0; k < shape->fan_in; k++)
        *indices++ = base + k * step;
    const int vectors[] = {inside->bias, inside->scale, inside->shift};
    for (size_t v = 0; v < 3; v++)
        if (vectors[v] >= 0)
            *indices++ = graph->params[vectors[v]].offset + unit;
}
