/* SPDX-License-Identifier: MIT
 * Convolutional networks built here. A block is a 3 x 3 convolution (without bias, padded so that
 * the image keeps its size), a batch normalisation, a Relu and, where wanted, a maximum over 2 x 2.
 * The mean over the image of each filter of the last block goes to one linear layer: the shape for
 * which class activation maps were defined (Zhou et al., CVPR 2016). A residual stage is He et
 * al.'s (CVPR 2016) for CIFAR: blocks of two convolutions, the first of a later stage with stride
 * 2, and a 1 x 1 convolution where the sum would not fit. */
#include <stdio.h>
#include <string.h>

#include "nn/stack.h"

/* NAME: a convolution of `kernel` x `kernel` and its normalisation NAME_bn. */
static void convolve(struct lethe_stack *stack, const char *name, const size_t channels[2],
                     long long kernel, long long stride)
{
    char weight[96], norm[96], part[128];
    static const char *const parts[] = {"weight", "bias", "running_mean", "running_var"};
    const long long half = kernel / 2, pads[4] = {half, half, half, half};
    const long long size[2] = {kernel, kernel}, strides[2] = {stride, stride};
    const struct lethe_attr attrs[3] = {lethe_stack_list("kernel_shape", size, 2),
                                        lethe_stack_list("pads", pads, 4),
                                        lethe_stack_list("strides", strides, 2)};
    const size_t dims[4] = {channels[1], channels[0], (size_t)kernel, (size_t)kernel};
    snprintf(weight, sizeof weight, "%s.weight", name);
    snprintf(norm, sizeof norm, "%s_bn", name);
    const size_t conv[2] = {stack->top, lethe_stack_param(stack, weight, dims, 4)};
    size_t ends[5] = {lethe_stack_op(stack, name, "Conv", conv, 2, attrs, 3)};
    for (size_t i = 0; i < 4; i++) {
        snprintf(part, sizeof part, "%s.%s", norm, parts[i]);
        ends[i + 1] = lethe_stack_param(stack, part, dims, 1);
    }
    stack->top = lethe_stack_op(stack, norm, "BatchNormalization", ends, 5, NULL, 0);
}

static void halve(struct lethe_stack *stack, const char *name)
{
    static const long long two[2] = {2, 2};
    const struct lethe_attr attrs[2] = {lethe_stack_list("kernel_shape", two, 2),
                                        lethe_stack_list("strides", two, 2)};
    const size_t in[1] = {stack->top};
    stack->top = lethe_stack_op(stack, name, "MaxPool", in, 1, attrs, 2);
}

/* One residual block NAME. */
static void residual(struct lethe_stack *stack, const char *name, const size_t channels[2],
                     long long stride)
{
    char part[80];
    const size_t inside[2] = {channels[1], channels[1]}, from = stack->top;
    snprintf(part, sizeof part, "%s.conv1", name);
    convolve(stack, part, channels, 3, stride);
    lethe_stack_unary(stack, part, "Relu");
    snprintf(part, sizeof part, "%s.conv2", name);
    convolve(stack, part, inside, 3, 1);
    size_t sum[2] = {stack->top, from};
    stack->top = from;
    if (stride > 1 || channels[0] != channels[1]) {
        snprintf(part, sizeof part, "%s.shortcut", name);
        convolve(stack, part, channels, 1, stride);
        sum[1] = stack->top;
    }
    stack->top = lethe_stack_op(stack, name, "Add", sum, 2, NULL, 0);
    lethe_stack_unary(stack, name, "Relu");
}

static void stage(struct lethe_stack *stack, size_t index, const size_t channels[2], size_t blocks)
{
    char name[64];
    size_t widths[2] = {channels[0], channels[1]};
    for (size_t b = 0; b < blocks; b++) {
        snprintf(name, sizeof name, "layer%zu.%zu", index, b);
        residual(stack, name, widths, b == 0 && index > 1 ? 2 : 1);
        widths[0] = widths[1];
    }
}

static void block(struct lethe_stack *stack, size_t index, const size_t channels[2], int pools)
{
    char name[32];
    snprintf(name, sizeof name, "conv%zu", index);
    convolve(stack, name, channels, 3, 1);
    lethe_stack_unary(stack, name, "Relu");
    if (pools)
        halve(stack, name);
}

static enum lethe_err check(const struct lethe_cnn *cnn, struct lethe_error *err)
{
    size_t rows = cnn->rows, columns = cnn->columns;
    if (!cnn->depth || !cnn->channels || !rows || !columns || !cnn->classes)
        return lethe_fail(err, LETHE_EARG,
                          "a convolutional network needs images, classes and at "
                          "least one layer of filters");
    for (size_t i = 0; i < cnn->depth; i++) {
        const struct lethe_cnn_layer *layer = &cnn->layers[i];
        if (!layer->filters || layer->filters > 10000 || layer->blocks > 100)
            return lethe_fail(err, LETHE_EARG,
                              "layer %zu has %zu filters in %zu blocks; 1 to 10000 filters and up "
                              "to 100 blocks are allowed",
                              i + 1, layer->filters, layer->blocks);
        if (layer->pools && (rows < 2 || columns < 2))
            return lethe_fail(err, LETHE_EARG,
                              "the images are too small: after %zu layers %zu x %zu is left, which "
                              "cannot be halved again; leave out a 'p'",
                              i, rows, columns);
        rows /= layer->pools ? 2 : 1;
        columns /= layer->pools ? 2 : 1;
    }
    return LETHE_OK;
}

enum lethe_err lethe_graph_cnn(struct lethe_graph **graph, const struct lethe_cnn *cnn,
                               struct lethe_error *err)
{
    enum lethe_err code = check(cnn, err);
    if (code)
        return code;
    struct lethe_stack stack;
    const size_t image[3] = {cnn->channels, cnn->rows, cnn->columns};
    size_t channels[2] = {cnn->channels, cnn->layers[0].filters};
    lethe_stack_init(&stack, 13);
    lethe_stack_input(&stack, LETHE_ELEM_FLOAT, image, 3);
    if (cnn->layers[0].blocks) {
        block(&stack, 1, channels, 0);
        channels[0] = channels[1];
    }
    for (size_t i = 0; i < cnn->depth; i++) {
        channels[1] = cnn->layers[i].filters;
        if (cnn->layers[i].blocks)
            stage(&stack, i + 1, channels, cnn->layers[i].blocks);
        else
            block(&stack, i + 1, channels, cnn->layers[i].pools);
        channels[0] = channels[1];
    }
    lethe_stack_unary(&stack, "pool", "GlobalAveragePool");
    lethe_stack_unary(&stack, "flatten", "Flatten");
    lethe_stack_linear(&stack, "fc", channels[0], cnn->classes, 1);
    return lethe_stack_finish(&stack, graph, err);
}
