/* SPDX-License-Identifier: MIT
 * What networks of convolutions are stacked from, on the value on top (stack.h): convolutions
 * without bias that are padded so that stride 1 keeps the size of the image, normalisations,
 * halvings, and the bodies of the kinds of network of which one block is more than a layer. See
 * conv_stack.h. */
#include "nn/conv_stack.h"

#include <stdio.h>

enum { NAME = 128 };

void lethe_stack_convolve(struct lethe_stack *stack, const char *name,
                          const struct lethe_stack_filters *filters)
{
    char weight[NAME];
    const long long kernel = filters->kernel, half = kernel / 2, groups = filters->groups;
    const long long pads[4] = {half, half, half, half}, size[2] = {kernel, kernel};
    const long long strides[2] = {filters->stride, filters->stride};
    const struct lethe_attr attrs[4] = {
        lethe_stack_list("kernel_shape", size, 2), lethe_stack_list("pads", pads, 4),
        lethe_stack_list("strides", strides, 2), lethe_stack_int("group", &groups)};
    const size_t dims[4] = {filters->out, groups > 1 ? filters->in / (size_t)groups : filters->in,
                            (size_t)kernel, (size_t)kernel};
    snprintf(weight, sizeof weight, "%s.weight", name);
    const size_t ends[2] = {stack->top, lethe_stack_param(stack, weight, dims, 4)};
    stack->top = lethe_stack_op(stack, name, "Conv", ends, 2, attrs, groups > 1 ? 4 : 3);
}

void lethe_stack_norm(struct lethe_stack *stack, const char *name, size_t channels)
{
    static const char *const parts[] = {"weight", "bias", "running_mean", "running_var"};
    char part[NAME];
    size_t ends[5] = {stack->top};
    for (size_t i = 0; i < 4; i++) {
        snprintf(part, sizeof part, "%s.%s", name, parts[i]);
        ends[i + 1] = lethe_stack_param(stack, part, &channels, 1);
    }
    stack->top = lethe_stack_op(stack, name, "BatchNormalization", ends, 5, NULL, 0);
}

void lethe_stack_convolve_norm(struct lethe_stack *stack, const char *name,
                               const struct lethe_stack_filters *filters)
{
    char norm[NAME];
    snprintf(norm, sizeof norm, "%s_bn", name);
    lethe_stack_convolve(stack, name, filters);
    lethe_stack_norm(stack, norm, filters->out);
}

void lethe_stack_halve(struct lethe_stack *stack, const char *name, const char *type)
{
    static const long long two[2] = {2, 2};
    const struct lethe_attr attrs[2] = {lethe_stack_list("kernel_shape", two, 2),
                                        lethe_stack_list("strides", two, 2)};
    const size_t in[1] = {stack->top};
    stack->top = lethe_stack_op(stack, name, type, in, 1, attrs, 2);
}
