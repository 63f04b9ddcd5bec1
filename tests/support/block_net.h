/* SPDX-License-Identifier: MIT
 * A residual block of convolutions, large enough that an executor divides a batch into parts. */
#ifndef LETHE_TESTS_BLOCK_NET_H
#define LETHE_TESTS_BLOCK_NET_H

#include "lethe/nn.h"

enum {
    BLOCK_BATCH = 19,
    BLOCK_SIDE = 32,
    BLOCK_CHANNELS = 16,
    BLOCK_CLASSES = 5,
    BLOCK_WIDTH = 3 * BLOCK_SIDE * BLOCK_SIDE
};

struct block_net {
    struct lethe_graph *graph;
    double *w, *x, *u, *v; /* parameters, input, derivatives by logits, a direction */
    size_t size;
    const double *inputs[1];
};

enum block_kind {
    BLOCK_SMOOTH,
    BLOCK_RELU,
    BLOCK_MAXIMUM /* Relu, and the maximum of the pixels in the place of their mean */
};
void block_net_init(struct block_net *net, enum block_kind kind);
void block_net_release(struct block_net *net);

#endif
