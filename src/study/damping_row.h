/* SPDX-License-Identifier: MIT
 * One damping of many that are tried: the curve and the factor its steps are made with, as a
 * preview there makes them. */
#ifndef LETHE_STUDY_DAMPING_ROW_H
#define LETHE_STUDY_DAMPING_ROW_H

#include "study/variant.h"

struct lethe_damping_row {
    struct lethe_blanket_curvature *curve; /* of the order at this damping */
    struct lethe_factor *factor;           /* NULL: every size has its own */
    double mu;
};

/* curve is of the order at the damping that is set. Single weights are ordered by the step of the
 * whole network, so at another damping they are ordered anew, and as many of them taken. */
enum lethe_err lethe_damping_row_init(struct lethe_damping_row *row,
                                      const struct lethe_comparison_base *base,
                                      struct lethe_blanket_curvature *curve, double mu,
                                      struct lethe_watch *watch, struct lethe_error *err);
/* The step of the row's first `units` units. */
enum lethe_err lethe_damping_row_step(struct lethe_update *update,
                                      const struct lethe_damping_row *row, size_t units,
                                      const struct lethe_settings *settings,
                                      struct lethe_watch *watch, struct lethe_error *err);
void lethe_damping_row_release(struct lethe_damping_row *row); /* zeroed ok */

#endif
