/* SPDX-License-Identifier: MIT
 * The weight decay of the objective that a model was trained on, where a training of this session
 * changed it: it goes back and forth with the history. */
#ifndef LETHE_WORKBENCH_DECAY_H
#define LETHE_WORKBENCH_DECAY_H

#include "workbench/workbench.h"

/* For the commit of a training with that weight decay: notes it in `settings`, and what the setting
 * was before. */
enum lethe_err lethe_decay_put(struct lethe_pairs *settings, const struct lethe_workbench *wb,
                               double decay, struct lethe_error *err);
/* The setting as it has to be once the head is the commit that `settings` are for (arriving there
 * from the head there is), or once the head is `to`, a state of the session. Borrowed; NULL: it
 * stays as it is. */
const char *lethe_decay_trained(const struct lethe_pairs *settings);
const char *lethe_decay_towards(const struct lethe_workbench *wb, struct lethe_state *to);

#endif
