/* SPDX-License-Identifier: MIT
 * A tape: one batch passed forward at some weights, with everything kept that derivatives read, so
 * that any number of them can be taken at those weights. Between them other tapes may be recorded
 * and used on the same executor, whose own batch is forgotten.
 *
 * Per sample, with logits z, their Jacobian J by the parameters and a direction v:
 *   jvp   J v                                                    one pass forward
 *   vjp   sum of J'r                                             one backward
 *   ggn   sum of J'M(J v), M given by the caller                 both, part by part
 *   hvp   sum of J'M(J v) + (d J / d v)'r: with r the derivative of a loss by the logits and M its
 *         second, the Hessian times v (Pearlmutter 1994): tangents of the whole backward pass.
 * Where an operator has a corner it is exact on both sides of it, not on it. */
#ifndef LETHE_NN_TAPE_H
#define LETHE_NN_TAPE_H

#include <stdatomic.h>

#include "lethe/nn.h"

struct lethe_tape;

/* Bytes that a tape of n samples keeps. */
size_t lethe_tape_bytes(const struct lethe_exec *exec, size_t n);
/* Passes n samples forward, inputs and logits as lethe_exec_forward has them. Made tapes can be
 * recorded anew, for a batch of the same size. exec must live longer. */
enum lethe_err lethe_tape_new(struct lethe_tape **tape, struct lethe_exec *exec, size_t n,
                              struct lethe_error *err);
enum lethe_err lethe_tape_record(struct lethe_tape *tape, double *logits,
                                 const double *const *inputs, struct lethe_error *err);
void lethe_tape_free(struct lethe_tape *tape); /* NULL ok */

/* The operator whose second derivative is not known, or NULL: hvp can be called. */
const char *lethe_tape_rough(const struct lethe_exec *exec);

/* Directions are set on the executor, for all of its tapes: by * v (parameters). Where only some
 * parameters ever move, `support` (by lethe_param index; NULL: all) saves what no other reaches, in
 * passes and in what tapes keep; gradients are then only right for those. Tapes that were made
 * before can no longer be used. */
enum lethe_err lethe_tape_support(struct lethe_exec *exec, const unsigned char *support,
                                  struct lethe_error *err);
enum lethe_err lethe_tape_direction(struct lethe_exec *exec, const double *v, double by,
                                    struct lethe_error *err);

/* By layer of one position, out of hvp: how its input (n, fan_in) and the derivative by its
 * pre-activation (n, units) move along v. */
struct lethe_tape_layer {
    size_t layer;
    double *input, *delta;
};

/* What to do, and what stops it: a pass that was stopped leaves its results undefined. */
struct lethe_tape_pass {
    /* rows (n, C) = M rows for samples first .. first + n - 1 of the tape. */
    void (*weigh)(void *context, double *rows, size_t first, size_t n);
    void *context;
    const double *dlogits; /* (n, C): r of vjp and hvp */
    double *grad;          /* (parameters) added to; NULL: not wanted */
    double *moved;         /* (n, C): J v of jvp, else work space */
    const struct lethe_tape_layer *layers;
    size_t layer_count;
    const atomic_int *stop; /* not 0: what is left is skipped; may be NULL */
};
enum lethe_err lethe_tape_jvp(struct lethe_tape *tape, struct lethe_tape_pass *pass,
                              struct lethe_error *err);
enum lethe_err lethe_tape_vjp(struct lethe_tape *tape, struct lethe_tape_pass *pass,
                              struct lethe_error *err);
enum lethe_err lethe_tape_ggn(struct lethe_tape *tape, struct lethe_tape_pass *pass,
                              struct lethe_error *err);
enum lethe_err lethe_tape_hvp(struct lethe_tape *tape, struct lethe_tape_pass *pass,
                              struct lethe_error *err);

#endif
