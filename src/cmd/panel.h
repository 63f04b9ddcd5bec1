/* SPDX-License-Identifier: MIT
 * The figures of a preview as a panel shows them: before | now | retrain. */
#ifndef LETHE_CMD_PANEL_H
#define LETHE_CMD_PANEL_H

#include "cmd/stages.h"

/* NAN where something is not known. The retrain column is the warm retrain, or the mean over cold
 * ones once there are three. */
struct lethe_panel {
    struct lethe_shown forget_accuracy, forget_loss, retain_accuracy, retain_loss, heldout_accuracy,
        heldout_loss, auc, balanced_accuracy, kl_forget, kl_retain, kl_heldout, residual_gradient;
    struct lethe_compared compared; /* with the warm retrain */
    double floor;                   /* noise floor: mean KL between cold retrains, forget samples */
    int over_unlearned, nothing_to_unlearn;
};

#endif
