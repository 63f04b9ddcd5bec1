/* SPDX-License-Identifier: MIT
 * The op table: what an operator is called, how it finds its output's shape, and its kernels in
 * both precisions. A new op is one file in nn/ops and one row in op.c. */
#ifndef LETHE_NN_OP_H
#define LETHE_NN_OP_H

#include "nn/graph.h"

/* One node at work on one batch. Gradients are added to (+=); a NULL gradient or tangent means
 * "not wanted" or "zero". work keeps what forward leaves for backward. */
struct lethe_call {
    const struct lethe_node *node;
    struct lethe_tensor **in, **out; /* in[i] NULL: optional input left out */
    void **din, **dout;              /* gradients, same shapes as in and out */
    void **tin, **tout;              /* tangents, same shapes as in and out */
    void *work;
    size_t work_size; /* elements of real, set by shape */
};

typedef enum lethe_err lethe_shape_fn(struct lethe_call *call, struct lethe_error *err);
typedef void lethe_kernel_fn(struct lethe_call *call);

struct lethe_op {
    const char *name;
    int min_in, max_in; /* max -1: any number */
    lethe_shape_fn *shape;
    lethe_kernel_fn *forward[2], *backward[2], *jvp[2]; /* indexed by enum lethe_dtype */
};

/* X(operator, kernel name, fewest inputs, most inputs) */
#define LETHE_OPS(X)                                                                               \
    X("Add", add, 2, 2)                                                                            \
    X("Flatten", flatten, 1, 1)                                                                    \
    X("Gemm", gemm, 2, 3)                                                                          \
    X("Identity", identity, 1, 1)                                                                  \
    X("MatMul", matmul, 2, 2)                                                                      \
    X("Relu", relu, 1, 1)                                                                          \
    X("Reshape", reshape, 1, 2)                                                                    \
    X("Sigmoid", sigmoid, 1, 1)                                                                    \
    X("Softmax", softmax, 1, 1)                                                                    \
    X("Tanh", tanh, 1, 1)

#define DECLARE(op, kernel, min, max)                                                              \
    lethe_shape_fn lethe_shape_##kernel;                                                           \
    lethe_kernel_fn lethe_##kernel##_forward_f32, lethe_##kernel##_forward_f64,                    \
        lethe_##kernel##_backward_f32, lethe_##kernel##_backward_f64, lethe_##kernel##_jvp_f32,    \
        lethe_##kernel##_jvp_f64;
LETHE_OPS(DECLARE)
#undef DECLARE

const struct lethe_op *lethe_op_find(const char *name); /* NULL: not supported */
size_t lethe_op_count(void);
const struct lethe_op *lethe_op_at(size_t index);

#endif
