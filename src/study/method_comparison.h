/* SPDX-License-Identifier: MIT
 * All unlearning methods on one forget set, beside each other and beside retraining. */
#ifndef LETHE_STUDY_METHOD_COMPARISON_H
#define LETHE_STUDY_METHOD_COMPARISON_H

#include "study/tune.h"

enum { LETHE_METHOD_ROWS = 24 };

enum lethe_method_figure {
    LETHE_FIGURE_FORGET_ACCURACY,
    LETHE_FIGURE_RETAIN_ACCURACY,
    LETHE_FIGURE_HELDOUT_ACCURACY,
    LETHE_FIGURE_FORGET_LOSS,
    LETHE_FIGURE_AUC,
    LETHE_FIGURE_GAP,
    LETHE_FIGURE_KL_FORGET,
    LETHE_FIGURE_KL_RETAIN,
    LETHE_FIGURE_KL_HELDOUT,
    LETHE_FIGURE_RECOVERY,
    LETHE_METHOD_FIGURES
};
/* Key in answers, "kl_forget". */
const char *lethe_method_figure_name(enum lethe_method_figure figure);
double lethe_method_figure(const struct lethe_variant *variant, enum lethe_method_figure figure);

struct lethe_method_comparison {
    struct lethe_method_trial row[LETHE_METHOD_ROWS]; /* (count) in the table's order */
    size_t count;
    struct lethe_variant before;
    size_t retrains;                                             /* cold ones */
    double mean[LETHE_METHOD_FIGURES], sd[LETHE_METHOD_FIGURES]; /* over them; sd NAN below 3 */
    double seconds;                                              /* of a retraining, mean */
};
struct lethe_method_comparison_options {
    int tuned;
    int masks; /* rows of the method that is set, or of salun where that takes no mask, with every
                  selector's mask, in the place of all methods */
    size_t trials; /* of each search */
    double budget; /* seconds of each search, 0: no end */
};
enum lethe_err lethe_method_comparison_run(struct lethe_method_comparison *c,
                                           const struct lethe_comparison_base *base,
                                           struct lethe_retrained *const *colds, size_t cold_count,
                                           const struct lethe_training_context *training,
                                           const struct lethe_method_comparison_options *options,
                                           struct lethe_watch *watch, struct lethe_error *err);
/* The mask a row is made on: "saliency", "none" or a selector's name, borrowed from the row. */
const char *lethe_method_trial_mask(const struct lethe_method_trial *trial);
/* (value - mean) / sd; NAN where there is no sd, or it is 0. */
double lethe_method_z(const struct lethe_method_comparison *c, const struct lethe_variant *variant,
                      enum lethe_method_figure figure);

#endif
