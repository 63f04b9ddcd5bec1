/* SPDX-License-Identifier: MIT
 * A network while it is built layer on layer: the first error sticks, and every step after it does
 * nothing. Names are those PyTorch's exporter would give. For makers of whole networks (cnn.c,
 * text_net.c); a file's graph is built by the room onnx. */
#ifndef LETHE_NN_STACK_H
#define LETHE_NN_STACK_H

#include "nn/graph.h"

struct lethe_stack {
    struct lethe_graph *graph;
    size_t top; /* the value the next layer reads */
    enum lethe_err code;
};

/* An empty network of float weights; opset is the set of operators its file will name. */
void lethe_stack_init(struct lethe_stack *stack, int opset);
/* Ends in the value on top, checks everything and hands the network over; releases the stack. */
enum lethe_err lethe_stack_finish(struct lethe_stack *stack, struct lethe_graph **graph,
                                  struct lethe_error *err);

/* The input, (batch, dims). */
void lethe_stack_input(struct lethe_stack *stack, int elem, const size_t *dims, size_t ndim);
/* A parameter of zeros, which lethe_graph_init fills. */
size_t lethe_stack_param(struct lethe_stack *stack, const char *name, const size_t *dims,
                         size_t ndim);
/* A fixed number; whole numbers for shapes and axes. */
size_t lethe_stack_number(struct lethe_stack *stack, const char *name, double number);
size_t lethe_stack_ints(struct lethe_stack *stack, const char *name, const long long *list,
                        size_t count);
/* One operator; the node is /NAME/TYPE. Returns its output, 0 after an error. */
size_t lethe_stack_op(struct lethe_stack *stack, const char *name, const char *type,
                      const size_t *in, size_t in_count, const struct lethe_attr *attrs,
                      size_t attr_count);

/* One operator on the value on top, which its output replaces. */
void lethe_stack_unary(struct lethe_stack *stack, const char *name, const char *type);
/* A linear layer NAME with bias on the last axis: Gemm of a matrix, else MatMul and Add. */
void lethe_stack_linear(struct lethe_stack *stack, const char *name, size_t in, size_t out,
                        int matrix);

/* An attribute of one whole number, of several. */
struct lethe_attr lethe_stack_int(const char *name, const long long *value);
struct lethe_attr lethe_stack_list(const char *name, const long long *list, size_t count);

#endif
