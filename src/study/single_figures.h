/* SPDX-License-Identifier: MIT
 * The figures of single removals, sample by sample and way by way, until they are summed up. */
#ifndef LETHE_STUDY_SINGLE_FIGURES_H
#define LETHE_STUDY_SINGLE_FIGURES_H

#include "study/leave_one_out.h"

enum lethe_single_figure {
    LETHE_SINGLE_RECOVERY_PROBS,
    LETHE_SINGLE_RECOVERY_PROBS_TRAIN,
    LETHE_SINGLE_RECOVERY,
    LETHE_SINGLE_CHANGE_PROBS,
    LETHE_SINGLE_CHANGE_PROBS_TRAIN,
    LETHE_SINGLE_CHANGE,
    LETHE_SINGLE_FOLD,
    LETHE_SINGLE_HELDOUT,
    LETHE_SINGLE_PARAMETERS,
    LETHE_SINGLE_SECONDS,
    LETHE_SINGLE_FIGURES
};

struct lethe_single_figures {
    double *value[LETHE_SINGLE_WAYS][LETHE_SINGLE_FIGURES]; /* (samples) */
    double *kl, *retraining, *scratch;                      /* (samples) */
    size_t done;                                            /* samples that are entered */
};

enum lethe_err lethe_single_figures_init(struct lethe_single_figures *figures, size_t samples,
                                         struct lethe_error *err);
void lethe_single_figures_release(struct lethe_single_figures *figures); /* zeroed ok */
/* What way w gave for the sample under way, whose kl is there. A failed step has no figures. */
void lethe_single_figures_enter(struct lethe_single_figures *figures,
                                struct lethe_leave_one_out *out, size_t w,
                                const struct lethe_variant *variant);
/* Quartiles of those that are numbers. */
void lethe_single_figures_sum(const struct lethe_single_figures *figures,
                              struct lethe_leave_one_out *out);

#endif
