/* SPDX-License-Identifier: MIT
 * What gradients of single samples are made of, read from what a forward and a backward pass left:
 * of a layer the rows of its inputs and of the derivatives by its pre-activations, one row for each
 * position, so that the gradient by its weights is delta'x; of an embedding the rows looked up and
 * their derivatives; of any other tensor its gradient by one sample, from the backward kernels of
 * the nodes that read it. One of these belongs to one thread; several may read one executor. */
#ifndef LETHE_NN_GRAD_ROWS_H
#define LETHE_NN_GRAD_ROWS_H

#include "nn/exec.h"

struct lethe_grad_rows;

/* The executor keeps from now on the derivatives that rows of tensors need. Forgets the batch. */
enum lethe_err lethe_grad_rows_prepare(struct lethe_exec *exec, struct lethe_error *err);
enum lethe_err lethe_grad_rows_new(struct lethe_grad_rows **rows, struct lethe_exec *exec,
                                   struct lethe_error *err);
void lethe_grad_rows_free(struct lethe_grad_rows *rows); /* NULL ok */

/* ---- layers ---------------------------------------------------------------------------------- */

size_t lethe_grad_rows_groups(const struct lethe_grad_rows *rows,
                              size_t layer); /* of filters, else 1 */
/* Positions of all places where a layer is used, of one sample. */
size_t lethe_grad_rows_positions(const struct lethe_grad_rows *rows, size_t layer);
/* x (count, stride): the layer's input at positions first, first + step, ...; fan_in numbers of
 * each row are written. */
void lethe_grad_rows_inputs(struct lethe_grad_rows *rows, double *x, size_t stride, size_t layer,
                            size_t group, size_t sample, size_t first, size_t step, size_t count);
/* delta (count, units / groups) at the same positions. */
void lethe_grad_rows_deltas(struct lethe_grad_rows *rows, double *delta, size_t layer, size_t group,
                            size_t sample, size_t first, size_t step, size_t count);

/* ---- other tensors --------------------------------------------------------------------------- */

enum lethe_grad_rows_kind {
    LETHE_GRAD_ROWS_TENSOR, /* lethe_grad_rows_tensor */
    LETHE_GRAD_ROWS_TABLE,  /* an embedding, (entries, width): lethe_grad_rows_table as well */
    LETHE_GRAD_ROWS_NONE /* reaches the data by way of other parameters: no gradient by one sample
                          */
};
enum lethe_grad_rows_kind lethe_grad_rows_kind(const struct lethe_grad_rows *rows, size_t param);
/* g (size of the tensor), overwritten: its gradient by one sample of the batch. */
void lethe_grad_rows_tensor(struct lethe_grad_rows *rows, double *g, size_t param, size_t sample);
/* Rows of the table that a sample looks up. */
size_t lethe_grad_rows_lookups(const struct lethe_grad_rows *rows, size_t param);
/* entry (lookups): the rows looked up, LETHE_NONE where outside the table; delta (lookups, width).
 */
void lethe_grad_rows_table(struct lethe_grad_rows *rows, size_t *entry, double *delta, size_t param,
                           size_t sample);

#endif
