/* SPDX-License-Identifier: MIT
 * Where in w the parameters of a unit are; lethe_graph_unit_params lists them all. */
#ifndef LETHE_NN_LAYER_ENTRIES_H
#define LETHE_NN_LAYER_ENTRIES_H

#include "nn/graph.h"

/* Weight `i` (below fan_in) of a unit; not of layers with gates. */
size_t lethe_layer_entry(const struct lethe_graph *graph, const struct lethe_layer_info *layer,
                         size_t unit, size_t i);

#endif
