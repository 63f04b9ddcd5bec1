/* SPDX-License-Identifier: MIT
 * Numbers of parameters that selectors are compared at: "300", or a share of all, "4%". */
#ifndef LETHE_STUDY_BUDGETS_H
#define LETHE_STUDY_BUDGETS_H

#include <stddef.h>
#include "lethe/error.h"

enum { LETHE_BUDGETS_MOST = 6, LETHE_BUDGET_NAME = 16 };

struct lethe_budgets {
    size_t count;
    size_t parameters[LETHE_BUDGETS_MOST];            /* at least 1, at most all */
    char name[LETHE_BUDGETS_MOST][LETHE_BUDGET_NAME]; /* as given */
};
/* A list with commas; size: parameters of the model. */
enum lethe_err lethe_budgets_read(struct lethe_budgets *budgets, const char *text, size_t size,
                                  struct lethe_error *err);

#endif
