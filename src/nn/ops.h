/* SPDX-License-Identifier: MIT
 * The table of operators. A row says how many inputs an operator takes, how the shapes of its
 * outputs follow and what a call needs to know (prepare), and has the kernels of both precisions.
 *
 * Kernels: forward writes y from x. backward *adds* to every dx that is not NULL. jvp writes ty
 * from x, y and tx, where a NULL tx is a zero tangent. backward_jvp is the tangent of backward: to
 * every dx it *adds* how much backward's own addition changes when x and y move along tx and ty
 * while dy stays. Values are dense and row-major. backward, jvp and backward_jvp may read only
 * those of x and y (and of tx and ty) that the row names: others are gone by then.
 *
 * note writes what derivatives at the same x and y need again and again (call->notes numbers), such
 * as the places of maxima; backward and jvp use it where data->note is there. */
#ifndef LETHE_NN_OPS_H
#define LETHE_NN_OPS_H

#include "nn/plan.h"

struct lethe_onednn;

struct lethe_data {
    void **x, **y, **dx, **dy, **tx, **ty;
    void *scratch;
    void *note;     /* (call->notes) filled by the kernel of that name, or NULL */
    unsigned fresh; /* bit k: dx[k] holds nothing yet, backward writes it (LETHE_OP_FRESH only) */
    const struct lethe_onednn *onednn; /* of float convolutions, or NULL */
    int packed;                        /* onednn has the filters already */
};

typedef void lethe_kernel(const struct lethe_op_call *call, const struct lethe_data *data);

/* What prepare works with: it fills call, and the outputs' shapes and elem. */
struct lethe_prepare {
    const struct lethe_graph *graph;
    struct lethe_plan *plan;
    const struct lethe_node *node;
    struct lethe_op_call *call;
    struct lethe_plan_value **in; /* NULL where absent */
    struct lethe_plan_value **out;
    struct lethe_error *err;
};

enum lethe_op_flags {
    LETHE_OP_VIEW = 1,  /* the first output is the first input's memory with another shape */
    LETHE_OP_SHAPE = 2, /* depends on the shape of its input only */
    LETHE_OP_FOLD = 4,  /* must be computable at load: output shape depends on values */
    LETHE_OP_FRESH = 8, /* backward heeds lethe_data.fresh */
    LETHE_OP_FLAT = 16, /* backward_jvp would add 0 almost everywhere */
};

/* What backward and jvp read: bits of the inputs, and the outputs. */
enum lethe_op_reads {
    LETHE_READS_NONE = 0,
    LETHE_READS_X = 0x7fff, /* all inputs */
    LETHE_READS_Y = 0x8000,
};

struct lethe_op {
    const char *name;
    size_t min_in, max_in, max_out;
    int kind;
    unsigned flags, reads;
    enum lethe_err (*prepare)(struct lethe_prepare *p);
    lethe_kernel *forward[2], *backward[2], *jvp[2]; /* by enum lethe_dtype; NULL: no derivative */
    lethe_kernel *backward_jvp[2]; /* NULL: unknown, or not needed (LETHE_OP_FLAT) */
    lethe_kernel *note[2];
};

const struct lethe_op *lethe_op_find(const char *name); /* NULL: unsupported */
size_t lethe_op_count(void);
const struct lethe_op *lethe_op_at(size_t index);

/* Helpers of prepare functions. */
enum lethe_err lethe_prepare_fail(struct lethe_prepare *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum lethe_err lethe_prepare_memory(struct lethe_prepare *p);
/* Entries of input k when they are known at load, else NULL. */
const double *lethe_prepare_known(const struct lethe_prepare *p, size_t k);
/* Integers from an attribute or, since the opset that moved it there, from input k (may be absent:
 * *count = LETHE_NONE). At most LETHE_SHAPE_DIMS * 2. */
enum lethe_err lethe_prepare_ints(struct lethe_prepare *p, long long *list, size_t *count,
                                  const char *attr, size_t k);
/* Every dimension and every product of them is within what BLAS can count. */
int lethe_prepare_size_ok(const struct lethe_shape *shape);
/* An axis in [-ndim, ndim) made non-negative. */
enum lethe_err lethe_prepare_axis(struct lethe_prepare *p, size_t *axis, long long given,
                                  size_t ndim);

/* Which function of a family. */
enum lethe_unary {
    LETHE_RELU,
    LETHE_LEAKY,
    LETHE_ELU,
    LETHE_SELU,
    LETHE_CELU,
    LETHE_CLIP,
    LETHE_SIGMOID,
    LETHE_HARD_SIGMOID,
    LETHE_HARD_SWISH,
    LETHE_TANH,
    LETHE_ERF,
    LETHE_GELU,
    LETHE_GELU_TANH,
    LETHE_MISH,
    LETHE_NEG,
    LETHE_ABS,
    LETHE_EXP,
    LETHE_LOG,
    LETHE_SQRT,
    LETHE_RECIPROCAL,
    LETHE_FLOOR,
    LETHE_CEIL,
    LETHE_ROUND,
    LETHE_SIGN,
    LETHE_NOT,
    LETHE_SOFTPLUS,
    LETHE_SOFTSIGN,
    LETHE_THRESHOLDED,
    LETHE_SIN,
    LETHE_COS,
    LETHE_TAN,
    LETHE_ATAN,
    LETHE_IS_NAN,
    LETHE_TRUNC,
    LETHE_BOOL,
    LETHE_COPY
};
enum lethe_binary {
    LETHE_ADD,
    LETHE_SUB,
    LETHE_MUL,
    LETHE_DIV,
    LETHE_POW,
    LETHE_PRELU,
    LETHE_MIN,
    LETHE_MAX,
    LETHE_EQUAL,
    LETHE_GREATER,
    LETHE_LESS,
    LETHE_GREATER_EQUAL,
    LETHE_LESS_EQUAL,
    LETHE_AND,
    LETHE_OR,
    LETHE_XOR,
    LETHE_MOD,
    LETHE_MEAN_OF
};
enum lethe_reduction {
    LETHE_MEAN,
    LETHE_SUM,
    LETHE_REDUCE_MAX,
    LETHE_REDUCE_MIN,
    LETHE_SUM_SQUARE,
    LETHE_L1,
    LETHE_L2,
    LETHE_LOG_SUM,
    LETHE_LOG_SUM_EXP,
    LETHE_PROD
};

#endif
