/* SPDX-License-Identifier: MIT
 * The figures of a preview as they are shown: before | now | retrain. */
#ifndef LETHE_WORKBENCH_FIGURE_ROWS_H
#define LETHE_WORKBENCH_FIGURE_ROWS_H

#include "removal/stages.h"

/* NAN where something is not known. The retrain column is the warm retrain, or the mean over cold
 * ones once there are three. */
struct lethe_figure_rows {
    struct lethe_shown of_model[LETHE_METRICS_MOST]; /* figures of one model, by metric */
    struct lethe_shown kl_forget, kl_retain, kl_heldout, residual_gradient;
    struct lethe_shown js, churn; /* forget samples, to the warm retrain */
    struct lethe_shown tug_of_war;
    /* Mean KL to the cold retrains on the forget samples, from two on; a retrain's is its mean to
     * the others, so that the retrain column is the noise floor. */
    struct lethe_shown kl_cold;
    struct lethe_compared compared; /* with the warm retrain */
    double floor;                   /* noise floor: mean KL over ordered pairs of cold retrains */
    int over_unlearned;
    int nothing_to_unlearn; /* retraining changes nothing, or no more than the floor */
};

#endif
