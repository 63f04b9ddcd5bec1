/* SPDX-License-Identifier: MIT
 * The warm retraining and its control, each kept on disk under the hash of everything that decides
 * its weights as soon as it is trained: work that was stopped goes on behind it. */
#ifndef LETHE_STUDY_WARM_RETRAIN_H
#define LETHE_STUDY_WARM_RETRAIN_H

#include "removal/stages.h"
#include "study/training_context.h"

/* As lethe_retrained_warm. training NULL, or without a folder: nothing is kept. */
enum lethe_err lethe_warm_retrain_make(struct lethe_retrained **retrained,
                                       struct lethe_snapshot *snapshot,
                                       const struct lethe_training_context *training,
                                       struct lethe_watch *watch, struct lethe_error *err);

#endif
