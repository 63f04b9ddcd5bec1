/* SPDX-License-Identifier: MIT
 * A channel of a BatchNormalization with the statistics of its own mini-batch, forward and
 * backward. What is normalised is (outer, length, inner); a channel is one place of `length`. */
#ifndef LETHE_NN_BATCH_NORM_H
#define LETHE_NN_BATCH_NORM_H

#include "nn/ops.h"
#include "nn/plan.h"

struct lethe_batch_norm {
    double mean, inverse; /* of the batch: mean, 1 / sqrt(var + epsilon) */
    double by, shift;     /* scale * inverse, and what is added */
};

/* Mean and (biased) variance of channel c of x. */
void lethe_batch_norm_measure(double *mean, double *var, const struct lethe_axis_args *a,
                              const void *x, size_t c, enum lethe_dtype dtype);
/* y = (x - mean) * by + shift on channel c. */
void lethe_batch_norm_forward(void *y, const void *x, const struct lethe_axis_args *a, size_t c,
                              const struct lethe_batch_norm *how, enum lethe_dtype dtype);
/* Adds the derivatives by x, scale and shift of a call's data, those that are there. */
void lethe_batch_norm_backward(const struct lethe_data *data, const struct lethe_axis_args *a,
                               size_t c, const struct lethe_batch_norm *how,
                               enum lethe_dtype dtype);

#endif
