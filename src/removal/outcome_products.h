/* SPDX-License-Identifier: MIT
 * The step that is fitted to an outcome where there is no matrix. */
#ifndef LETHE_REMOVAL_OUTCOME_PRODUCTS_H
#define LETHE_REMOVAL_OUTCOME_PRODUCTS_H

#include "removal/stages.h"

/* Conjugate gradients on M of the curve's target, preconditioned with EKFAC restricted to the
 * blanket, until what they predict for the forgotten samples no longer moves. The factor carries
 * the projection. */
enum lethe_err lethe_outcome_by_products(struct lethe_update *update,
                                         const struct lethe_step_spec *spec,
                                         const struct lethe_settings *settings,
                                         struct lethe_watch *watch, struct lethe_error *err);

#endif
