/* SPDX-License-Identifier: MIT
 * Warm and cold retraining: two ways to call lethe_train. */
#include "lethe/retrain.h"

enum lethe_err lethe_retrain_warm(double *w, struct lethe_train_report *report,
                                  struct lethe_problem *problem, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct lethe_train_options options = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    options.metric = LETHE_TRAIN_METRIC;
    return lethe_train(w, report, problem, &options, watch, err);
}

enum lethe_err lethe_retrain_cold(double *w, struct lethe_train_report *report,
                                  struct lethe_problem *problem,
                                  const struct lethe_train_options *recipe, uint64_t seed,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_train_options options = *recipe;
    options.seed = seed;
    lethe_graph_init(lethe_problem_graph(problem), seed, w);
    return lethe_train(w, report, problem, &options, watch, err);
}
