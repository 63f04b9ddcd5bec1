/* SPDX-License-Identifier: MIT
 * All tier-0 figures of given weights in one call. */
#ifndef LETHE_FIGURES_H
#define LETHE_FIGURES_H

#include "lethe/eval.h"
#include "lethe/problem.h"

/* Samples of one network: forget are those to be (or that were) removed, retain the others of its
 * training, heldout unseen ones. NULL: an empty set, whose figures are NAN. Borrowed. */
struct lethe_figures_sets {
    struct lethe_problem *forget, *retain, *heldout;
};

/* Figures of w (size + buffers) on the three sets; seed decides the halves of the attack. As for
 * every problem, the calling thread owns all three. LETHE_ENUM where a logit is not finite,
 * LETHE_ECANCEL when watch (NULL ok) was cancelled. */
enum lethe_err lethe_figures_of(struct lethe_figures *figures,
                                const struct lethe_figures_sets *sets, const double *w,
                                uint64_t seed, struct lethe_watch *watch, struct lethe_error *err);

#endif
