/* SPDX-License-Identifier: MIT
 * why, of a single weight. */
#ifndef LETHE_WORKBENCH_WHY_WEIGHT_H
#define LETHE_WORKBENCH_WHY_WEIGHT_H

#include "text/result.h"
#include "workbench/workbench.h"

/* entry: of w. LETHE_EARG where no order of weights is there. */
enum lethe_err lethe_why_weight_put(struct lethe_value *out, const struct lethe_workbench *wb,
                                    size_t entry, struct lethe_error *err);

#endif
