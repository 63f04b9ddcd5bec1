/* SPDX-License-Identifier: MIT
 * The network at weights w on the samples C of a problem, linearised once: batch by batch the
 * values that derivatives read are kept, up to a budget of memory; batches beyond it are passed
 * forward again in every product. It depends on neither blanket nor damping, so one serves all of
 * them. With J the Jacobian of a sample's logits by all parameters and p its probabilities:
 *     ggn      g = (1/|C|) sum J'(diag p - p p') J v
 *     fisher   g = (1/|C|) sum J'(p - e_y)(p - e_y)' J v
 *     hessian  g = (1/|C|) sum (d2 cross-entropy / dw2) v, exact but on the corners of the network
 * without weight decay. Passes run in float or double; a batch's gradients are added in double.
 * The same bits for every number of threads and every budget. One thread at a time may use it. */
#ifndef LETHE_LINEARISED_H
#define LETHE_LINEARISED_H

#include "lethe/problem.h"

struct lethe_linearised;

struct lethe_linearised_spec {
    struct lethe_problem *problem; /* over C, borrowed; its own executor is left alone */
    const double *w;               /* (size + buffers) copied */
    enum lethe_dtype dtype;        /* LETHE_F32 for solves, LETHE_F64 for what must be exact */
    size_t memory;                 /* bytes of passes that are kept; 0: 512 MB */
    unsigned threads;              /* 0: one for each processor */
};

/* *l is new (free). Cheap: passes are made when the first product is. */
enum lethe_err lethe_linearised_new(struct lethe_linearised **l,
                                    const struct lethe_linearised_spec *spec,
                                    struct lethe_error *err);
void lethe_linearised_free(struct lethe_linearised *l); /* NULL ok */

/* The operator for want of whose second derivative there is no hessian, static text; NULL: there is
 * one. */
const char *lethe_linearised_rough(const struct lethe_linearised *l);
/* From now on every v is 0 but for some parameters (by lethe_param index; NULL: all): g is then
 * right for those, at the cost of what they reach. */
enum lethe_err lethe_linearised_support(struct lethe_linearised *l, const unsigned char *support,
                                        struct lethe_error *err);

/* g (parameters) from v (parameters). Cancelled within a part of a batch. */
enum lethe_err lethe_linearised_ggn(struct lethe_linearised *l, double *g, const double *v,
                                    struct lethe_watch *watch, struct lethe_error *err);
enum lethe_err lethe_linearised_fisher(struct lethe_linearised *l, double *g, const double *v,
                                       struct lethe_watch *watch, struct lethe_error *err);
enum lethe_err lethe_linearised_hessian(struct lethe_linearised *l, double *g, const double *v,
                                        struct lethe_watch *watch, struct lethe_error *err);
/* dz (|C|, classes) = J v of every sample. */
enum lethe_err lethe_linearised_jvp(struct lethe_linearised *l, double *dz, const double *v,
                                    struct lethe_watch *watch, struct lethe_error *err);
/* g (parameters) = sum over the samples of J'r, r (|C|, classes). */
enum lethe_err lethe_linearised_vjp(struct lethe_linearised *l, double *g, const double *r,
                                    struct lethe_watch *watch, struct lethe_error *err);
/* (|C|, classes), borrowed: what the network says at w. */
enum lethe_err lethe_linearised_probabilities(const double **p, struct lethe_linearised *l,
                                              struct lethe_watch *watch, struct lethe_error *err);

#endif
