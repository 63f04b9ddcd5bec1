/* SPDX-License-Identifier: MIT
 * A metric for L-BFGS on networks of plain linear layers: the Gauss-Newton matrix of the problem at
 * some iterate, factored, or where that is too large its Kronecker factors. It turns tens of
 * thousands of iterations along flat valleys into hundreds. */
#ifndef LETHE_UNLEARN_PRECONDITIONER_H
#define LETHE_UNLEARN_PRECONDITIONER_H

#include "lethe/update.h"
#include "unlearn/kron.h"

struct lethe_preconditioner {
    struct lethe_blanket all;    /* every parameter */
    struct lethe_factor *factor; /* at the weights of the last refresh; NULL: kron */
    struct lethe_kron kron;
    double shift;          /* of kron: the weight decay, or a little */
    double *turned, *work; /* (size), work space of kron */
};

int lethe_preconditioner_possible(const struct lethe_graph *graph);
/* Measures the curvature at w. metric is zeroed before the first call. */
enum lethe_err lethe_preconditioner_refresh(struct lethe_preconditioner *metric,
                                            struct lethe_problem *problem, const double *w,
                                            struct lethe_watch *watch, struct lethe_error *err);
/* In its place: a Cholesky factor at damping 0 that is known already; a reference is taken. */
enum lethe_err lethe_preconditioner_adopt(struct lethe_preconditioner *metric,
                                          struct lethe_problem *problem,
                                          struct lethe_factor *factor, struct lethe_error *err);
/* x = M^-1 x; the signature L-BFGS wants, context is the metric. */
void lethe_preconditioner_apply(const void *context, double *x);
void lethe_preconditioner_release(struct lethe_preconditioner *metric); /* zeroed ok */

#endif
