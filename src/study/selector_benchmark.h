/* SPDX-License-Identifier: MIT
 * Selectors at the same parameter budget. Forget samples are removed one at a time; every selector
 * gets the leading units of its order that fit the budget, the same curvature and one damping; the
 * score is the KL to the warm retrain without that sample. `random` is a band of many draws. */
#ifndef LETHE_STUDY_SELECTOR_BENCHMARK_H
#define LETHE_STUDY_SELECTOR_BENCHMARK_H

#include "removal/stages.h"

enum { LETHE_SELECTOR_BENCHMARK_BUDGETS = 3, LETHE_SELECTOR_BENCHMARK_MOST = 16 };

struct lethe_rival_score {
    double low, median, high; /* quartiles of the KL */
    size_t wins;              /* samples on which none is nearer; random counts by its median */
};
struct lethe_rival {
    const char *name;
    struct lethe_rival_score at[LETHE_SELECTOR_BENCHMARK_BUDGETS];
};
struct lethe_selector_benchmark {
    size_t budget[LETHE_SELECTOR_BENCHMARK_BUDGETS]; /* parameters at most: 120, 250, 500 */
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
};
enum lethe_err lethe_selector_benchmark_run(struct lethe_selector_benchmark *rivals,
                                            const struct lethe_snapshot *snapshot,
                                            const struct lethe_settings *settings,
                                            const struct lethe_selector_benchmark_options *options,
                                            struct lethe_watch *watch, struct lethe_error *err);

#endif
