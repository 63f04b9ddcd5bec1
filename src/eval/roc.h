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
/* A rule: a member when score >= at, or when it is not (below). */
struct lethe_threshold {
    double at; /* INFINITY: nobody is above */
    int below;
};
/* The rule with the largest balanced accuracy, whichever side of it the members are on; the highest
 * threshold of equal ones, above before below. Both groups must be present. */
struct lethe_threshold lethe_best_threshold(const struct lethe_ranked *ranked,
                                            const struct lethe_pool *pool);

#endif
