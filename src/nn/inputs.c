/* SPDX-License-Identifier: MIT
 * What the inputs of a graph hold, read off how they are used: a whole number that picks rows of a
 * parameter by Gather is a token. */
#include <string.h>

#include "nn/graph.h"

/* The value a copy or a conversion was made of. */
static size_t source(const struct lethe_graph *graph, size_t value)
{
    while (value != LETHE_NONE && graph->values[value].kind == LETHE_VALUE_NODE) {
        const struct lethe_node *node = &graph->nodes[graph->values[value].node];
        if (strcmp(node->type, "Identity") && strcmp(node->type, "Cast"))
            break;
        value = node->in[0];
    }
    return value;
}

/* Rows of the parameter that a node looks the input up in; 0: it does not. */
static size_t looked_up(const struct lethe_graph *graph, const struct lethe_node *node,
                        size_t value)
{
    if (strcmp(node->type, "Gather") || lethe_node_int(node, "axis", 0) ||
        source(graph, node->in[1]) != value)
        return 0;
    const struct lethe_tensor_value *table = &graph->values[lethe_graph_origin(graph, node->in[0])];
    return table->param != LETHE_NONE ? graph->params[table->param].dims[0] : 0;
}

enum lethe_input_kind lethe_graph_input_kind(const struct lethe_graph *graph, size_t input,
                                             size_t *rows)
{
    size_t value = graph->inputs[input], least = 0;
    if (lethe_elem_is_real(graph->values[value].elem))
        return LETHE_INPUT_REAL;
    for (size_t i = 0; i < graph->node_count; i++) {
        size_t found = looked_up(graph, &graph->nodes[i], value);
        if (found && (!least || found < least))
            least = found;
    }
    if (rows)
        *rows = least;
    return least ? LETHE_INPUT_TOKENS : LETHE_INPUT_WHOLE;
}
