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
/* The beginning of a prepare function, with its declaration: ops.c declares those its rows name. */
#define LETHE_PREPARE(name)                                                                        \
    lethe_preparer lethe_prepare_##name;                                                           \
    enum lethe_err lethe_prepare_##name(struct lethe_prepare *p)

/* A view of input 0 with its shape; others end in it. */
lethe_preparer lethe_prepare_same;

#endif
