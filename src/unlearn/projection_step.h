/* SPDX-License-Identifier: MIT
 * The step that is fitted to an outcome. */
#ifndef LETHE_UNLEARN_PROJECTION_STEP_H
#define LETHE_UNLEARN_PROJECTION_STEP_H

#include "lethe/projection.h"

/* lethe_update_make with a factor of M. */
enum lethe_err lethe_projection_step(struct lethe_update *update, const struct lethe_factor *factor,
                                     const struct lethe_removal *removal,
                                     const struct lethe_blanket *blanket, size_t units, double mu,
                                     struct lethe_error *err);

#endif
