/* SPDX-License-Identifier: MIT
 * Newton's method with the exact Hessian, for small models near a minimum. */
#ifndef LETHE_UNLEARN_NEWTON_H
#define LETHE_UNLEARN_NEWTON_H

#include "lethe/train.h"

/* Can it run on this problem: double, at most LETHE_CURVATURE_DENSE parameters, all of them of
 * plain linear layers with a bias? */
int lethe_newton_possible(const struct lethe_problem *problem);
/* Adds to the iterations and evaluations of report and keeps its value and gradient; gradient
 * (size) is the one at w, and is kept so. Ends when |gradient|_inf <= tolerance, or when no step
 * lowers F any more. */
enum lethe_err lethe_newton(double *w, double *gradient, struct lethe_train_report *report,
                            struct lethe_problem *problem, double tolerance,
                            struct lethe_watch *watch, struct lethe_error *err);

#endif
