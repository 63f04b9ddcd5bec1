/* SPDX-License-Identifier: MIT
 * Which curvature a removal's step should be made with: the Gauss-Newton matrix or the exact
 * Hessian. */
#ifndef LETHE_STUDY_CURVATURE_CHOICE_H
#define LETHE_STUDY_CURVATURE_CHOICE_H

#include "study/variant.h"

struct lethe_curvature_choice {
    const char *name;             /* "ggn" or "hessian", static */
    double ggn, hessian;          /* what their step of the whole network changes F_R by, measured;
                                     NAN: there is no such step */
    char why[LETHE_VARIANT_NOTE]; /* why there is none with the Hessian; "" */
};

/* The one whose step of the whole network, at the damping and in the form of the stand's settings,
 * lowers F_R more; ggn where they lower it alike. F_R is over the retained samples that are here.
 * LETHE_ENUM where neither makes a step. */
enum lethe_err lethe_curvature_choose(struct lethe_curvature_choice *choice,
                                      const struct lethe_comparison_base *base,
                                      struct lethe_watch *watch, struct lethe_error *err);

#endif
