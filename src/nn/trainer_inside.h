/* SPDX-License-Identifier: MIT
 * Inside of a trainer, for its own files only. */
#ifndef LETHE_NN_TRAINER_INSIDE_H
#define LETHE_NN_TRAINER_INSIDE_H

#include "base/arena.h"
#include "nn/ops.h"
#include "nn/plan.h"
#include "nn/trainer.h"

struct lethe_trainer {
    struct lethe_graph *graph;
    enum lethe_dtype dtype;
    size_t batch, bytes;
    int inputs;              /* derivatives by the inputs are wanted, too */
    struct lethe_plan *plan; /* of the batch size used last */
    size_t *offset, arena;   /* by value: place in values and adjoints, LETHE_NONE: none */
    char *values, *adjoints, *w, *dw, *scratch, *consts;
    void **x, **dx;           /* by value */
    struct lethe_data *calls; /* by node */
    struct lethe_arena tables;
    double *mean, *inverse; /* of the batch, channels of all normalisations in a row */
    size_t *first;          /* by node: its first channel there */
    double *logits, *slope, *losses;
    double penalty;                /* of the batch that went back last */
    size_t last;                   /* node of the last layer, or LETHE_NONE */
    char *masked, *masked_adjoint; /* its input */
};

/* Numbers of the trainer's precision from and to doubles; entry i of an array. */
void lethe_trainer_store(char *to, const double *from, size_t n, enum lethe_dtype dtype);
void lethe_trainer_fetch(double *to, const void *from, size_t n, enum lethe_dtype dtype);
double lethe_trainer_entry(const struct lethe_trainer *t, const void *at, size_t i);
size_t lethe_trainer_size_of(const struct lethe_trainer *t, size_t v); /* of a value, in numbers */

/* The batch's penalty; adds its derivatives to the adjoints, before they go back. */
double lethe_trainer_add_penalty(struct lethe_trainer *t, const struct lethe_trainer_batch *batch);

/* ---- batch normalisation ---- */

int lethe_trainer_is_norm(const struct lethe_node *node);
/* Whether the batch is normalised by its own statistics there. Both running ones are buffers of
 * their own: else they are constants, and stay what they are. */
int lethe_trainer_has_statistics(const struct lethe_trainer *t, const struct lethe_node *node,
                                 const struct lethe_trainer_batch *batch);
/* With the batch's statistics, towards which the running ones in w (size + buffers) move. */
void lethe_trainer_norm_forward(struct lethe_trainer *t, const struct lethe_op_call *call,
                                const struct lethe_data *data, double *w);
void lethe_trainer_norm_backward(struct lethe_trainer *t, const struct lethe_op_call *call,
                                 const struct lethe_data *data);

#endif
