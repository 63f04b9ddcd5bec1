/* SPDX-License-Identifier: MIT
 * Warm and cold retraining: two ways to call lethe_train. */
#include "lethe/retrain.h"

#include "unlearn/preconditioner.h"

struct lethe_train_options lethe_retrain_defaults(void)
{
    struct lethe_train_options options = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    options.metric = LETHE_TRAIN_METRIC;
    return options;
}

int lethe_retrain_by_recipe(const struct lethe_graph *graph,
                            const struct lethe_train_options *recipe)
{
    return recipe->method != LETHE_TRAIN_LBFGS && !lethe_preconditioner_possible(graph);
}

enum lethe_err lethe_retrain_warm(double *w, struct lethe_train_report *report,
                                  struct lethe_problem *problem,
                                  const struct lethe_train_options *options,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_train_options usual = lethe_retrain_defaults();
    return lethe_train(w, report, problem, options ? options : &usual, watch, err);
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
