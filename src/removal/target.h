/* SPDX-License-Identifier: MIT
 * The step of the whole network and what it achieves: what single weights are ordered by, and what
 * a step in the form `outcome` is fitted to. Immutable and shared. */
#ifndef LETHE_REMOVAL_TARGET_H
#define LETHE_REMOVAL_TARGET_H

#include "removal/passes.h"

struct lethe_target {
    int refs;
    struct lethe_blanket_curvature *whole; /* of every parameter */
    struct lethe_ids ids;                  /* forgotten samples that count */
    double *rhs;                           /* (parameters) what d solves for, by entry of w */
    struct lethe_projection *projection;   /* holds d and its damping */
    struct lethe_curvature metric; /* what outcomes are compared in, in the place of the curvature;
                                      no matrix: that itself */
    double left;                   /* relative residual of d */
    size_t passes;                 /* iterations after the step: d holds them */
    struct lethe_path *path;       /* theirs; NULL: none */
    double seconds;                /* of all of it, with the curvature */
};

/* whole: a curvature of every parameter of this snapshot, borrowed; NULL: it is made. The form of d
 * is the one of the settings, `auto` where that is outcome. */
enum lethe_err lethe_target_make(struct lethe_target **target, struct lethe_snapshot *snapshot,
                                 const struct lethe_settings *settings, double mu,
                                 struct lethe_blanket_curvature *whole, struct lethe_watch *watch,
                                 struct lethe_error *err);
/* Is it one of these weights and samples, by the curvature of the settings? */
int lethe_target_fits(const struct lethe_target *target, const struct lethe_snapshot *snapshot,
                      const struct lethe_settings *settings);
/* Makes the target's metric where outcomes are compared in probabilities: of softmax regressions
 * with a matrix. Weight decay is on its diagonal already. */
enum lethe_err lethe_target_measure(struct lethe_target *target,
                                    const struct lethe_settings *settings,
                                    struct lethe_watch *watch, struct lethe_error *err);
/* The share of KL in that metric. */
#define LETHE_TARGET_PROBS 0.01
/* A problem over the forgotten samples that count, for one thread. */
enum lethe_err lethe_target_problem(struct lethe_problem **problem,
                                    const struct lethe_target *target, struct lethe_error *err);
struct lethe_target *lethe_target_ref(struct lethe_target *target);
void lethe_target_unref(struct lethe_target *target); /* NULL ok */

#endif
