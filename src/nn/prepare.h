/* SPDX-License-Identifier: MIT
 * Prepare functions named in the table of operators; each file prepare_*.c holds one family. */
#ifndef LETHE_NN_PREPARE_H
#define LETHE_NN_PREPARE_H

#include "nn/ops.h"

typedef enum lethe_err lethe_preparer(struct lethe_prepare *p);

lethe_preparer lethe_prepare_unary, lethe_prepare_clip, lethe_prepare_cast, lethe_prepare_binary,
    lethe_prepare_compare, lethe_prepare_where, lethe_prepare_many;
lethe_preparer lethe_prepare_gemm, lethe_prepare_matmul;
lethe_preparer lethe_prepare_same, lethe_prepare_flatten, lethe_prepare_reshape,
    lethe_prepare_squeeze, lethe_prepare_unsqueeze;
lethe_preparer lethe_prepare_transpose, lethe_prepare_slice, lethe_prepare_concat,
    lethe_prepare_split, lethe_prepare_expand, lethe_prepare_tile, lethe_prepare_pad;
lethe_preparer lethe_prepare_shape, lethe_prepare_constant_of_shape, lethe_prepare_range;
lethe_preparer lethe_prepare_softmax, lethe_prepare_batchnorm, lethe_prepare_rownorm,
    lethe_prepare_gather, lethe_prepare_reduce, lethe_prepare_argmax;
lethe_preparer lethe_prepare_conv, lethe_prepare_pool, lethe_prepare_global_pool;

#endif
