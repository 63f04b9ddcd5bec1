/* SPDX-License-Identifier: MIT
 * Solving with products alone: a Lanczos basis that serves every damping, and conjugate gradients
 * for one damping to the last digit. */
#ifndef LETHE_UNLEARN_KRYLOV_H
#define LETHE_UNLEARN_KRYLOV_H

#include "lethe/product.h"

/* Q (count, size) of orthonormal rows, q_1 = b / |b|, with Q H Q' = T tridiagonal. */
struct lethe_lanczos {
    size_t size, count;
    double *basis;             /* (count, size) */
    double *diagonal, *beside; /* (count) of T; beside[count - 1] leads out of the basis */
    double *values;            /* (count) eigenvalues of T, ascending */
    double norm;               /* |b| */
};

/* Grows until the residual of H x = b is at most `small` (absolute), the space is exhausted, or
 * `most` vectors are there. The same for every damping that will be asked for. b is not 0. */
enum lethe_err lethe_lanczos_init(struct lethe_lanczos *l, struct lethe_product *product,
                                  const double *b, double small, size_t most,
                                  struct lethe_watch *watch, struct lethe_error *err);
void lethe_lanczos_release(struct lethe_lanczos *l); /* zeroed ok */
/* x = Q'(T + mu I)^-1 |b| e_1; *residual = |(H + mu I) x - b|, absolute. LETHE_ENUM where T + mu I
 * is not positive definite: then H + mu I is not either. */
enum lethe_err lethe_lanczos_solve(double *x, double *residual, const struct lethe_lanczos *l,
                                   double mu, struct lethe_error *err);

struct lethe_cg {
    double mu, tolerance; /* |r| <= tolerance |b| ends it */
    size_t most;          /* iterations */
    const double *scale;  /* (size) diagonal to precondition with, mu not in it; NULL: none */
    size_t iterations;    /* out */
    double residual;      /* out: |r| / |b| */
};
/* Improves x with (H + mu I) x = b. Not getting there within `most` is no error; p'(H + mu I)p <= 0
 * is LETHE_ENUM, "negative curvature". */
enum lethe_err lethe_conjugate_gradients(double *x, struct lethe_cg *cg,
                                         struct lethe_product *product, const double *b,
                                         struct lethe_watch *watch, struct lethe_error *err);

#endif
