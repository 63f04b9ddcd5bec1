/* SPDX-License-Identifier: MIT
 * The answer of `compare`. */
#ifndef LETHE_WORKBENCH_ANSWER_COMPARISON_H
#define LETHE_WORKBENCH_ANSWER_COMPARISON_H

#include "text/result.h"
#include "workbench/comparison.h"

/* The answer: a table for each kind, and notes. */
void lethe_comparison_put(struct lethe_value *out, const struct lethe_comparison *c);

#endif
