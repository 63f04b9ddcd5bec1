/* SPDX-License-Identifier: MIT
 * Who is taken for whom by their features: retrieval (rank-1, mean average precision) and
 * verification (equal error rate), by the cosine of the angle between features. */
#ifndef LETHE_EVAL_RETRIEVAL_H
#define LETHE_EVAL_RETRIEVAL_H

#include <stddef.h>
#include "lethe/error.h"

/* All arrays are borrowed. Samples of one group (of one tracklet) are near-duplicates: they are
 * never compared with each other. group NULL, or -1: a group of its own. */
struct lethe_feature_rows {
    const double *x; /* (n, width) row-major, finite */
    const int *label, *group;
    size_t n, width;
};

struct lethe_retrieval {
    size_t queries;           /* with anybody of their label in their gallery */
    double rank1;             /* share of them whose nearest has their label; NAN: none */
    double average_precision; /* mean over them; NAN: none */
    size_t same, other;       /* pairs of one label, of two */
    double eer;               /* of those pairs; NAN where there are none of one kind */
};

/* asks (n): samples that are queries; the gallery of each is everybody else, in the order of the
 * cosine and, where it is equal, of the samples. pairs (n): samples whose pairs are verified, those
 * with at least one query in them. The equal error rate is the mean of the two error rates at the
 * threshold (a pair's cosine) where they differ least, the highest such. LETHE_ENOMEM only. */
enum lethe_err lethe_retrieval_measure(struct lethe_retrieval *retrieval,
                                       const struct lethe_feature_rows *features,
                                       const unsigned char *asks, const unsigned char *pairs,
                                       struct lethe_error *err);

#endif
