/* SPDX-License-Identifier: MIT
 * An evaluation: the logits of given weights on a snapshot's samples, and their figures. */
#ifndef LETHE_REMOVAL_EVALUATION_H
#define LETHE_REMOVAL_EVALUATION_H

#include "removal/worker_problems.h"

/* What weights w say: logits on forget, retain and one half of the held-out set, with all tier-0
 * figures. With heldout GLANCE it is a first look: the retained samples are left out. */
struct lethe_evaluation {
    double *logits[LETHE_SIDES];
    int *labels[LETHE_SIDES];
    size_t count[LETHE_SIDES], classes;
    enum lethe_side heldout; /* TUNE or REPORT: which half; GLANCE: a part of TUNE */
    struct lethe_figures figures;
};
enum lethe_err lethe_evaluation_measure(struct lethe_evaluation *outcome,
                                        const struct lethe_snapshot *snapshot,
                                        struct lethe_worker_problems *worker, const double *w,
                                        enum lethe_side heldout, struct lethe_watch *watch,
                                        struct lethe_error *err);
/* A figure of one model (of_model is set) from an evaluation. */
struct lethe_measure lethe_evaluation_metric(const struct lethe_evaluation *evaluation,
                                             const struct lethe_metric *metric);
void lethe_evaluation_release(struct lethe_evaluation *outcome); /* zeroed ok */

#endif
