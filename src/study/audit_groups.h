/* SPDX-License-Identifier: MIT
 * Figures that tell two groups of models apart, and what the same figures are by chance. */
#ifndef LETHE_STUDY_AUDIT_GROUPS_H
#define LETHE_STUDY_AUDIT_GROUPS_H

#include "study/audit_measure.h"

enum lethe_group_figure {
    LETHE_GROUP_ULIRA,
    LETHE_GROUP_ULIRA_AUC,
    LETHE_GROUP_ULIRA_WORST,
    LETHE_GROUP_FORGETTING,
    LETHE_GROUP_KLOM, /* median and 95 % point: forget, then retain, then held-out */
    LETHE_GROUP_KLOM_95,
    LETHE_GROUP_KLOM_LAST = LETHE_GROUP_KLOM + 5,
    LETHE_GROUP_FIGURES
};

struct lethe_group_figures {
    struct lethe_measure at[LETHE_GROUP_FIGURES];
    double epsilon_limit;
};

/* group BEFORE or NOW beside the retrains. */
enum lethe_err lethe_audit_groups_measure(struct lethe_group_figures *figures,
                                          const struct lethe_audit_records *records,
                                          enum lethe_group_of_models group,
                                          struct lethe_error *err);
/* Share of the way from the originals' mean predictions of the forget samples to the retrains' that
 * the removals' went; NAN where there is none. */
enum lethe_err lethe_audit_groups_recovery(double *recovery,
                                           const struct lethe_audit_records *records, int probs,
                                           struct lethe_error *err);
/* Removals and retrains thrown together and split at random: what two groups of the same kind would
 * show. Which split: draw. */
enum lethe_err lethe_audit_groups_shuffled(struct lethe_group_figures *figures,
                                           const struct lethe_audit_records *records, uint64_t seed,
                                           uint64_t draw, struct lethe_error *err);

/* ---- one model at a time, by the retrains as references -------------------------------------- */

/* auc[group * n + k]: LiRA (offline) and RMIA of model k, its members the forget samples, its
 * non-members held-out samples of the same classes. A retrain is not its own reference. NAN where
 * there are too few of anything. */
enum lethe_err lethe_audit_groups_lira(double *auc, const struct lethe_audit_records *records,
                                       uint64_t seed, struct lethe_error *err);
enum lethe_err lethe_audit_groups_rmia(double *auc, const struct lethe_audit_records *records,
                                       uint64_t seed, struct lethe_error *err);

#endif
