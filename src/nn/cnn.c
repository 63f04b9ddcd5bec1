/* SPDX-License-Identifier: MIT
 * Convolutional networks built here. A block is a 3 x 3 convolution (without bias, padded so that
 * the image keeps its size), a batch normalisation, a Relu and, where wanted, a maximum over 2 x 2.
 * The mean over the image of each filter of the last block goes to one linear layer: the shape for
 * which class activation maps were defined (Zhou et al., CVPR 2016). A residual stage is He et
 * al.'s (CVPR 2016) for CIFAR: blocks of two convolutions, the first of a later stage with stride
 * 2, and a 1 x 1 convolution where the sum would not fit. What MobileNetV2 and DenseNet are made of
 * stands in inverted.c and dense.c; VGG (Simonyan and Zisserman, ICLR 2015) is plain blocks. */
#include <stdio.h>
#include <string.h>

#include "nn/conv_stack.h"

/* One residual block NAME. */
static void residual(struct lethe_stack *stack, const char *name, const size_t channels[2],
                     long long stride)
{
    char part[80];
    const struct lethe_stack_filters first = {channels[0], channels[1], 3, stride, 1},
                                     second = {channels[1], channels[1], 3, 1, 1},
                                     across = {channels[0], channels[1], 1, stride, 1};
    const size_t from = stack->top;
    snprintf(part, sizeof part, "%s.conv1", name);
    lethe_stack_convolve_norm(stack, part, &first);
    lethe_stack_unary(stack, part, "Relu");
    snprintf(part, sizeof part, "%s.conv2", name);
    lethe_stack_convolve_norm(stack, part, &second);
    size_t sum[2] = {stack->top, from};
    stack->top = from;
    if (stride > 1 || channels[0] != channels[1]) {
        snprintf(part, sizeof part, "%s.shortcut", name);
        lethe_stack_convolve_norm(stack, part, &across);
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
    const struct lethe_stack_filters filters = {channels[0], channels[1], 3, 1, 1};
    snprintf(name, sizeof name, "conv%zu", index);
    lethe_stack_convolve_norm(stack, name, &filters);
    lethe_stack_unary(stack, name, "Relu");
    if (pools)
        lethe_stack_halve(stack, name, "MaxPool");
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
        const int halves = cnn->kind == LETHE_CNN_DENSE ? i + 1 < cnn->depth : layer->pools;
        if (cnn->kind != LETHE_CNN_PLAIN && !layer->blocks)
            return lethe_fail(err, LETHE_EARG, "layer %zu has no blocks", i + 1);
        if (!layer->filters || layer->filters > 10000 || layer->blocks > 100)
            return lethe_fail(err, LETHE_EARG,
                              "layer %zu has %zu filters in %zu blocks; 1 to 10000 filters and up "
                              "to 100 blocks are allowed",
                              i + 1, layer->filters, layer->blocks);
        if (halves && (rows < 2 || columns < 2))
            return lethe_fail(err, LETHE_EARG,
                              "the images are too small: after %zu layers %zu x %zu is left, which "
                              "cannot be halved again; %s",
                              i, rows, columns,
                              cnn->kind == LETHE_CNN_DENSE ? "leave out a block"
                                                           : "leave out a 'p'");
        rows /= halves ? 2 : 1;
        columns /= halves ? 2 : 1;
    }
    return LETHE_OK;
}

/* Plain layers and residual stages; returns the channels they end in. */
static size_t plain(struct lethe_stack *stack, const struct lethe_cnn *cnn)
{
    size_t channels[2] = {cnn->channels, cnn->layers[0].filters};
    if (cnn->layers[0].blocks) {
        block(stack, 1, channels, 0);
        channels[0] = channels[1];
    }
    for (size_t i = 0; i < cnn->depth; i++) {
        channels[1] = cnn->layers[i].filters;
        if (cnn->layers[i].blocks)
            stage(stack, i + 1, channels, cnn->layers[i].blocks);
        else
            block(stack, i + 1, channels, cnn->layers[i].pools);
        channels[0] = channels[1];
    }
    return channels[0];
}

enum lethe_err lethe_graph_cnn(struct lethe_graph **graph, const struct lethe_cnn *cnn,
                               struct lethe_error *err)
{
    enum lethe_err code = check(cnn, err);
    if (code)
        return code;
    struct lethe_stack stack;
    const size_t image[3] = {cnn->channels, cnn->rows, cnn->columns};
    lethe_stack_init(&stack, 13);
    lethe_stack_input(&stack, LETHE_ELEM_FLOAT, image, 3);
    const size_t channels = cnn->kind == LETHE_CNN_INVERTED ? lethe_stack_inverted(&stack, cnn)
                            : cnn->kind == LETHE_CNN_DENSE  ? lethe_stack_dense(&stack, cnn)
                                                            : plain(&stack, cnn);
    lethe_stack_unary(&stack, "pool", "GlobalAveragePool");
    lethe_stack_unary(&stack, "flatten", "Flatten");
    lethe_stack_linear(&stack, "fc", channels, cnn->classes, 1);
    return lethe_stack_finish(&stack, graph, err);
}
