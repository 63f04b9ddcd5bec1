/* SPDX-License-Identifier: MIT
 * The answer of `compare`. */
#ifndef LETHE_CMD_ANSWER_COMPARE_H
#define LETHE_CMD_ANSWER_COMPARE_H

#include "text/result.h"
#include "workbench/comparison.h"

/* The answer: a table for each kind, and notes. */
void lethe_comparison_put(struct lethe_value *out, const struct lethe_comparison *c);

#endif
