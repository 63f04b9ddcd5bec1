/* SPDX-License-Identifier: MIT
 * Both groups of a pool in one list, the largest score first. */
#ifndef LETHE_EVAL_ROC_H
#define LETHE_EVAL_ROC_H

#include "lethe/eval.h"

struct lethe_ranked {
    double score;
    int member;
};
/* ranked is (members + nonmembers). */
void lethe_rank_pool(struct lethe_ranked *ranked, const struct lethe_pool *pool);
/* The threshold (score >= it: member) with the largest TPR + TNR; the highest of equal ones, and
 * INFINITY when calling nobody a member is best. Both groups must be present. */
double lethe_best_threshold(const struct lethe_ranked *ranked, const struct lethe_pool *pool);

#endif
