/* SPDX-License-Identifier: MIT
 * The inside of a solve. A spectral factor works in a basis of its own, where a damping costs a
 * sweep; lengths and inner products are the same there. A Cholesky factor's basis is the usual. */
#ifndef LETHE_UNLEARN_FACTOR_H
#define LETHE_UNLEARN_FACTOR_H

#include <stdatomic.h>

#include "lethe/projection.h"
#include "tensor/lapack.h"
#include "unlearn/ekfac.h"
#include "unlearn/subspace.h"

enum lethe_factor_kind {
    LETHE_FACTOR_CHOLESKY, /* one mu, every leading size */
    LETHE_FACTOR_SPECTRAL, /* one size, every mu */
    LETHE_FACTOR_OUTER,    /* flat I + scale v v': every size, every mu */
    /* One size and two right-hand sides: */
    LETHE_FACTOR_SUBSPACE, /* every mu, by products with the curvature */
    LETHE_FACTOR_ONCE,     /* one mu, likewise */
    LETHE_FACTOR_EKFAC,    /* every mu, an estimate */
    LETHE_FACTOR_FITTED    /* one mu: the step that is fitted to a projection, made by products */
};

struct lethe_factor {
    atomic_int refs;
    enum lethe_factor_kind kind;
    size_t size;
    double *matrix; /* CHOLESKY, SPECTRAL: (size, size) overwritten: L, or the reflectors of t */
    double mu;      /* CHOLESKY: of this damping */
    double decay;
    struct lethe_tridiagonal t;  /* SPECTRAL */
    double *outer;               /* (size) OUTER: v */
    double flat, scale;          /* OUTER; flat holds decay already */
    double *values;              /* (size) OUTER: eigenvalues, ascending */
    int as_is;                   /* OUTER: an indefinite matrix is solved all the same */
    const char *name;            /* of the curvature */
    double mean;                 /* of the eigenvalues, decay in it; 0: not known */
    struct lethe_subspace space; /* SUBSPACE */
    int in_order;           /* ONCE, EKFAC: `solved` is in the order of w, not of the blanket */
    double *solved[2];      /* (size) ONCE: the steps; EKFAC: the right-hand sides, or nothing where
                               they were turned. Of the pull, and of what the residual form adds to
                               it, NULL where nothing */
    double left[2];         /* ONCE: |(H + mu I) x - b| */
    size_t products;        /* ONCE: with the curvature */
    struct lethe_mask mask; /* EKFAC; its v is not used */
    struct lethe_ekfac_turned turned[2]; /* EKFAC: of both, where that is worth its memory */
    size_t parameters;                   /* EKFAC: of the model */
    struct lethe_projection *projection; /* the matrix is M (lethe/projection.h); else NULL */
    double *plain; /* (size) CHOLESKY with a projection: see projection_step.c */
    double predicted, predicted_forget; /* FITTED: as in lethe_update */
};

/* lethe_factor_cholesky without asking, on failure, how indefinite the matrix is. */
enum lethe_err lethe_factor_attempt(struct lethe_factor **factor, const struct lethe_curvature *c,
                                    double mu, struct lethe_error *err);
void lethe_factor_into(const struct lethe_factor *factor, double *x);
void lethe_factor_back(const struct lethe_factor *factor, double *x);
/* x = (H[P,P] + mu I)^-1 x within that basis; work is (size). */
enum lethe_err lethe_factor_solve_inside(const struct lethe_factor *factor, double *x, size_t size,
                                         double mu, double *work, struct lethe_error *err);
/* rows (count, size) = L^-1 of each; L the factor's, of the leading (size, size) block. LETHE_EARG
 * when it is not Cholesky's. */
enum lethe_err lethe_factor_forward(const struct lethe_factor *factor, double *rows, size_t count,
                                    size_t size, struct lethe_error *err);
/* Does it solve for right-hand sides of its own? Then: both steps at mu, and the norms of what is
 * left of their equations. rest is what the residual form adds to the influence form. */
int lethe_factor_has_sides(const struct lethe_factor *factor);
size_t lethe_factor_products_made(const struct lethe_factor *factor);
struct lethe_solved_pair {
    const size_t *index;      /* (size) of the blanket that the factor was made for */
    double *influence, *rest; /* (size) to be filled; rest NULL: not wanted */
    double left, rest_left;   /* |(H + mu I) x - b| */
};
enum lethe_err lethe_factor_pair(const struct lethe_factor *factor, struct lethe_solved_pair *pair,
                                 double mu, struct lethe_error *err);

#endif
