/* SPDX-License-Identifier: MIT
 * Controls: models retrained warm with nothing removed. One depends on the weights it began with
 * and the samples they were trained on, not on what is to be forgotten, so it is kept from one
 * forget set to the next. */
#ifndef LETHE_REMOVAL_RETRAIN_CONTROL_H
#define LETHE_REMOVAL_RETRAIN_CONTROL_H

#include "lethe/retrain.h"
#include "removal/snapshot.h"

struct lethe_controls;

struct lethe_controls *lethe_controls_new(void); /* NULL when out of memory */
struct lethe_controls *lethe_controls_ref(struct lethe_controls *controls);
void lethe_controls_unref(struct lethe_controls *controls); /* NULL ok */
/* w (size + buffers) and report are filled from the one that is kept, when it is for this
 * snapshot's weights, decay and samples; else 0 is returned. controls NULL: 0. */
int lethe_controls_get(struct lethe_controls *controls, double *w,
                       struct lethe_train_report *report, const struct lethe_snapshot *snapshot);
/* Keeps a copy instead of the one before; does nothing where memory is short. */
void lethe_controls_put(struct lethe_controls *controls, const double *w,
                        const struct lethe_train_report *report,
                        const struct lethe_snapshot *snapshot);

#endif
