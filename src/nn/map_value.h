/* SPDX-License-Identifier: MIT
 * Which value of a network a map of its attention is taken from. */
#ifndef LETHE_NN_MAP_VALUE_H
#define LETHE_NN_MAP_VALUE_H

#include "nn/graph.h"

struct lethe_map_value {
    size_t value;      /* (batch, channels, rows, columns), or (batch, tokens, width) of texts */
    const char *layer; /* the convolution it comes from, "embedding" of texts */
    int pooled;        /* its means are the inputs of the last, linear layer */
    int text;
};

/* layer NULL: what is pooled over the whole image last, else what comes of the last convolution; of
 * networks of tokens the rows of their embedding. Of a convolution named: its output behind
 * normalisation and activation. LETHE_EARG: there is no such place; the message names those there
 * are. */
enum lethe_err lethe_graph_map_value(struct lethe_map_value *found, const struct lethe_graph *graph,
                                     const char *layer, struct lethe_error *err);

#endif
