/* SPDX-License-Identifier: MIT
 * A subspace that serves every damping: orthonormal vectors Q with T = Q H Q', grown from the
 * preconditioned residuals of a few dampings in turn (with one of them alone and exact arithmetic
 * this is conjugate gradients). The step at any mu is then Q'(T + mu I)^-1 Q b, and costs |P| a
 * vector. What a subspace is depends on what it is made for and not on the dampings asked of it. */
#ifndef LETHE_UNLEARN_SUBSPACE_H
#define LETHE_UNLEARN_SUBSPACE_H

#include "lethe/pcg.h"

enum { LETHE_SUBSPACE_SIDES = 2 };

struct lethe_subspace_spec {
    struct lethe_operator h; /* without mu */
    struct lethe_mask *mask; /* to precondition with; NULL: nothing */
    const double *scale;     /* (size) without a mask: a diagonal, decay in it; or NULL */
    double decay;            /* in h */
    const double *b[LETHE_SUBSPACE_SIDES]; /* right-hand sides; the second may be NULL */
    struct lethe_forecast forecast;        /* count 0: residuals decide */
    double settled, tolerance;             /* as in struct lethe_pcg; of the first side */
    size_t most;                           /* vectors */
};

struct lethe_subspace {
    size_t size, count, most;
    double *q;                         /* (count, size) orthonormal */
    double *t;                         /* (most, most) Q H Q' */
    double *square;                    /* (most, most) Q H H Q' */
    double *qb[LETHE_SUBSPACE_SIDES];  /* (most) Q b; NULL: no such side */
    double *hqb[LETHE_SUBSPACE_SIDES]; /* (most) Q H b */
    double norm[LETHE_SUBSPACE_SIDES]; /* |b| */
    double *values;                    /* (count) eigenvalues of T, ascending */
};

/* b of the first side is not 0. */
enum lethe_err lethe_subspace_init(struct lethe_subspace *subspace,
                                   const struct lethe_subspace_spec *spec,
                                   struct lethe_watch *watch, struct lethe_error *err);
void lethe_subspace_release(struct lethe_subspace *subspace); /* zeroed ok */
/* x (size), *residual = |(H + mu I) x - b|, absolute, to about eight digits of |b|. LETHE_ENUM
 * where T + mu I is not positive definite: then H + mu I is not either. */
enum lethe_err lethe_subspace_solve(double *x, double *residual,
                                    const struct lethe_subspace *subspace, int side, double mu,
                                    struct lethe_error *err);
/* y (count): the same step in the coordinates of Q, of the same length. */
enum lethe_err lethe_subspace_inside(double *y, const struct lethe_subspace *subspace, int side,
                                     double mu, struct lethe_error *err);

#endif
