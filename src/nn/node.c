/* SPDX-License-Identifier: MIT
 * What is asked of a single node: its attributes, its place, and what lies behind Identity nodes.
 */
#include <stdio.h>
#include <string.h>

#include "nn/graph.h"

size_t lethe_graph_origin(const struct lethe_graph *graph, size_t value)
{
    while (value != LETHE_NONE && graph->values[value].kind == LETHE_VALUE_NODE &&
           !strcmp(graph->nodes[graph->values[value].node].type, "Identity"))
        value = graph->nodes[graph->values[value].node].in[0];
    return value;
}

const struct lethe_attr *lethe_node_attr(const struct lethe_node *node, const char *name)
{
    for (size_t i = 0; i < node->attr_count; i++)
        if (!strcmp(node->attrs[i].name, name))
            return &node->attrs[i];
    return NULL;
}

long long lethe_node_int(const struct lethe_node *node, const char *name, long long otherwise)
{
    const struct lethe_attr *attr = lethe_node_attr(node, name);
    return attr && attr->type == LETHE_ATTR_INTS && attr->count ? attr->ints[0] : otherwise;
}

double lethe_node_float(const struct lethe_node *node, const char *name, double otherwise)
{
    const struct lethe_attr *attr = lethe_node_attr(node, name);
    return attr && attr->type == LETHE_ATTR_FLOATS && attr->count ? attr->floats[0] : otherwise;
}

const char *lethe_node_text(const struct lethe_node *node, const char *name, const char *otherwise)
{
    const struct lethe_attr *attr = lethe_node_attr(node, name);
    return attr && attr->type == LETHE_ATTR_TEXT ? attr->text : otherwise;
}

const char *lethe_node_place(char text[96], const struct lethe_graph *graph,
                             const struct lethe_node *node)
{
    if (*node->name || !node->place)
        snprintf(text, 96, "node '%.80s'", node->name);
    else
        snprintf(text, 96, "node %zu of %zu", node->place, graph->file_nodes);
    return text;
}
