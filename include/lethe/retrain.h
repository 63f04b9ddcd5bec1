/* SPDX-License-Identifier: MIT
 * Retraining: what every removal is judged against. */
#ifndef LETHE_RETRAIN_H
#define LETHE_RETRAIN_H

#include "lethe/train.h"

/* L-BFGS to |grad F_R|_inf <= 1e-7, in the Gauss-Newton metric where there is one. */
struct lethe_train_options lethe_retrain_defaults(void);
/* Is a warm retraining of this network better done by its recipe? So where full-batch training does
 * not get to a minimum (more than plain linear layers) and the recipe is one of mini-batches. */
int lethe_retrain_by_recipe(const struct lethe_graph *graph,
                            const struct lethe_train_options *recipe);
/* From the weights before the removal (never from a preview), on R; options NULL: the
 * defaults. The control z_S is the same call with a problem over S: nothing removed. w goes in
 * as the weights before and comes out retrained. */
enum lethe_err lethe_retrain_warm(double *w, struct lethe_train_report *report,
                                  struct lethe_problem *problem,
                                  const struct lethe_train_options *options,
                                  struct lethe_watch *watch, struct lethe_error *err);
/* From fresh weights of the given seed, with the training recipe. w (size + buffers) is filled. */
enum lethe_err lethe_retrain_cold(double *w, struct lethe_train_report *report,
                                  struct lethe_problem *problem,
                                  const struct lethe_train_options *recipe, uint64_t seed,
                                  struct lethe_watch *watch, struct lethe_error *err);

#endif
