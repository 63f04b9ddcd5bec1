/* SPDX-License-Identifier: MIT
 * What the cells of a surface hold: a distance to the warm retrain, 0 at retraining. */
#ifndef LETHE_STUDY_SURFACE_VALUE_H
#define LETHE_STUDY_SURFACE_VALUE_H

#include "study/variant.h"

enum lethe_surface_value {
    LETHE_SURFACE_KL, /* mean KL over the forget samples */
    /* shares of the retraining's change that are missed, 1 - recovery and 1 - change, over forget,
     * retained and held-out samples */
    LETHE_SURFACE_PROBS,
    LETHE_SURFACE_LOGITS,
    LETHE_SURFACE_CHANGE_PROBS,
    LETHE_SURFACE_CHANGE,
    LETHE_SURFACE_VALUES
};
/* "kl_forget", "missed_probs" ...; and in words. */
const char *lethe_surface_value_name(enum lethe_surface_value value);
const char *lethe_surface_value_words(enum lethe_surface_value value);
/* The figure that 1 - value is; NULL: none. */
const char *lethe_surface_value_share(enum lethe_surface_value value);

/* Logits before, retrained and of its control over the samples that count, joined. */
struct lethe_surface_ruler {
    enum lethe_surface_value value;
    double *old, *retrain, *control; /* (samples, classes) */
    size_t samples, classes;
    enum lethe_side sides[3]; /* whose samples they are, in this order */
    size_t side_count;
};
/* Of a base with a warm retrain. */
enum lethe_err lethe_surface_ruler_init(struct lethe_surface_ruler *ruler,
                                        const struct lethe_comparison_base *base,
                                        enum lethe_surface_value value, struct lethe_error *err);
void lethe_surface_ruler_release(struct lethe_surface_ruler *ruler); /* zeroed ok */
/* Of logits (samples, classes) of the same samples. */
double lethe_surface_ruler_measure(const struct lethe_surface_ruler *ruler, const double *logits);

#endif
