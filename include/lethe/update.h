/* SPDX-License-Identifier: MIT
 * The removal step on the first units of a blanket, with g_P the entries of g in P:
 *     influence  d = (H_R[P,P] + mu I)^-1  1/(n-m) sum over U of grad f(w, z)[P]
 *     residual   d = -(H_R[P,P] + mu I)^-1 grad F_R(w)[P]
 * residual - influence = d_nc, which finishes the training rather than removing anything. Form
 * `auto` takes residual while |d_nc| <= 0.1 |d_influence|, else influence. */
#ifndef LETHE_UPDATE_H
#define LETHE_UPDATE_H

#include "lethe/curvature.h"
#include "lethe/pcg.h"

/* ---- what pulls: right-hand sides, over all parameters --------------------------------------- */

struct lethe_removal {
    size_t size;      /* parameters of the model */
    size_t n, m;      /* samples w was trained on; samples to forget */
    double objective; /* F_R(w); NAN when not all of R is present */
    double *pull;     /* (size) 1/(n-m) sum over U of grad f(w, z) */
    double *residual; /* (size) -grad F_R(w); NULL when not all of R is present */
};

/* forget runs over U; retain over R, or is NULL when some of R is missing. trained_on = n. */
enum lethe_err lethe_removal_init(struct lethe_removal *removal, struct lethe_problem *forget,
                                  struct lethe_problem *retain, const double *w, size_t trained_on,
                                  struct lethe_watch *watch, struct lethe_error *err);
void lethe_removal_release(struct lethe_removal *removal); /* zeroed ok */

/* ---- what is solved with: immutable once made, shared between threads ------------------------ */

struct lethe_factor;

/* *factor is new (unref): Cholesky at one mu, serving every leading size. An indefinite matrix is
 * LETHE_ENUM, and the message names its smallest eigenvalue. */
enum lethe_err lethe_factor_cholesky(struct lethe_factor **factor, const struct lethe_curvature *c,
                                     double mu, struct lethe_error *err);
/* *factor is new (unref): tridiagonal form of the leading (size, size) block, serving every mu at a
 * cost of |P|^2. Takes seconds for thousands of parameters and cannot be interrupted. */
enum lethe_err lethe_factor_spectral(struct lethe_factor **factor, const struct lethe_curvature *c,
                                     size_t size, struct lethe_error *err);
/* Without a matrix. What a step by products is made from: */
struct lethe_factor_products {
    const char *name;          /* of the curvature */
    struct lethe_operator h;   /* H[P,P] with decay in it; not read by lethe_factor_by_ekfac */
    struct lethe_operator all; /* the same in the order of w, which takes less memory; times NULL
                                  where P is not every parameter */
    struct lethe_ekfac *ekfac; /* preconditions; NULL: nothing does */
    const struct lethe_removal *removal;
    const struct lethe_blanket *blanket; /* P: its first `units` units */
    size_t units;
    const double *w;              /* with forget */
    struct lethe_problem *forget; /* one batch of samples whose predicted logits decide when the
                                     solve is done; NULL: the residual does */
    double shrink;                /* share of EKFAC in H: a curvature of few samples is not trusted
                                     with more than it knows; 0 none, below 1 */
    double settled;               /* share by which they may still move */
    double tolerance;             /* relative residual that ends it in any case */
    double decay;
    double mu;     /* of the step, should memory not do for every damping */
    size_t memory; /* bytes, 0: 512 MB */
    size_t most;   /* products for one right-hand side */
};
/* *factor is new (unref): a subspace that serves every mu at a cost of |P| a vector, the same
 * whatever mu will be asked for; or, where less than two dozen vectors fit the memory, one mu. */
enum lethe_err lethe_factor_by_products(struct lethe_factor **factor,
                                        const struct lethe_factor_products *spec,
                                        struct lethe_watch *watch, struct lethe_error *err);
/* *factor is new (unref): EKFAC's block in the place of the curvature: an estimate, at once, for
 * every mu. */
enum lethe_err lethe_factor_by_ekfac(struct lethe_factor **factor,
                                     const struct lethe_factor_products *spec,
                                     struct lethe_error *err);
int lethe_factor_is_estimate(const struct lethe_factor *factor);
/* Whether it solves for every leading size, at its own damping: a Cholesky factor without a
 * projection. */
int lethe_factor_is_leading(const struct lethe_factor *factor);
const char *lethe_factor_words(const struct lethe_factor *factor); /* "Cholesky" ..., static text */
/* Another reference; returns factor. */
struct lethe_factor *lethe_factor_ref(struct lethe_factor *factor);
void lethe_factor_unref(struct lethe_factor *factor); /* NULL ok */
/* Can it solve for the first `size` parameters, at some damping? */
int lethe_factor_takes(const struct lethe_factor *factor, size_t size);
/* And at this mu? */
int lethe_factor_serves(const struct lethe_factor *factor, size_t size, double mu);
/* x = (H[P,P] + mu I)^-1 x; not by products, not by EKFAC. */
enum lethe_err lethe_factor_solve(const struct lethe_factor *factor, double *x, size_t size,
                                  double mu, struct lethe_error *err);

