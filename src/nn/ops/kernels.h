/* SPDX-License-Identifier: MIT
 * The kernels of both precisions, named in the table of operators. */
#ifndef LETHE_NN_OPS_KERNELS_H
#define LETHE_NN_OPS_KERNELS_H

#include "nn/ops.h"

#define LETHE_KERNEL(name) lethe_kernel lethe_##name##_f32, lethe_##name##_f64

LETHE_KERNEL(unary_forward);
LETHE_KERNEL(unary_backward);
LETHE_KERNEL(unary_jvp);
LETHE_KERNEL(unary_backward_jvp);
LETHE_KERNEL(unary_note);
LETHE_KERNEL(binary_forward);
LETHE_KERNEL(binary_backward);
LETHE_KERNEL(binary_jvp);
LETHE_KERNEL(binary_backward_jvp);
LETHE_KERNEL(where_forward);
LETHE_KERNEL(where_backward);
LETHE_KERNEL(where_jvp);
LETHE_KERNEL(gemm_forward);
LETHE_KERNEL(gemm_backward);
LETHE_KERNEL(gemm_jvp);
LETHE_KERNEL(gemm_backward_jvp);
LETHE_KERNEL(move_forward);
LETHE_KERNEL(move_backward);
LETHE_KERNEL(move_jvp);
LETHE_KERNEL(softmax_forward);
LETHE_KERNEL(softmax_backward);
LETHE_KERNEL(softmax_jvp);
LETHE_KERNEL(softmax_backward_jvp);
LETHE_KERNEL(conv_forward);
LETHE_KERNEL(conv_backward);
LETHE_KERNEL(conv_jvp);
LETHE_KERNEL(conv_backward_jvp);
LETHE_KERNEL(pool_forward);
LETHE_KERNEL(pool_backward);
LETHE_KERNEL(pool_jvp);
LETHE_KERNEL(pool_note);
LETHE_KERNEL(batchnorm_forward);
LETHE_KERNEL(batchnorm_backward);
LETHE_KERNEL(batchnorm_jvp);
LETHE_KERNEL(batchnorm_backward_jvp);
LETHE_KERNEL(rownorm_forward);
LETHE_KERNEL(rownorm_backward);
LETHE_KERNEL(rownorm_jvp);
LETHE_KERNEL(rownorm_backward_jvp);
LETHE_KERNEL(rownorm_note);
LETHE_KERNEL(reduce_forward);
LETHE_KERNEL(reduce_backward);
LETHE_KERNEL(reduce_jvp);
LETHE_KERNEL(reduce_backward_jvp);
LETHE_KERNEL(gather_forward);
LETHE_KERNEL(gather_backward);
LETHE_KERNEL(gather_jvp);
LETHE_KERNEL(argmax_forward);
LETHE_KERNEL(one_hot_forward);
LETHE_KERNEL(pick_forward);
LETHE_KERNEL(pick_backward);
LETHE_KERNEL(pick_jvp);
LETHE_KERNEL(put_forward);
LETHE_KERNEL(put_backward);
LETHE_KERNEL(put_jvp);
LETHE_KERNEL(einsum_forward);
LETHE_KERNEL(einsum_backward);
LETHE_KERNEL(einsum_jvp);
LETHE_KERNEL(einsum_backward_jvp);
LETHE_KERNEL(trilu_forward);
LETHE_KERNEL(trilu_backward);
LETHE_KERNEL(trilu_jvp);
LETHE_KERNEL(cumsum_forward);
LETHE_KERNEL(cumsum_backward);
LETHE_KERNEL(cumsum_jvp);
LETHE_KERNEL(many_forward);
LETHE_KERNEL(many_backward);
LETHE_KERNEL(many_jvp);
LETHE_KERNEL(resample_forward);
LETHE_KERNEL(resample_backward);
LETHE_KERNEL(resample_jvp);
LETHE_KERNEL(spannorm_forward);
LETHE_KERNEL(spannorm_backward);
LETHE_KERNEL(spannorm_jvp);
LETHE_KERNEL(spannorm_backward_jvp);
LETHE_KERNEL(conv_transpose_forward);
LETHE_KERNEL(conv_transpose_backward);
LETHE_KERNEL(conv_transpose_jvp);
LETHE_KERNEL(conv_transpose_backward_jvp);
LETHE_KERNEL(lstm_forward);
LETHE_KERNEL(lstm_backward);
LETHE_KERNEL(lstm_jvp);
LETHE_KERNEL(gru_forward);
LETHE_KERNEL(gru_backward);
LETHE_KERNEL(gru_jvp);
LETHE_KERNEL(shape_forward);
LETHE_KERNEL(size_forward);
LETHE_KERNEL(fill_forward);
LETHE_KERNEL(range_forward);
LETHE_KERNEL(non_zero_forward);

#endif
