/* SPDX-License-Identifier: MIT
 * Comparisons on one forget set: the ladder of approximations from a blanket to retraining, all
 * curvatures, all dampings. Each is a list of trials on one stand. */
#ifndef LETHE_STUDY_APPROXIMATIONS_H
#define LETHE_STUDY_APPROXIMATIONS_H

#include "study/variant.h"

struct lethe_variants {
    struct lethe_variant *at;
    size_t count, room;
};
void lethe_variants_release(struct lethe_variants *variants); /* zeroed ok */
/* A new zeroed row at the end, borrowed until the next one; NULL with err filled. */
struct lethe_variant *lethe_variants_add(struct lethe_variants *variants, struct lethe_error *err);

enum {
    LETHE_APPROXIMATIONS_WHOLE = 100000, /* parameters up to which rungs of the whole are made */
    LETHE_APPROXIMATIONS_PASSES = 16     /* where the settings ask for none */
};

/* before, the blanket with ggn, all parameters with ggn, all with the exact Hessian, a second ggn
 * step from where the first one led, passes from there, warm retrain, and the mean over the cold
 * retrains given. */
enum lethe_err lethe_approximations_run(struct lethe_variants *rungs,
                                        struct lethe_comparison_base *base,
                                        struct lethe_retrained *const *colds, size_t cold_count,
                                        struct lethe_watch *watch, struct lethe_error *err);

/* Every curvature of the table on the blanket of the settings, with its spectrum. */
enum lethe_err lethe_curvatures_try(struct lethe_variants *rows, struct lethe_comparison_base *base,
                                    struct lethe_watch *watch, struct lethe_error *err);

/* 0, 1e-8 ... 1e2 on the blanket of the settings, with the hints among them; *current is the row of
 * the damping that is set. */
struct lethe_sweep {
    struct lethe_variants rows; /* by damping; notes name the hints */
    struct lethe_damping_hints hints;
    double automatic; /* what damping auto stands for */
    double next;      /* Levenberg and Marquardt's, from the damping that is set */
    size_t current;   /* row of the damping that is set */
};
enum lethe_err lethe_damping_sweep(struct lethe_sweep *sweep, struct lethe_comparison_base *base,
                                   struct lethe_watch *watch, struct lethe_error *err);
void lethe_sweep_release(struct lethe_sweep *sweep); /* zeroed ok */

#endif
