/* SPDX-License-Identifier: MIT
 * Small networks with one kind of layer each that curvatures and gradients must get right, with
 * random weights and data. */
#ifndef LETHE_TESTS_NETS_H
#define LETHE_TESTS_NETS_H

#include "lethe/dataset.h"
#include "lethe/nn.h"

enum net_kind {
    NET_PLAIN,  /* three linear layers */
    NET_CONV,   /* convolutions, also in groups, with batch normalisation, scale and shift apart */
    NET_TOKENS, /* an embedding, positions, linear layers over tokens, layer normalisation */
    NET_BEHIND, /* a weight that is a product of two parameters */
    NET_KINDS,  /* those above are what dear tests go through */
    NET_TRANSPOSED = NET_KINDS, /* a transposed convolution in groups, one used at two places, a
                                   filter that does not reach all of its image */
    NET_SHARED, /* biases of two layers, the recurrent weights of two GRUs, one tensor in two roles
                 */
    NET_GATED,  /* an LSTM both ways with peepholes, then a GRU whose last state counts */
    NET_ALL
};

struct net {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    double *w;
};

struct net net_open(enum net_kind kind, size_t samples, uint64_t seed);
void net_close(struct net *net);
const char *net_name(enum net_kind kind);

#endif
