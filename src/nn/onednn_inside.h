/* SPDX-License-Identifier: MIT
 * Inside of a convolution by oneDNN: the only place that includes it, for onednn.c, which makes
 * primitives, and onednn_run.c, which runs them. */
#ifndef LETHE_NN_ONEDNN_INSIDE_H
#define LETHE_NN_ONEDNN_INSIDE_H

#include <dnnl.h>

#include "nn/onednn.h"

/* omp.h comes with the compiler and is not there for every one. */
extern void omp_set_num_threads(int threads);

/* One operand: its plain order, the order a primitive wants, and the ways between them. All NULL
 * when the two are the same. */
struct lethe_onednn_operand {
    dnnl_memory_desc_t plain, inner;
    int same;
    dnnl_primitive_t in, out, add; /* add: plain += inner */
};

/* One primitive with its operands: source-like, filter-like, destination-like. */
struct lethe_onednn_product {
    dnnl_primitive_t run;
    dnnl_memory_desc_t work; /* its scratchpad */
    struct lethe_onednn_operand x, w, y;
};

struct lethe_onednn {
    dnnl_engine_t engine;
    dnnl_primitive_desc_t hint;
    dnnl_memory_desc_t x, w, y, bias; /* plain, of `sub` samples */
    dnnl_dims_t stride, dilation, before, after;
    int biased, has_backward, filled; /* filled: packed holds the filters */
    size_t sub, rounds;
    struct lethe_onednn_product forward, by_x, by_w;
    float *packed, *packed_back;
};

/* Floats of room for one, and of all a product needs. */
size_t lethe_onednn_floats(const dnnl_memory_desc_t *desc);
size_t lethe_onednn_product_scratch(const struct lethe_onednn_product *product);

#endif
