/* SPDX-License-Identifier: MIT
 * The step that is fitted to an outcome where there is no matrix. */
#ifndef LETHE_REMOVAL_OUTCOME_PRODUCTS_H
#define LETHE_REMOVAL_OUTCOME_PRODUCTS_H

#include "removal/target.h"

/* Conjugate gradients on M of the target, preconditioned with EKFAC restricted to the curve's first
 * units, until what they predict for the forgotten samples no longer moves. The factor holds the
 * step. */
enum lethe_err lethe_outcome_by_products(struct lethe_factor **factor,
                                         const struct lethe_blanket_curvature *curve, size_t units,
                                         const struct lethe_target *target,
                                         const struct lethe_settings *settings,
                                         struct lethe_watch *watch, struct lethe_error *err);

#endif
