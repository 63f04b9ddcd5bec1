/* SPDX-License-Identifier: MIT
 * The body of MobileNetV2 (Sandler et al., CVPR 2018) for small images: inverted residual blocks of
 * a widening, a convolution by channel and a narrowing without an activation, the sum where input
 * and output are alike. */
#include <stdio.h>

#include "nn/conv_stack.h"

enum { EXPANSION = 6, LAST = 4 }; /* the last convolution is so many times as wide as its stage */

/* What rectifies: from 0 to 6. */
struct bounds {
    size_t low, high;
};

static void rectify(struct lethe_stack *stack, const char *name, const struct bounds *six)
{
    const size_t ends[3] = {stack->top, six->low, six->high};
    stack->top = lethe_stack_op(stack, name, "Clip", ends, 3, NULL, 0);
}

static void layer(struct lethe_stack *stack, const char *name,
                  const struct lethe_stack_filters *filters, const struct bounds *six)
{
    lethe_stack_convolve_norm(stack, name, filters);
    rectify(stack, name, six);
}

/* One block NAME; stride 2 halves the image. */
static void block(struct lethe_stack *stack, const char *name, const size_t channels[2],
                  size_t expansion, long long stride, const struct bounds *six)
{
    char part[80];
    const size_t from = stack->top, wide = channels[0] * expansion;
    const struct lethe_stack_filters widen = {channels[0], wide, 1, 1, 1},
                                     by_channel = {wide, wide, 3, stride, (long long)wide},
                                     narrow = {wide, channels[1], 1, 1, 1};
    if (expansion > 1) {
        snprintf(part, sizeof part, "%s.widen", name);
        layer(stack, part, &widen, six);
    }
    snprintf(part, sizeof part, "%s.depthwise", name);
    layer(stack, part, &by_channel, six);
    snprintf(part, sizeof part, "%s.narrow", name);
    lethe_stack_convolve_norm(stack, part, &narrow);
    const size_t sum[2] = {stack->top, from};
    if (stride == 1 && channels[0] == channels[1])
        stack->top = lethe_stack_op(stack, name, "Add", sum, 2, NULL, 0);
}

size_t lethe_stack_inverted(struct lethe_stack *stack, const struct lethe_cnn *cnn)
{
    char name[64];
    const struct bounds six = {lethe_stack_number(stack, "zero", 0),
                               lethe_stack_number(stack, "six", 6)};
    size_t channels[2] = {2 * cnn->layers[0].filters, 0};
    const struct lethe_stack_filters first = {cnn->channels, channels[0], 3, 1, 1};
    layer(stack, "conv1", &first, &six);
    for (size_t i = 0; i < cnn->depth; i++)
        for (size_t b = 0; b < cnn->layers[i].blocks; b++) {
            snprintf(name, sizeof name, "layer%zu.%zu", i + 1, b);
            channels[1] = cnn->layers[i].filters;
            block(stack, name, channels, i ? EXPANSION : 1, cnn->layers[i].pools && !b ? 2 : 1,
                  &six);
            channels[0] = channels[1];
        }
    const struct lethe_stack_filters last = {channels[0], LAST * channels[0], 1, 1, 1};
    layer(stack, "conv2", &last, &six);
    return last.out;
}
