/* SPDX-License-Identifier: MIT
 * The table of operators, sorted by name. To add one: its kernels in ops/, its prepare function,
 * both declared here with the row that names them; cases in tests/unit/nn/ops_*_test.c. */
#include "nn/ops.h"

#include <string.h>

#include "nn/prepare.h"

/* ---- what the rows name ---------------------------------------------------------------------- */

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

lethe_preparer lethe_prepare_unary, lethe_prepare_clip, lethe_prepare_cast, lethe_prepare_binary,
    lethe_prepare_compare, lethe_prepare_where, lethe_prepare_many;
lethe_preparer lethe_prepare_gemm, lethe_prepare_matmul;
lethe_preparer lethe_prepare_flatten, lethe_prepare_reshape, lethe_prepare_squeeze,
    lethe_prepare_unsqueeze;
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

/* ---- rows ------------------------------------------------------------------------------------ */

#define BOTH(name)                                                                                 \
    {                                                                                              \
        lethe_##name##_f32, lethe_##name##_f64                                                     \
    }
#define NONE                                                                                       \
    {                                                                                              \
        0, 0                                                                                       \
    }
#define KERNELS(family)                                                                            \
    .forward = BOTH(family##_forward), .backward = BOTH(family##_backward),                        \
    .jvp = BOTH(family##_jvp)
/* Families whose backward changes with x or y. */
#define CURVED(family) KERNELS(family), .backward_jvp = BOTH(family##_backward_jvp)

#define X      LETHE_READS_X
#define Y      LETHE_READS_Y
#define NO     LETHE_READS_NONE
#define FIRST  1
#define SECOND 2
#define BOTH_X 3
#define FRESH  LETHE_OP_FRESH
#define FLAT   LETHE_OP_FLAT

#define UNARY(op, which, reads)                                                                    \
    {                                                                                              \
        op, 1, 1, 1, which, FRESH, reads, lethe_prepare_unary, CURVED(unary),                      \
            .note = BOTH(unary_note)                                                               \
    }
#define BINARY(op, which, reads)                                                                   \
    {                                                                                              \
        op, 2, 2, 1, which, FRESH, reads, lethe_prepare_binary, CURVED(binary)                     \
    }
#define COMPARE(op, which)                                                                         \
    {                                                                                              \
        op, 2, 2, 1, which, 0, NO, lethe_prepare_compare, .forward = BOTH(binary_forward)          \
    }
#define VIEW(op, inputs, prepare)                                                                  \
    {                                                                                              \
        op, 1, inputs, 1, 0, LETHE_OP_VIEW, NO, prepare, .forward = NONE                           \
    }
#define MOVE(op, inputs, outputs, prepare)                                                         \
    {                                                                                              \
        op, 1, inputs, outputs, 0, FLAT, NO, prepare, KERNELS(move)                                \
    }

#define RESAMPLE(op, inputs)                                                                       \
    {                                                                                              \
        op, 1, inputs, 1, 0, FLAT, NO, lethe_prepare_resize, KERNELS(resample)                     \
    }

#define REDUCE(op, which, reads)                                                                   \
    {                                                                                              \
        op, 1, 2, 1, which, 0, reads, lethe_prepare_reduce, CURVED(reduce)                         \
    }

#define MANY(op, which, reads)                                                                     \
    {                                                                                              \
        op, 1, ANY, 1, which, FLAT, reads, lethe_prepare_many, KERNELS(many)                       \
    }

enum { ANY = 4096 };

static const struct lethe_op table[] = {
    UNARY("Abs", LETHE_ABS, X),
    BINARY("Add", LETHE_ADD, NO),
    COMPARE("And", LETHE_AND),
    {"ArgMax", 1, 1, 1, 0, 0, NO, lethe_prepare_argmax, .forward = BOTH(argmax_forward)},
    {"ArgMin", 1, 1, 1, 1, 0, NO, lethe_prepare_argmax, .forward = BOTH(argmax_forward)},
    UNARY("Atan", LETHE_ATAN, X),
    {"AveragePool", 1, 1, 1, 0, FLAT, NO, lethe_prepare_pool, KERNELS(pool)},
    {"BatchNormalization", 5, 5, 1, 0, FRESH, X, lethe_prepare_batchnorm, CURVED(batchnorm)},
    {"Cast", 1, 1, 1, LETHE_COPY, FRESH, NO, lethe_prepare_cast, CURVED(unary)},
    UNARY("Ceil", LETHE_CEIL, NO),
    UNARY("Celu", LETHE_CELU, X | Y),
    {"Clip", 1, 3, 1, LETHE_CLIP, FRESH, X, lethe_prepare_clip, CURVED(unary)},
    MOVE("Concat", ANY, 1, lethe_prepare_concat),
    {"ConstantOfShape", 1, 1, 1, 0, LETHE_OP_FOLD, NO, lethe_prepare_constant_of_shape,
     .forward = BOTH(fill_forward)},
    {"Conv", 2, 3, 1, 0, FRESH, BOTH_X, lethe_prepare_conv, CURVED(conv)},
    {"ConvTranspose", 2, 3, 1, 0, 0, BOTH_X, lethe_prepare_conv_transpose, CURVED(conv_transpose)},
    UNARY("Cos", LETHE_COS, X),
    {"CumSum", 2, 2, 1, 0, FLAT, NO, lethe_prepare_cumsum, KERNELS(cumsum)},
    MOVE("DepthToSpace", 1, 1, lethe_prepare_depth_to_space),
    BINARY("Div", LETHE_DIV, X),
    VIEW("Dropout", 3, lethe_prepare_same),
    {"Einsum", 1, 3, 1, 0, 0, X, lethe_prepare_einsum, CURVED(einsum)},
    UNARY("Elu", LETHE_ELU, X | Y),
    COMPARE("Equal", LETHE_EQUAL),
    UNARY("Erf", LETHE_ERF, X),
    UNARY("Exp", LETHE_EXP, Y),
    MOVE("Expand", 2, 1, lethe_prepare_expand),
    VIEW("Flatten", 1, lethe_prepare_flatten),
    UNARY("Floor", LETHE_FLOOR, NO),
    {"GRU", 3, 6, 2, 0, 0, X, lethe_prepare_gru, KERNELS(gru)},
    {"Gather", 2, 2, 1, 0, FLAT, SECOND, lethe_prepare_gather, KERNELS(gather)},
    {"GatherElements", 2, 2, 1, 0, FLAT, SECOND, lethe_prepare_gather_elements, KERNELS(pick)},
    {"GatherND", 2, 2, 1, 0, FLAT, SECOND, lethe_prepare_gather_nd, KERNELS(pick)},
    UNARY("Gelu", LETHE_GELU, X),
    {"Gemm", 2, 3, 1, 0, FRESH, BOTH_X, lethe_prepare_gemm, CURVED(gemm)},
    {"GlobalAveragePool", 1, 1, 1, 0, FLAT, NO, lethe_prepare_global_pool, KERNELS(pool)},
    {"GlobalMaxPool", 1, 1, 1, 1, FLAT, X | Y, lethe_prepare_global_pool, KERNELS(pool),
     .note = BOTH(pool_note)},
    COMPARE("Greater", LETHE_GREATER),
    COMPARE("GreaterOrEqual", LETHE_GREATER_EQUAL),
    {"GroupNormalization", 3, 3, 1, 0, FRESH, X, lethe_prepare_groupnorm, CURVED(spannorm)},
    UNARY("HardSigmoid", LETHE_HARD_SIGMOID, X),
    UNARY("HardSwish", LETHE_HARD_SWISH, X),
    VIEW("Identity", 1, lethe_prepare_same),
    {"InstanceNormalization", 3, 3, 1, 0, FRESH, X, lethe_prepare_rownorm, CURVED(rownorm),
     .note = BOTH(rownorm_note)},
    UNARY("IsNaN", LETHE_IS_NAN, NO),
    {"LSTM", 3, 8, 3, 0, 0, X, lethe_prepare_lstm, KERNELS(lstm)},
    {"LayerNormalization", 2, 3, 3, 1, FRESH, X, lethe_prepare_rownorm, CURVED(rownorm),
     .note = BOTH(rownorm_note)},
    UNARY("LeakyRelu", LETHE_LEAKY, X),
    COMPARE("Less", LETHE_LESS),
    COMPARE("LessOrEqual", LETHE_LESS_EQUAL),
    UNARY("Log", LETHE_LOG, X),
    {"LogSoftmax", 1, 1, 1, 1, 0, Y, lethe_prepare_softmax, CURVED(softmax)},
    {"MatMul", 2, 2, 1, 0, FRESH, BOTH_X, lethe_prepare_matmul, CURVED(gemm)},
    MANY("Max", LETHE_MAX, X | Y),
    {"MaxPool", 1, 1, 1, 1, FLAT, X | Y, lethe_prepare_pool, KERNELS(pool),
     .note = BOTH(pool_note)},
    MANY("Mean", LETHE_MEAN_OF, NO),
    MANY("Min", LETHE_MIN, X | Y),
    UNARY("Mish", LETHE_MISH, X),
    {"Mod", 2, 2, 1, LETHE_MOD, 0, NO, lethe_prepare_binary, .forward = BOTH(binary_forward)},
    BINARY("Mul", LETHE_MUL, X),
    UNARY("Neg", LETHE_NEG, NO),
    {"NonZero", 1, 1, 1, 0, LETHE_OP_FOLD, NO, lethe_prepare_non_zero,
     .forward = BOTH(non_zero_forward)},
    UNARY("Not", LETHE_NOT, NO),
    {"OneHot", 3, 3, 1, 0, 0, NO, lethe_prepare_one_hot, .forward = BOTH(one_hot_forward)},
    COMPARE("Or", LETHE_OR),
    BINARY("PRelu", LETHE_PRELU, X),
    MOVE("Pad", 3, 1, lethe_prepare_pad),
    BINARY("Pow", LETHE_POW, X),
    {"RMSNormalization", 2, 2, 1, 0, FRESH, X, lethe_prepare_rmsnorm, CURVED(spannorm)},
    {"Range", 3, 3, 1, 0, LETHE_OP_FOLD, NO, lethe_prepare_range, .forward = BOTH(range_forward)},
    UNARY("Reciprocal", LETHE_RECIPROCAL, Y),
    REDUCE("ReduceL1", LETHE_L1, X | Y),
    REDUCE("ReduceL2", LETHE_L2, X | Y),
    REDUCE("ReduceLogSum", LETHE_LOG_SUM, X | Y),
    REDUCE("ReduceLogSumExp", LETHE_LOG_SUM_EXP, X | Y),
    REDUCE("ReduceMax", LETHE_REDUCE_MAX, X | Y),
    REDUCE("ReduceMean", LETHE_MEAN, NO),
    REDUCE("ReduceMin", LETHE_REDUCE_MIN, X | Y),
    {"ReduceProd", 1, 2, 1, LETHE_PROD, 0, X | Y, lethe_prepare_reduce, KERNELS(reduce)},
    REDUCE("ReduceSum", LETHE_SUM, NO),
    REDUCE("ReduceSumSquare", LETHE_SUM_SQUARE, X | Y),
    UNARY("Relu", LETHE_RELU, Y),
    VIEW("Reshape", 2, lethe_prepare_reshape),
    RESAMPLE("Resize", 4),
    UNARY("Round", LETHE_ROUND, NO),
    {"ScatterElements", 3, 3, 1, 0, FLAT, SECOND, lethe_prepare_scatter_elements, KERNELS(put)},
    {"ScatterND", 3, 3, 1, 0, FLAT, SECOND, lethe_prepare_scatter_nd, KERNELS(put)},
    UNARY("Selu", LETHE_SELU, X | Y),
    {"Shape", 1, 1, 1, 0, LETHE_OP_SHAPE, NO, lethe_prepare_shape, .forward = BOTH(shape_forward)},
    UNARY("Sigmoid", LETHE_SIGMOID, Y),
    UNARY("Sign", LETHE_SIGN, NO),
    UNARY("Sin", LETHE_SIN, X),
    {"Size", 1, 1, 1, 0, LETHE_OP_SHAPE, NO, lethe_prepare_size, .forward = BOTH(size_forward)},
    MOVE("Slice", 5, 1, lethe_prepare_slice),
    {"Softmax", 1, 1, 1, 0, 0, Y, lethe_prepare_softmax, CURVED(softmax)},
    UNARY("Softplus", LETHE_SOFTPLUS, X),
    UNARY("Softsign", LETHE_SOFTSIGN, X),
    MOVE("SpaceToDepth", 1, 1, lethe_prepare_space_to_depth),
    MOVE("Split", 2, ANY, lethe_prepare_split),
    UNARY("Sqrt", LETHE_SQRT, Y),
    VIEW("Squeeze", 2, lethe_prepare_squeeze),
    BINARY("Sub", LETHE_SUB, NO),
    MANY("Sum", LETHE_ADD, NO),
    UNARY("Tan", LETHE_TAN, Y),
    UNARY("Tanh", LETHE_TANH, Y),
    UNARY("ThresholdedRelu", LETHE_THRESHOLDED, X),
    MOVE("Tile", 2, 1, lethe_prepare_tile),
    MOVE("Transpose", 1, 1, lethe_prepare_transpose),
    {"Trilu", 1, 2, 1, 0, FLAT, NO, lethe_prepare_trilu, KERNELS(trilu)},
    VIEW("Unsqueeze", 2, lethe_prepare_unsqueeze),
    RESAMPLE("Upsample", 2),
    {"Where", 3, 3, 1, 0, FLAT, FIRST, lethe_prepare_where, KERNELS(where)},
    COMPARE("Xor", LETHE_XOR),
};

size_t lethe_op_count(void)
{
    return sizeof table / sizeof *table;
}

const struct lethe_op *lethe_op_at(size_t index)
{
    return &table[index];
}

const struct lethe_op *lethe_op_find(const char *name)
{
    for (size_t i = 0; i < lethe_op_count(); i++)
        if (!strcmp(table[i].name, name))
            return &table[i];
    return NULL;
}
