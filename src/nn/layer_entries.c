/* SPDX-License-Identifier: MIT
 * Where in w the parameters of a unit are. */
#include "nn/layer_entries.h"

size_t lethe_layer_entry(const struct lethe_graph *graph, const struct lethe_layer_info *layer,
                         size_t unit, size_t i)
{
    const size_t offset = graph->params[layer->weight].offset, units = layer->pub.units;
    if (layer->transposed) {
        const size_t in_group = units / layer->groups, read = layer->pub.fan_in / layer->taps;
        const size_t channel = unit / in_group * read + i / layer->taps;
        return offset + (channel * in_group + unit % in_group) * layer->taps + i % layer->taps;
    }
    return offset + (layer->by_column ? i * units + unit : unit * layer->pub.fan_in + i);
}

/* Gate after gate the weights of the input, then those of the state before, the biases of both, the
 * peepholes. Tensors are (directions, gates * hidden, ...). */
static void gated_params(const struct lethe_graph *graph, const struct lethe_layer_info *layer,
                         size_t unit, size_t *indices)
{
    const size_t hidden = layer->pub.hidden, gates = layer->pub.gates;
    const size_t direction = unit / hidden, j = unit % hidden,
                 own[2] = {layer->weight, layer->states};
    size_t at = 0;
    for (size_t k = 0; k < 2; k++) {
        const size_t width = graph->params[own[k]].dims[2];
        for (size_t g = 0; g < gates; g++)
            for (size_t i = 0; i < width; i++)
                indices[at++] = graph->params[own[k]].offset +
                                ((direction * gates + g) * hidden + j) * width + i;
    }
    for (size_t g = 0; layer->bias != LETHE_NONE && g < 2 * gates; g++)
        indices[at++] =
            graph->params[layer->bias].offset + (direction * 2 * gates + g) * hidden + j;
    for (size_t g = 0; layer->peepholes != LETHE_NONE && g < 3; g++)
        indices[at++] = graph->params[layer->peepholes].offset + (direction * 3 + g) * hidden + j;
}

void lethe_graph_unit_params(const struct lethe_graph *graph, size_t layer, size_t unit,
                             size_t *indices)
{
    const struct lethe_layer_info *info = &graph->layers[layer];
    const size_t single[3] = {info->bias, info->scale, info->shift};
    size_t at = 0;
    if (info->pub.gates) {
        gated_params(graph, info, unit, indices);
        return;
    }
    for (size_t i = 0; i < info->pub.fan_in; i++)
        indices[at++] = lethe_layer_entry(graph, info, unit, i);
    for (size_t k = 0; k < 3; k++)
        if (single[k] != LETHE_NONE)
            indices[at++] = graph->params[single[k]].offset + unit;
}
