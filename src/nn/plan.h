/* SPDX-License-Identifier: MIT
 * A plan: the graph at one batch size. Shapes are inferred and everything that depends on shapes
 * and constants only is computed here (shape arithmetic); what is left are the calls an executor
 * makes, in order. */
#ifndef LETHE_NN_PLAN_H
#define LETHE_NN_PLAN_H

#include "nn/graph.h"

struct lethe_window { /* Conv and pools; missing spatial axes count as length 1 in front */
    size_t channels, in[3], out[3], kernel[3], stride[3], dilation[3], before[3], after[3];
};

struct lethe_matmul_args {
    size_t m, n, k, batches;
    int ta, tb;
    double alpha, beta;
    size_t *at_a, *at_b;    /* offset of each batch's operands; NULL: batches == 1 */
    struct lethe_walk bias; /* Gemm: (out, c) */
};

struct lethe_conv_args {
    struct lethe_window window;
    size_t batch, groups, filters; /* filters of all groups */
    int pointwise; /* 1x1, stride 1, no padding: the image is its own column matrix */
};

struct lethe_pool_args {
    struct lethe_window window;
    size_t planes; /* samples times channels */
    int count_padding;
};

struct lethe_axis_args { /* softmax, gather, norms: tensors seen as (outer, length, inner) */
    size_t outer, length, inner, count;
    double epsilon;
    int batch_stats;
};

struct lethe_axis_move { /* out[walk 0] = in[walk 1] */
    size_t in, out;
    struct lethe_walk walk;
};

struct lethe_move_args {
    size_t count;
    struct lethe_axis_move *moves;
    int fills; /* positions no move reaches get `fill` */
    double fill;
};

struct lethe_reduce_args {
    struct lethe_walk walk; /* (in, out) */
    size_t count;           /* entries reduced to one */
};

struct lethe_pick_args {                 /* see prepare_pick.c */
    size_t count, inner;                 /* picks, numbers of each */
    size_t ndim, dims[LETHE_SHAPE_DIMS]; /* coordinates of a pick ... */
    size_t steps[LETHE_SHAPE_DIMS];      /* ... and what they add to its place */
    size_t depth;                        /* indices of a pick */
    size_t lengths[LETHE_SHAPE_DIMS], along[LETHE_SHAPE_DIMS]; /* their axes: length, step */
    int adds;                                                  /* scatter: updates are added */
};

/* One axis that is resampled: outputs are weighted sums of inputs, tensors seen as (outer, in or
 * out, inner). Taps first[j] .. first[j + 1] - 1 are those of output j. */
struct lethe_taps {
    size_t outer, in, out, inner;
    size_t *first, *index;
    double *weight;
    unsigned char *outside; /* by output: it lies outside the input; NULL: none does */
};

struct lethe_resample_args {
    size_t count; /* axes that change, resampled one after the other */
    struct lethe_taps *axes;
    size_t buffer; /* numbers of the largest tensor between two of them */
    double fill;   /* value of outputs that lie outside */
};

/* Normalisation by the statistics of rows; a row has `per` runs of `run` entries with one scale
 * (and shift) each, and the rows' scales repeat after `groups` rows. */
struct lethe_row_args {
    size_t rows, groups, per, run;
    double epsilon;
    int centred; /* 0: the mean is not subtracted */
};

struct lethe_recurrent_args {
    size_t steps, batch, width, hidden, directions;
    int reverse[2];          /* by direction: from the last step to the first */
    int batch_first;         /* layout 1: (batch, steps, ...) */
    int linear_before_reset; /* GRU */
    size_t start_rows[2]; /* rows a direction of a constant state to begin with (h, c) that is the
                             same for all samples; 0: one row for each sample */
};

struct lethe_triangle_args {
    size_t matrices, rows, columns;
    ptrdiff_t diagonal; /* column of the diagonal in row 0 */
    int upper;
};

union lethe_op_args {
    struct lethe_matmul_args matmul;
    struct lethe_conv_args conv;
    struct lethe_pool_args pool;
    struct lethe_axis_args axis;
    struct lethe_move_args move;
    struct lethe_reduce_args reduce;
    struct lethe_pick_args pick;
    struct lethe_triangle_args triangle;
    struct lethe_resample_args resample;
    struct lethe_row_args rows;
    struct lethe_recurrent_args recurrent;
    struct lethe_walk *many; /* one (out, in) for each input */
    struct lethe_walk walk;  /* binary (out, a, b), Where (out, c, a, b), Einsum */
    struct {
        double a, b;
        int integer;
    } unary;
};

/* A node made ready: what a kernel is told besides its data. */
struct lethe_op_call {
    const struct lethe_op *op;
    const struct lethe_node *node;
    const struct lethe_shape **in, **out; /* NULL where absent */
    int kind;                             /* member of a family: which unary, which reduction */
    int integer;                          /* the output holds whole numbers */
    size_t scratch;                       /* numbers of workspace */
    size_t notes;                         /* numbers that the op's note writes */
    union lethe_op_args args;
};

struct lethe_plan_value {
    struct lethe_shape shape;
    int elem;
    int known;    /* folded: data holds its entries */
    double *data; /* of known values, and of tensors */
    int needs;    /* its derivative is wanted: it depends on a trainable parameter */
    int fed;      /* depends on an input of the graph */
    size_t lead;  /* read loosely: entries of the batch's axis before the batch; 0: no batch */
    size_t root;  /* value whose memory it shares; itself when it has its own */
};

struct lethe_plan {
    struct lethe_arena arena;
    size_t n;
    struct lethe_plan_value *values;
    size_t call_count, scratch, folded; /* folded: numbers of all folded constants */
    struct lethe_op_call *calls;
};

/* NULL with err filled when the shapes do not fit. */
struct lethe_plan *lethe_plan_new(const struct lethe_graph *graph, size_t n,
                                  struct lethe_error *err);
/* The same where derivatives by the inputs are wanted, too. */
struct lethe_plan *lethe_plan_with_inputs(const struct lethe_graph *graph, size_t n,
                                          struct lethe_error *err);
void lethe_plan_free(struct lethe_plan *plan);

#endif
