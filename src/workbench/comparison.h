/* SPDX-License-Identifier: MIT
 * A comparison: what `compare` was asked for and what it found. */
#ifndef LETHE_WORKBENCH_COMPARISON_H
#define LETHE_WORKBENCH_COMPARISON_H

#include "study/approximations.h"
#include "study/leave_one_out.h"
#include "study/method_comparison.h"
#include "study/proximal_path.h"
#include "study/selector_benchmark.h"
#include "study/training_context.h"

struct lethe_workbench;

enum lethe_comparison_kind {
    LETHE_COMPARE_LADDER,
    LETHE_COMPARE_CURVATURES,
    LETHE_COMPARE_DAMPING,
    LETHE_COMPARE_SELECTORS,
    LETHE_COMPARE_SINGLES,
    LETHE_COMPARE_PROXIMAL,
    LETHE_COMPARE_METHODS,
    LETHE_COMPARE_MASKS
};

struct lethe_comparison {
    enum lethe_comparison_kind what;
    struct lethe_snapshot *origin; /* the workbench's, when the comparison was asked for */
    struct lethe_comparison_base base;
    struct lethe_variants variants;
    struct lethe_sweep sweep;
    struct lethe_selector_benchmark_options benchmark_options;
    struct lethe_selector_benchmark benchmark;
    size_t samples; /* of single removals */
    struct lethe_leave_one_out one_by_one;
    struct lethe_budgets budgets; /* of selectors and singles */
    char *picture;                /* file for a picture of selectors; NULL: none is wanted */
    size_t training_seeds;        /* of the proximal path */
    struct lethe_proximal_path proximal;
    struct lethe_method_comparison_options methods_options;
    struct lethe_method_comparison *methods; /* NULL: not asked for */
    struct lethe_retrained **colds;          /* (cold_count), NULL: to be made from its seed */
    uint64_t *seeds;                         /* (cold_count) */
    size_t cold_count;
    struct lethe_training_context training; /* of cold retrains */
};

/* As a task: arg is the comparison. */
enum lethe_err lethe_comparison_run(void *arg, struct lethe_watch *watch, struct lethe_error *err);
void lethe_comparison_free(void *arg); /* not NULL */
/* The workbench keeps what was made on the way and still holds. */
enum lethe_err lethe_comparison_adopt(struct lethe_workbench *wb, struct lethe_comparison *c,
                                      struct lethe_error *err);
/* Room for a table of methods; tuned: their parameters are searched first. */
enum lethe_err lethe_comparison_take_methods(struct lethe_comparison *c, int tuned, size_t trials,
                                             double budget, struct lethe_error *err);
/* Takes k of the workbench's cold retrains, and seeds for those that are missing. */
enum lethe_err lethe_comparison_take_colds(struct lethe_comparison *c,
                                           const struct lethe_workbench *wb, size_t k,
                                           struct lethe_error *err);

#endif
