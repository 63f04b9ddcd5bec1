/* SPDX-License-Identifier: MIT
 * What a step of the whole network achieves, as the target of a step that may change less.
 *
 * With d the whole step, q_u = softmax(z_u(w + d)) at every forgotten sample u, F_u = diag q_u -
 * q_u q_u', J_u the Jacobian of its logits at w, n the samples w was trained on and
 *     M = H_R + mu I + (1/n) sum over u of J_u' F_u J_u,
 * (x - d)' M (x - d) / 2 is to second order the mean KL, over all samples, between what d and what
 * x make of the outputs (weight decay and damping count as they do in the step). Its minimum over
 * the parameters P of a blanket solves M_PP x = (M d)_P, where
 *     M d = g - r + (1/n) sum over u of J_u' F_u J_u d,
 * g what the whole step solves for and r what its solver left. P = all gives d.
 *
 * In the metric of probabilities A^2 + s A stands in the place of every A = diag p - p p' (F_u, and
 * those in H_R), and s lambda and s mu in that of lambda and mu: then it is the squared distance of
 * the outputs, with a share s of KL. Few weights have to leave something undone, and in KL that is
 * done where it is seen least: at classes that nearly have no probability. */
#ifndef LETHE_PROJECTION_H
#define LETHE_PROJECTION_H

#include "lethe/update.h"

enum { LETHE_PROJECTION_SAMPLES = 50 }; /* forgotten samples that count at most */

/* Immutable once made, shared between threads. */
struct lethe_projection {
    int refs;
    size_t size, samples, classes, n; /* parameters of the model; u; classes; n */
    double mu;
    double probs;   /* > 0: in the metric of probabilities, with this share of KL */
    double *step;   /* (size) d, by entry of w */
    double *target; /* (size) M d, by entry of w */
    double *weight; /* (samples, classes) q_u */
};

struct lethe_projection_spec {
    struct lethe_problem *forget; /* over the forgotten samples that count; in double */
    const double *w;              /* (size + buffers) */
    const double *step;           /* (size) d, by entry of w */
    const double *reached;        /* (size) g - r = (H_R + mu I) d, by entry of w; in the metric of
                                     probabilities that matrix times d */
    size_t n;
    double mu;
    double probs; /* 0: KL */
};
/* *projection is new (unref). LETHE_ENOMEM; LETHE_ECANCEL; LETHE_ENUM: logits that are not
 * finite. */
enum lethe_err lethe_projection_new(struct lethe_projection **projection,
                                    const struct lethe_projection_spec *spec,
                                    struct lethe_watch *watch, struct lethe_error *err);
/* Another reference; returns projection. */
struct lethe_projection *lethe_projection_ref(struct lethe_projection *projection);
void lethe_projection_unref(struct lethe_projection *projection); /* NULL ok */

/* out (size) += (1/n) sum J_u' F_u J_u v, v (size) by entry of w. forget and w as in the spec. */
enum lethe_err lethe_projection_times(double *out, const struct lethe_projection *projection,
                                      struct lethe_problem *forget, const double *w,
                                      const double *v, struct lethe_error *err);
/* The same as a matrix over the parameters index (size): added to the lower triangle of matrix. */
enum lethe_err lethe_projection_add(double *matrix, size_t size, const size_t *index,
                                    const struct lethe_projection *projection,
                                    struct lethe_problem *forget, const double *w,
                                    struct lethe_watch *watch, struct lethe_error *err);

/* ---- what is solved with --------------------------------------------------------------------- */

/* A Cholesky factor (new: unref) of M over the blanket at the projection's mu, which it refers to
 * and which lethe_update_make then fits the step to. c is H_R over the blanket and has a matrix.
 * metric: what stands in its place in the metric of probabilities, (size, size), the lower
 * triangle; else NULL. */
enum lethe_err lethe_factor_outcome(struct lethe_factor **factor, const struct lethe_curvature *c,
                                    const double *metric, const struct lethe_blanket *blanket,
                                    struct lethe_projection *projection,
                                    struct lethe_problem *forget, const double *w,
                                    struct lethe_watch *watch, struct lethe_error *err);
/* What damping adds to the diagonal of M. */
double lethe_projection_ridge(const struct lethe_projection *projection);
/* Where there is no matrix: what lethe_update_make will answer, for all of c's parameters, made by
 * products. *factor is new (unref) and copies the step. */
enum lethe_err lethe_factor_fitted(struct lethe_factor **factor, const struct lethe_curvature *c,
                                   struct lethe_projection *projection,
                                   const struct lethe_update *update, struct lethe_error *err);
/* The projection a factor fits steps to, borrowed; NULL: it solves with H_R. */
const struct lethe_projection *lethe_factor_projection(const struct lethe_factor *factor);

#endif
