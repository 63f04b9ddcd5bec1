/* SPDX-License-Identifier: MIT
 * A selection at the snapshot's own weights, kept on disk under the hash of everything that decides
 * it: removals by many settings that follow one order select it once, also after they were stopped.
 * Single weights are not kept: they come with the whole step they were ordered by. */
#ifndef LETHE_STUDY_KEPT_SELECTION_H
#define LETHE_STUDY_KEPT_SELECTION_H

#include "removal/stages.h"
#include "study/training_context.h"

/* As lethe_selected_make; one that was kept does not say why its line is where it is. training
 * NULL, or without a folder: nothing is kept. */
enum lethe_err lethe_kept_selection(struct lethe_selected **selected,
                                    struct lethe_snapshot *snapshot,
                                    const struct lethe_settings *settings,
                                    const struct lethe_training_context *training,
                                    struct lethe_watch *watch, struct lethe_error *err);

#endif
