/* SPDX-License-Identifier: MIT
 * Inside of grad_rows.h: what layers and other tensors share. */
#ifndef LETHE_NN_GRAD_ROWS_INSIDE_H
#define LETHE_NN_GRAD_ROWS_INSIDE_H

#include "nn/grad_rows.h"

struct lethe_grad_rows {
    const struct lethe_exec *exec;
    struct lethe_plan *one;            /* the graph at a single sample */
    const struct lethe_op_call **call; /* by node: its call in that plan, or NULL */
    double *image;                     /* the largest image of a convolution */
    char *space;                       /* numbers of the executor's type: operands of one call */
    double *sum;                       /* the largest tensor */
};

/* The part a sample of the batch is in; *sample becomes its number within the part. */
const struct lethe_part *lethe_grad_rows_part(const struct lethe_grad_rows *rows, size_t *sample);
/* The kernel of a node goes backward over sample `sample` of a part. grads[k] of the inputs asked
 * for (bits; below 32) point to their derivatives in the executor's type, in rows->space: valid
 * until the next call. 0: nothing of what it puts out was asked for, and grads is untouched. */
size_t lethe_grad_rows_back(struct lethe_grad_rows *rows, void **grads, size_t number,
                            unsigned inputs, const struct lethe_part *part, size_t sample);

#endif
