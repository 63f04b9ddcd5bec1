/* SPDX-License-Identifier: MIT
 * F_R, the objective over the retained samples: what an evaluation knows of it already, and whether
 * its gradient can be had beside that. */
#ifndef LETHE_REMOVAL_OBJECTIVE_H
#define LETHE_REMOVAL_OBJECTIVE_H

#include "removal/evaluation.h"

/* Mean loss of the retained samples and decay / 2 |w|^2, at the weights w (parameters) that were
 * evaluated. NAN where they were not looked at. */
double lethe_objective_of(const struct lethe_evaluation *evaluation,
                          const struct lethe_snapshot *snapshot, const double *w);
/* A pass back over all of them takes minutes, and a network that follows a recipe is at no minimum
 * that its gradient could tell of. */
int lethe_objective_is_dear(const struct lethe_snapshot *snapshot);

#endif
