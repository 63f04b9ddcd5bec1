/* SPDX-License-Identifier: MIT
 * The damping of the settings as a number. "auto" is 1 / T for networks whose retraining follows a
 * recipe of gradient steps, T = lethe_train_time: such a retraining moves as far as a step with
 * that damping (Bae et al., NeurIPS 2022: the proximal yardstick). It is 0 where retraining goes on
 * to a minimum, and where its steps have no common rate. */
#ifndef LETHE_REMOVAL_DAMPING_H
#define LETHE_REMOVAL_DAMPING_H

#include "removal/settings.h"
#include "removal/snapshot.h"

/* What auto stands for. */
double lethe_damping_auto(const struct lethe_snapshot *snapshot);
double lethe_damping_of(const struct lethe_settings *settings,
                        const struct lethe_snapshot *snapshot);
int lethe_damping_is_auto(const struct lethe_settings *settings);

#endif
