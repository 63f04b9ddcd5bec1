/* SPDX-License-Identifier: MIT
 * Cold retrains: models from fresh weights on the retained samples, each from its own seed, made on
 * all processors and kept with the session; see study/ensemble.h. */
#ifndef LETHE_STUDY_COLD_RETRAINS_H
#define LETHE_STUDY_COLD_RETRAINS_H

#include "removal/stages.h"
#include "study/training_context.h"

/* made (count): those that are not NULL are left alone, the others made from their seeds; on
 * failure some may have been made. */
enum lethe_err lethe_cold_retrains_make(struct lethe_retrained **made, const uint64_t *seeds,
                                        size_t count, struct lethe_snapshot *snapshot,
                                        const struct lethe_training_context *training,
                                        struct lethe_watch *watch, struct lethe_error *err);

#endif
