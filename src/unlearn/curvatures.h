/* SPDX-License-Identifier: MIT
 * The rows of the table of curvatures; see struct lethe_curvature_method. */
#ifndef LETHE_UNLEARN_CURVATURES_H
#define LETHE_UNLEARN_CURVATURES_H

#include "lethe/curvature.h"

#define LETHE_CURVATURE_ROW(name)                                                                  \
    enum lethe_err name(struct lethe_curvature *c, struct lethe_problem *problem, const double *w, \
                        const struct lethe_blanket *blanket,                                       \
                        const struct lethe_curvature_options *options, struct lethe_watch *watch,  \
                        struct lethe_error *err)

LETHE_CURVATURE_ROW(lethe_curvature_ggn);
LETHE_CURVATURE_ROW(lethe_curvature_fisher);
LETHE_CURVATURE_ROW(lethe_curvature_hessian);
LETHE_CURVATURE_ROW(lethe_curvature_diag);
LETHE_CURVATURE_ROW(lethe_curvature_kfac);
LETHE_CURVATURE_ROW(lethe_curvature_ekfac);
LETHE_CURVATURE_ROW(lethe_curvature_paper);
LETHE_CURVATURE_ROW(lethe_curvature_released);

#endif
