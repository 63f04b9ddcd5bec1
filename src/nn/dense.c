/* SPDX-License-Identifier: MIT
 * The body of a DenseNet-BC (Huang et al., CVPR 2017) for small images: every layer sees what all
 * layers before it in its block made, through a 1 x 1 convolution of four times the growth; between
 * blocks the channels and the image are halved. Normalisations stand before the convolutions. */
#include <stdio.h>

#include "nn/conv_stack.h"

enum { NARROW = 4 };

static void rectified(struct lethe_stack *stack, const char *name, size_t channels)
{
    char norm[96];
    snprintf(norm, sizeof norm, "%s.norm", name);
    lethe_stack_norm(stack, norm, channels);
    lethe_stack_unary(stack, norm, "Relu");
}

/* Layer NAME adds `growth` channels to those on top. */
static void grow(struct lethe_stack *stack, const char *name, size_t channels, size_t growth)
{
    static const long long axis = 1;
    char part[80];
    const struct lethe_attr along = lethe_stack_int("axis", &axis);
    const struct lethe_stack_filters narrow = {channels, NARROW * growth, 1, 1, 1},
                                     wide = {NARROW * growth, growth, 3, 1, 1};
    const size_t from = stack->top;
    snprintf(part, sizeof part, "%s.conv1", name);
    rectified(stack, part, narrow.in);
    lethe_stack_convolve(stack, part, &narrow);
    snprintf(part, sizeof part, "%s.conv2", name);
    rectified(stack, part, wide.in);
    lethe_stack_convolve(stack, part, &wide);
    const size_t ends[2] = {from, stack->top};
    stack->top = lethe_stack_op(stack, name, "Concat", ends, 2, &along, 1);
}

static size_t transition(struct lethe_stack *stack, const char *name, size_t channels)
{
    const struct lethe_stack_filters half = {channels, channels / 2, 1, 1, 1};
    rectified(stack, name, channels);
    lethe_stack_convolve(stack, name, &half);
    lethe_stack_halve(stack, name, "AveragePool");
    return half.out;
}

size_t lethe_stack_dense(struct lethe_stack *stack, const struct lethe_cnn *cnn)
{
    char name[64];
    size_t channels = 2 * cnn->layers[0].filters;
    const struct lethe_stack_filters first = {cnn->channels, channels, 3, 1, 1};
    lethe_stack_convolve(stack, "conv1", &first);
    for (size_t i = 0; i < cnn->depth; i++) {
        for (size_t b = 0; b < cnn->layers[i].blocks; b++) {
            snprintf(name, sizeof name, "layer%zu.%zu", i + 1, b);
            grow(stack, name, channels, cnn->layers[i].filters);
            channels += cnn->layers[i].filters;
        }
        snprintf(name, sizeof name, "transition%zu", i + 1);
        if (i + 1 < cnn->depth)
            channels = transition(stack, name, channels);
    }
    rectified(stack, "last", channels);
    return channels;
}
