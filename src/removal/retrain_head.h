/* SPDX-License-Identifier: MIT
 * Retraining of the last layer alone, by features that are kept from one forget set to the next. */
#ifndef LETHE_REMOVAL_RETRAIN_HEAD_H
#define LETHE_REMOVAL_RETRAIN_HEAD_H

#include "removal/retrain_control.h"

/* Trains the last layer within w (size + buffers of the snapshot's graph, which begins as the
 * snapshot's) on `ids` of its samples. Without controls in the snapshot features are kept nowhere.
 */
enum lethe_err lethe_retrain_head(double *w, struct lethe_train_report *report,
                                  const struct lethe_snapshot *snapshot,
                                  const struct lethe_ids *ids, struct lethe_watch *watch,
                                  struct lethe_error *err);

#endif
