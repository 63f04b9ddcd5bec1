/* SPDX-License-Identifier: MIT
 * Tier-1 figures of one model about the forget samples, each found by fitting or training
 * something: the logistic attack on the losses, the linear probe on the features before the last
 * layer, and how many steps it takes to learn the samples again. */
#ifndef LETHE_STUDY_ATTACK_METRICS_H
#define LETHE_STUDY_ATTACK_METRICS_H

#include "removal/evaluation.h"

enum { LETHE_RELEARN_STEPS = 500 }; /* of relearning, at most */

struct lethe_attack_metrics {
    struct lethe_measure logistic, probe; /* accuracy; low and high: mean -+ 2 sd of ten splits */
    size_t relearn;                       /* steps; SIZE_MAX: not within LETHE_RELEARN_STEPS */
};

/* The loss that counts as learnt again, from the forget loss of the model before the removal. */
double lethe_attack_metrics_target(double loss_before);
/* Of weights w (size + buffers), whose reading is given. Members are the forget samples,
 * non-members the held-out samples of the same classes. Relearning is plain gradient descent on
 * all forget samples at rate 0.1 until their mean loss is <= target. */
enum lethe_err lethe_attack_metrics_measure(struct lethe_attack_metrics *attack,
                                            const struct lethe_snapshot *snapshot,
                                            struct lethe_worker_problems *worker, const double *w,
                                            const struct lethe_evaluation *evaluation,
                                            double target, struct lethe_watch *watch,
                                            struct lethe_error *err);
/* relearn as a number; NAN when it is SIZE_MAX. */
double lethe_attack_metrics_steps(const struct lethe_attack_metrics *attack);

#endif
