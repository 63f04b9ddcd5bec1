/* SPDX-License-Identifier: MIT
 * Which value of a network a map of its attention is taken from. See map_value.h. */
#include "nn/map_value.h"

#include <stdio.h>
#include <string.h>

/* The one used node that reads a value; LETHE_NONE when there are none or several. */
static size_t only_reader(const struct lethe_graph *graph, size_t value)
{
    size_t reader = LETHE_NONE;
    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t k = 0; graph->nodes[i].used && k < graph->nodes[i].in_count; k++)
            if (graph->nodes[i].in[k] == value) {
                if (reader != LETHE_NONE)
                    return LETHE_NONE;
                reader = i;
            }
    return reader;
}

static int is_among(const char *type, const char *const *types)
{
    for (; *types; types++)
        if (!strcmp(type, *types))
            return 1;
    return 0;
}

/* Behind normalisation and activation, as long as nothing else reads what lies between. */
static size_t behind(const struct lethe_graph *graph, size_t value)
{
    static const char *const passes[] = {"BatchNormalization",
                                         "InstanceNormalization",
                                         "GroupNormalization",
                                         "Relu",
                                         "LeakyRelu",
                                         "PRelu",
                                         "Sigmoid",
                                         "Tanh",
                                         "Clip",
                                         "Elu",
                                         "Gelu",
                                         "HardSwish",
                                         "Softplus",
                                         "Mish",
                                         "Selu",
                                         NULL};
    for (size_t next; (next = only_reader(graph, value)) != LETHE_NONE;) {
        const struct lethe_node *node = &graph->nodes[next];
        if (node->in[0] != value || !is_among(node->type, passes))
            break;
        value = node->out[0];
    }
    return value;
}

/* Whether the means of a value reach the last layer as they are. */
static int feeds_last_layer(const struct lethe_graph *graph, size_t means)
{
    static const char *const views[] = {"Flatten",  "Reshape", "Squeeze",
                                        "Identity", "Dropout", NULL};
    size_t next;
    while ((next = only_reader(graph, means)) != LETHE_NONE &&
           is_among(graph->nodes[next].type, views))
        means = graph->nodes[next].out[0];
    if (next == LETHE_NONE || !graph->layer_count)
        return 0;
    const struct lethe_layer_info *last = &graph->layers[graph->layer_count - 1];
    return last->sites[0].node == next && last->sites[0].preact == graph->outputs[0];
}

static int is_global_mean(const struct lethe_graph *graph, const struct lethe_node *node)
{
    if (!strcmp(node->type, "GlobalAveragePool"))
        return 1;
    const struct lethe_attr *axes = lethe_node_attr(node, "axes");
    const double *numbers = NULL;
    size_t count = axes ? axes->count : 0;
    if (strcmp(node->type, "ReduceMean") != 0)
        return 0;
    if (!axes && node->in_count > 1 && node->in[1] != LETHE_NONE) {
        const struct lethe_tensor_value *given = &graph->values[node->in[1]];
        numbers = given->data;
        count = numbers ? lethe_shape_size(&given->shape) : 0;
    }
    for (size_t i = 0; i < count; i++) {
        const long long axis = axes ? axes->ints[i] : (long long)numbers[i];
        if (axis != 2 && axis != 3 && axis != -1 && axis != -2)
            return 0;
    }
    return count == 2;
}

/* The convolution whose numbers a value holds, through sums and activations. */
static const char *source_of(const struct lethe_graph *graph, size_t value)
{
    const char *name = "features";
    size_t at = value;
    for (size_t steps = 0; steps < graph->node_count && graph->values[at].node != LETHE_NONE;
         steps++) {
        const size_t node = graph->values[at].node;
        for (size_t l = 0; l < graph->layer_count; l++)
            for (size_t s = 0; s < graph->layers[l].site_count; s++)
                if (graph->layers[l].sites[s].node == node)
                    return graph->layers[l].pub.name;
        at = graph->nodes[node].in[0];
        if (graph->values[at].kind != LETHE_VALUE_NODE)
            break;
    }
    return name;
}

static int find_embedding(struct lethe_map_value *found, const struct lethe_graph *graph)
{
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        if (!node->used || strcmp(node->type, "Gather") != 0)
            continue;
        const size_t table = lethe_graph_origin(graph, node->in[0]);
        const size_t tokens = lethe_graph_origin(graph, node->in[1]);
        if (table == LETHE_NONE || graph->values[table].param == LETHE_NONE ||
            tokens != graph->inputs[0])
            continue;
        *found = (struct lethe_map_value){.value = node->out[0], .layer = "embedding", .text = 1};
        return 1;
    }
    return 0;
}

static int find_convolution(struct lethe_map_value *found, const struct lethe_graph *graph,
                            const char *layer)
{
    for (size_t l = graph->layer_count; l-- > 0;) {
        const struct lethe_layer_info *info = &graph->layers[l];
        if (!info->sites[0].conv || (layer && strcmp(layer, info->pub.name) != 0))
            continue;
        *found = (struct lethe_map_value){.value = behind(graph, info->sites[0].preact),
                                          .layer = info->pub.name};
        return 1;
    }
    return 0;
}

static int find_pooled(struct lethe_map_value *found, const struct lethe_graph *graph)
{
    for (size_t i = graph->node_count; i-- > 0;) {
        const struct lethe_node *node = &graph->nodes[i];
        if (!node->used || !is_global_mean(graph, node))
            continue;
        *found = (struct lethe_map_value){.value = node->in[0],
                                          .layer = source_of(graph, node->in[0]),
                                          .pooled = feeds_last_layer(graph, node->out[0])};
        return 1;
    }
    return 0;
}

enum lethe_err lethe_graph_map_value(struct lethe_map_value *found, const struct lethe_graph *graph,
                                     const char *layer, struct lethe_error *err)
{
    char names[200] = "";
    size_t used = 0;
    if (!layer && (find_embedding(found, graph) || find_pooled(found, graph)))
        return LETHE_OK;
    if (find_convolution(found, graph, layer))
        return LETHE_OK;
    for (size_t l = 0; l < graph->layer_count && used < 150; l++)
        if (graph->layers[l].sites[0].conv) {
            int wrote = snprintf(names + used, sizeof names - used, "%s%.40s", used ? ", " : "",
                                 graph->layers[l].pub.name);
            used += wrote > 0 ? (size_t)wrote : 0;
        }
    if (!*names)
        return lethe_fail(err, LETHE_EARG,
                          "a map needs convolutions or an embedding of tokens: this network has "
                          "neither");
    return lethe_fail(err, LETHE_EARG, "'%s' is no convolution of this network: %s", layer, names);
}
