/* SPDX-License-Identifier: MIT
 * Finding layers that have units among the nodes, and the entries of w that make up a unit. */
#ifndef LETHE_NN_LAYERS_H
#define LETHE_NN_LAYERS_H

#include "nn/graph.h"

/* Fills graph->layers and graph->inside, and params[].layer. Called once by the builder. */
enum lethe_err lethe_layers_find(struct lethe_graph *graph, struct lethe_error *err);

#endif
