/* SPDX-License-Identifier: MIT
 * What of the network a removal and its retraining may move: all of it, or the last layer alone
 * where what lies below was not made from these samples. */
#ifndef LETHE_WORKBENCH_MOVABLE_H
#define LETHE_WORKBENCH_MOVABLE_H

#include "workbench/workbench.h"

/* Where the layers below the last come from, at the head of the history. */
enum lethe_feature_origin lethe_workbench_features(const struct lethe_workbench *wb);
/* Kept with a state that changed the last layer alone, so that it is known when the history is
 * opened again. */
enum lethe_err lethe_features_put(struct lethe_pairs *settings, enum lethe_feature_origin features,
                                  struct lethe_error *err);
/* 1: the last layer alone moves, by 'retrain.by head', or by auto. */
int lethe_workbench_head_only(const struct lethe_workbench *wb);
/* Why that is so, or what else to choose, where nobody chose. */
void lethe_movable_note(struct lethe_value *out, const struct lethe_workbench *wb);

#endif