/* Known from a spectral factor only. */
struct lethe_spectrum {
    size_t size;
    const double *values; /* (size) eigenvalues of H[P,P], ascending, borrowed from the factor */
    double smallest, mean, largest;
    double decay;
};
/* 1 and filled; 0: the factor knows no eigenvalues. */
int lethe_factor_spectrum(const struct lethe_factor *factor, struct lethe_spectrum *spectrum);
/* Effective degrees of freedom: sum of s / (s + lambda + mu), s >= 0 the data part's eigenvalues.
 */
double lethe_spectrum_freedom(const struct lethe_spectrum *spectrum, double mu);

/* Dampings worth trying; all from the spectrum and the step's right-hand side (size). A subspace
 * has its own right-hand side and knows its smallest eigenvalue from above, the mean from EKFAC. */
struct lethe_damping_hints {
    double smallest; /* eigenvalue, with its sign */
    double lift;     /* |smallest eigenvalue| when it is negative, else 0 */
    double tenth;    /* 0.1 x mean eigenvalue (Grosse et al.) */
    double corner;   /* corner of the curve log |(H + mu) d - rhs| against log |d| (Hansen) */
};
/* LETHE_EARG: the factor knows neither eigenvalues nor a subspace; LETHE_ENOMEM. */
enum lethe_err lethe_factor_hints(const struct lethe_factor *factor,
                                  struct lethe_damping_hints *hints, const double *rhs,
                                  struct lethe_error *err);
/* Levenberg and Marquardt: rho = actual / predicted decrease of F_R; the damping to try next. A rho
 * far above 1 is as bad a model as one near 0: both ask for more damping. From damping 0 the first
 * one has the scale of `curvature`, that along the step, and grows with how far rho is from 1; NAN
 * when that scale is not known. */
double lethe_damping_next(double mu, double rho, double curvature);
/* d'H d / |d|^2 of an undamped step, from its predicted change of F_R, -d'H d / 2, and its norm. */
double lethe_step_curvature(double predicted, double norm);

/* ---- the step -------------------------------------------------------------------------------- */

enum lethe_form { LETHE_FORM_AUTO, LETHE_FORM_RESIDUAL, LETHE_FORM_INFLUENCE, LETHE_FORM_OUTCOME };

struct lethe_update {
    size_t units, size;   /* of the blanket: units used, |P| */
    double *step;         /* (size) */
    enum lethe_form form; /* the one used, never AUTO */
    double mu;
    double norm; /* |d| */
    double influence_norm,
        unfinished_norm;     /* |d_influence|, |d_nc|; d_nc NAN when R is not whole */
    double predicted;        /* change of F_R by the quadratic model; NAN when R is not whole */
    double predicted_forget; /* change of the mean of f over U to first order */
    double left;             /* |(H + mu I) d - rhs| / |rhs|; 0 where a factor was solved with */
    size_t products;         /* with the curvature */
    double reached;          /* g_P'd of the influence form: what `reach` compares */
};

/* What does not depend on the damping, done once: immutable, shared between threads. Borrows the
 * factor, copies the rest; units <= blanket->count. */
struct lethe_step_plan {
    const struct lethe_factor *factor;
    size_t units, size, n, m;
    const size_t *index;           /* (size) the blanket's, borrowed */
    const double *pull, *residual; /* (size) in the basis of the factor; residual NULL as in
                                      removal. The removal's own, borrowed, in the order of w: */
    int in_order;                  /* where every parameter is in P and the factor solves for
                                      right-hand sides of its own; else they are these: */
    double *own[2];
};
/* *plan is the caller's (release). LETHE_EARG: more units than the blanket has; LETHE_ENOMEM. */
enum lethe_err lethe_step_plan_init(struct lethe_step_plan *plan, const struct lethe_factor *factor,
                                    const struct lethe_removal *removal,
                                    const struct lethe_blanket *blanket, size_t units,
                                    struct lethe_error *err);
void lethe_step_plan_release(struct lethe_step_plan *plan); /* zeroed ok */
/* With a spectral factor this costs one product with Q: what a slider calls. */
enum lethe_err lethe_step_plan_step(struct lethe_update *update, const struct lethe_step_plan *plan,
                                    double mu, enum lethe_form form, struct lethe_error *err);

/* Both in one; with a factor of an outcome (lethe/projection.h) the step that is fitted to it,
 * whatever the form. Residual form without the whole of R is LETHE_EARG. */
enum lethe_err lethe_update_make(struct lethe_update *update, const struct lethe_factor *factor,
                                 const struct lethe_removal *removal,
                                 const struct lethe_blanket *blanket, size_t units, double mu,
                                 enum lethe_form form, struct lethe_error *err);
/* w[P] += step. */
void lethe_update_apply(double *w, const struct lethe_update *update,
                        const struct lethe_blanket *blanket);
void lethe_update_release(struct lethe_update *update); /* zeroed ok */
const char *lethe_form_name(enum lethe_form form);      /* "auto", "residual" ..., static text */
enum lethe_err lethe_form_find(enum lethe_form *form, const char *name, struct lethe_error *err);

#endif
