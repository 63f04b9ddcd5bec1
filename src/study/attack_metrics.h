/* SPDX-License-Identifier: MIT
 * Tier-1 figures of one model about the forget samples, each found by fitting or training
 * something: the logistic attack on the losses, the linear probe on the features before the last
 * layer, and how many steps it takes to learn the samples again. */
#ifndef LETHE_STUDY_ATTACK_METRICS_H
#define LETHE_STUDY_ATTACK_METRICS_H

#include "removal/evaluation.h"

enum { LETHE_EXAM_STEPS = 500 }; /* of relearning, at most */

struct lethe_exam {
    struct lethe_measure logistic, probe; /* accuracy; low and high: mean -+ 2 sd of ten splits */
    size_t relearn;                       /* steps; SIZE_MAX: not within LETHE_EXAM_STEPS */
};

/* The loss that counts as learnt again, from the forget loss of the model before the removal. */
double lethe_exam_target(double loss_before);
/* Of weights w (size + buffers), whose reading is given. Members are the forget samples,
 * non-members the held-out samples of the same classes. Relearning is plain gradient descent on
 * all forget samples at rate 0.1 until their mean loss is <= target. */
enum lethe_err lethe_exam_take(struct lethe_exam *exam, const struct lethe_scene *scene,
                               struct lethe_kit *kit, const double *w,
                               const struct lethe_reading *reading, double target,
                               struct lethe_watch *watch, struct lethe_error *err);
/* relearn as a number; NAN when it is SIZE_MAX. */
double lethe_exam_steps(const struct lethe_exam *exam);

#endif
