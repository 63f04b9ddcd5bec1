/* SPDX-License-Identifier: MIT
 * The rows of the table of selectors, and what several of them share. */
#ifndef LETHE_UNLEARN_SELECTORS_H
#define LETHE_UNLEARN_SELECTORS_H

#include "lethe/select.h"

#define LETHE_SELECT_ROW(name)                                                                     \
    enum lethe_err name(struct lethe_selection *out, const struct lethe_select_input *input,       \
                        const struct lethe_select_options *options, struct lethe_watch *watch,     \
                        struct lethe_error *err)

LETHE_SELECT_ROW(lethe_select_lfoci);
LETHE_SELECT_ROW(lethe_select_random);
LETHE_SELECT_ROW(lethe_select_gradnorm);
LETHE_SELECT_ROW(lethe_select_lastlayer);
LETHE_SELECT_ROW(lethe_select_full);
LETHE_SELECT_ROW(lethe_select_fisher);
LETHE_SELECT_ROW(lethe_select_updatenorm);
LETHE_SELECT_ROW(lethe_select_gain);
LETHE_SELECT_ROW(lethe_select_weights);

/* picks (units) from scores (units), best first and lower units first among equal ones; at most
 * options->max, all of them accepted. */
enum lethe_err lethe_select_rank(struct lethe_selection *out, const double *scores, size_t units,
                                 size_t max, struct lethe_error *err);
/* scores (units): Euclidean norm of the unit's part of v (parameters). */
void lethe_select_norms(double *scores, const struct lethe_graph *graph, const double *v);

/* The Gauss-Newton matrix over the units that may be chosen and what pulls at them. In models above
 * LETHE_CURVATURE_DENSE parameters those are the 64 units of largest gradient norm, fewer where
 * they would have more parameters than that. */
struct lethe_select_set {
    struct lethe_blanket blanket;
    struct lethe_curvature curvature; /* both triangles filled */
    double *pull;                     /* (curvature.size) */
};
enum lethe_err lethe_select_candidates(struct lethe_select_set *set,
                                       const struct lethe_select_input *input,
                                       const struct lethe_select_options *options,
                                       struct lethe_watch *watch, struct lethe_error *err);
void lethe_select_candidates_release(struct lethe_select_set *set); /* zeroed ok */

#endif
