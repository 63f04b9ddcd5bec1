/* SPDX-License-Identifier: MIT
 * What networks of convolutions are stacked from, on the value on top (stack.h): convolutions
 * without bias that are padded so that stride 1 keeps the size of the image, normalisations,
 * halvings, and the bodies of the kinds of network of which one block is more than a layer. */
#ifndef LETHE_NN_CONV_STACK_H
#define LETHE_NN_CONV_STACK_H

#include "nn/stack.h"

struct lethe_stack_filters {
    size_t in, out; /* channels */
    long long kernel, stride;
    long long groups; /* 0 or 1: every filter sees all channels */
};

/* A convolution NAME. */
void lethe_stack_convolve(struct lethe_stack *stack, const char *name,
                          const struct lethe_stack_filters *filters);
/* A batch normalisation NAME of so many channels. */
void lethe_stack_norm(struct lethe_stack *stack, const char *name, size_t channels);
/* A convolution NAME and its normalisation NAME_bn. */
void lethe_stack_convolve_norm(struct lethe_stack *stack, const char *name,
                               const struct lethe_stack_filters *filters);
/* "MaxPool" or "AveragePool" over 2 x 2. */
void lethe_stack_halve(struct lethe_stack *stack, const char *name, const char *type);

/* The body of a network from its images on; both return the channels they end in. */
size_t lethe_stack_inverted(struct lethe_stack *stack, const struct lethe_cnn *cnn);
size_t lethe_stack_dense(struct lethe_stack *stack, const struct lethe_cnn *cnn);

#endif
