/* SPDX-License-Identifier: MIT
 * Life cycle and accessors of a graph. */
#include "nn/graph.h"

#include <string.h>

#include "base/alloc.h"

struct lethe_graph *lethe_graph_ref(struct lethe_graph *graph)
{
    atomic_fetch_add(&graph->refs, 1);
    return graph;
}

static void release_node(struct lethe_node *node)
{
    for (size_t i = 0; i < node->nattr; i++) {
        lethe_free(node->attr[i].name);
        lethe_free(node->attr[i].s);
        lethe_free(node->attr[i].ints);
        lethe_free(node->attr[i].floats);
    }
    lethe_free(node->attr);
    lethe_free(node->in);
    lethe_free(node->out);
    lethe_free(node->name);
}

void lethe_graph_unref(struct lethe_graph *graph)
{
    if (!graph || atomic_fetch_sub(&graph->refs, 1) != 1)
        return;
    for (size_t i = 0; i < graph->nnodes; i++)
        release_node(&graph->nodes[i]);
    for (size_t i = 0; i < graph->nvalues; i++) {
        lethe_free(graph->values[i].name);
        lethe_free(graph->values[i].fixed.data);
    }
    for (size_t i = 0; i < graph->nlayers; i++)
        lethe_free((char *)graph->layers[i].name);
    lethe_free(graph->nodes);
    lethe_free(graph->values);
    lethe_free(graph->params);
    lethe_free(graph->layers);
    lethe_free(graph->inside);
    lethe_free(graph->inputs);
    lethe_free(graph);
}

size_t lethe_graph_size(const struct lethe_graph *graph)
{
    return graph->size;
}

size_t lethe_graph_buffers(const struct lethe_graph *graph)
{
    return graph->buffers;
}

size_t lethe_graph_inputs(const struct lethe_graph *graph)
{
    return graph->ninputs;
}

size_t lethe_graph_input_width(const struct lethe_graph *graph, size_t input)
{
    return graph->values[graph->inputs[input]].fixed.size;
}

size_t lethe_graph_classes(const struct lethe_graph *graph)
{
    return graph->classes;
}

enum lethe_dtype lethe_graph_dtype(const struct lethe_graph *graph)
{
    return graph->dtype;
}

size_t lethe_graph_param_count(const struct lethe_graph *graph)
{
    return graph->nparams;
}

const struct lethe_param *lethe_graph_param(const struct lethe_graph *graph, size_t index)
{
    return &graph->params[index];
}

size_t lethe_graph_layer_count(const struct lethe_graph *graph)
{
    return graph->nlayers;
}

const struct lethe_layer *lethe_graph_layer(const struct lethe_graph *graph, size_t index)
{
    return &graph->layers[index];
}

const struct lethe_attr *lethe_node_attr(const struct lethe_node *node, const char *name)
{
    for (size_t i = 0; i < node->nattr; i++)
        if (!strcmp(node->attr[i].name, name))
            return &node->attr[i];
    return NULL;
}

long lethe_node_int(const struct lethe_node *node, const char *name, long fallback)
{
    const struct lethe_attr *attr = lethe_node_attr(node, name);
    return attr && attr->ints && attr->count == 1 ? (long)attr->ints[0] : fallback;
}

double lethe_node_float(const struct lethe_node *node, const char *name, double fallback)
{
    const struct lethe_attr *attr = lethe_node_attr(node, name);
    return attr && !attr->ints && !attr->s ? attr->f : fallback;
}

const char *lethe_node_string(const struct lethe_node *node, const char *name, const char *fallback)
{
    const struct lethe_attr *attr = lethe_node_attr(node, name);
    return attr && attr->s ? attr->s : fallback;
}
