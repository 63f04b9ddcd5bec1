/* SPDX-License-Identifier: MIT
 * Prepare functions named in the table of operators; each file prepare_*.c holds one family. */
#ifndef LETHE_NN_PREPARE_H
#define LETHE_NN_PREPARE_H

#include "nn/ops.h"

/* Of a value that grows with the batch: the axis that does, with its lengths now and in the file.
 * LETHE_NONE for others, and where the graph is not read loosely. */
size_t lethe_prepare_batch_axis(const struct lethe_prepare *p, size_t k);
/* Reshape in a graph that is read loosely: the file's output shape with the batch where it belongs;
 * 0 when there is nothing to do or no way. */
int lethe_prepare_follow_batch(const struct lethe_prepare *p);
/* Whether a known value is the same all along an axis. */
int lethe_prepare_repeats(const struct lethe_plan_value *value, size_t axis);
/* Shape of operand k in an elementwise operator. A constant that a loosely read file repeats for
 * its batch has length 1 along *axis, its axis of the batch (LETHE_NONE for all others). */
struct lethe_shape lethe_prepare_operand(const struct lethe_prepare *p, size_t k, size_t *axis);

typedef enum lethe_err lethe_preparer(struct lethe_prepare *p);

lethe_preparer lethe_prepare_unary, lethe_prepare_clip, lethe_prepare_cast, lethe_prepare_binary,
    lethe_prepare_compare, lethe_prepare_where, lethe_prepare_many;
lethe_preparer lethe_prepare_gemm, lethe_prepare_matmul;
lethe_preparer lethe_prepare_same, lethe_prepare_flatten, lethe_prepare_reshape,
    lethe_prepare_squeeze, lethe_prepare_unsqueeze;
lethe_preparer lethe_prepare_transpose, lethe_prepare_slice, lethe_prepare_concat,
    lethe_prepare_split, lethe_prepare_expand, lethe_prepare_tile, lethe_prepare_pad;
lethe_preparer lethe_prepare_depth_to_space, lethe_prepare_space_to_depth, lethe_prepare_resize;
lethe_preparer lethe_prepare_gather_elements, lethe_prepare_gather_nd,
    lethe_prepare_scatter_elements, lethe_prepare_scatter_nd, lethe_prepare_one_hot;
lethe_preparer lethe_prepare_einsum, lethe_prepare_trilu, lethe_prepare_cumsum;
lethe_preparer lethe_prepare_size, lethe_prepare_non_zero, lethe_prepare_shape,
    lethe_prepare_constant_of_shape, lethe_prepare_range;
lethe_preparer lethe_prepare_softmax, lethe_prepare_batchnorm, lethe_prepare_rownorm,
    lethe_prepare_gather, lethe_prepare_reduce, lethe_prepare_argmax;
lethe_preparer lethe_prepare_conv, lethe_prepare_conv_transpose, lethe_prepare_pool,
    lethe_prepare_global_pool;
lethe_preparer lethe_prepare_groupnorm, lethe_prepare_rmsnorm;
lethe_preparer lethe_prepare_lstm, lethe_prepare_gru;

#endif
