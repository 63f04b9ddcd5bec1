/* SPDX-License-Identifier: MIT
 * One damping of the surface: the curve and the factor its cells are made with. */
#ifndef LETHE_STUDY_SURFACE_ROW_H
#define LETHE_STUDY_SURFACE_ROW_H

#include "study/variant.h"

struct lethe_surface_row {
    struct lethe_blanket_curvature *curve; /* of the order at this damping */
    struct lethe_factor *factor;           /* NULL: every size has its own */
    double mu;
};

/* curve is of the order at the damping that is set. Single weights are ordered by the step of the
 * whole network, so at another damping they are ordered anew, as a preview there does. */
enum lethe_err lethe_surface_row_init(struct lethe_surface_row *row,
                                      const struct lethe_comparison_base *base,
                                      struct lethe_blanket_curvature *curve, double mu,
                                      struct lethe_watch *watch, struct lethe_error *err);
/* The step of the row's first `units` units. */
enum lethe_err lethe_surface_row_step(struct lethe_update *update,
                                      const struct lethe_surface_row *row, size_t units,
                                      const struct lethe_settings *settings,
                                      struct lethe_watch *watch, struct lethe_error *err);
void lethe_surface_row_release(struct lethe_surface_row *row); /* zeroed ok */

#endif
