/* SPDX-License-Identifier: MIT
 * Selectors at the same parameter budget. Forget samples are removed one at a time; every selector
 * gets the leading units, or single weights, of its order that fit the budget, the same curvature
 * and one damping; the score is the KL to the warm retrain without that sample. Units take the step
 * restricted to them, and the better ones of them the one fitted to the outcome, too; weights take
 * that one. `random` is a band of many draws. */
#ifndef LETHE_STUDY_SELECTOR_BENCHMARK_H
#define LETHE_STUDY_SELECTOR_BENCHMARK_H

#include "removal/stages.h"
#include "study/budgets.h"

enum { LETHE_SELECTOR_BENCHMARK_MOST = 20 };

struct lethe_rival_score {
    double low, median, high; /* quartiles of the KL */
    size_t wins;              /* samples on which none is nearer; random counts by its median */
};
/* A selector with an order of single weights, or a form of the step, of its own. */
struct lethe_rival {
    const char *name;                  /* "gain", "weights kl", "gain outcome" */
    const char *method, *order, *form; /* order, form NULL: as in the settings */
    struct lethe_rival_score at[LETHE_BUDGETS_MOST];
};
struct lethe_selector_benchmark {
    struct lethe_budgets budgets; /* parameters at most */
    size_t samples, draws;
    double mu;
    struct lethe_rival rival[LETHE_SELECTOR_BENCHMARK_MOST];
    size_t count;
    struct lethe_rival_score before, whole; /* the model as it is; a step of all parameters */
    size_t unconverged;                     /* retrainings that did not end at a minimum */
};

struct lethe_selector_benchmark_options {
    size_t samples; /* the first ones of the forget set */
    size_t draws;   /* of random */
    double mu;
    struct lethe_budgets budgets;
};
enum lethe_err lethe_selector_benchmark_run(struct lethe_selector_benchmark *benchmark,
                                            const struct lethe_snapshot *snapshot,
                                            const struct lethe_settings *settings,
                                            const struct lethe_selector_benchmark_options *options,
                                            struct lethe_watch *watch, struct lethe_error *err);

#endif
