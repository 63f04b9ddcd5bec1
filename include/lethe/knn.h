/* SPDX-License-Identifier: MIT
 * k nearest neighbours: a model that forgets exactly, by deletion. There is nothing to train, so
 * the model after deletion is the one that never saw the samples: what the others are measured
 * against costs nothing here. */
#ifndef LETHE_KNN_H
#define LETHE_KNN_H

#include "lethe/cancel.h"
#include "lethe/dataset.h"

enum { LETHE_KNN_MOST = 256 }; /* neighbours */

struct lethe_knn {
    const struct lethe_dataset *data; /* what is remembered, and its labels */
    const size_t *ids;                /* (count) increasing */
    size_t count;
    const unsigned char *deleted; /* (count) 1: forgotten */
    size_t k, classes;            /* 1 <= k <= LETHE_KNN_MOST and the samples left */
};

/* Logits of the queries (n ids of `from`) before and after the deletion, each (n, classes):
 * log((votes + 1/classes) / (k + 1)), votes counted among the k samples nearest in Euclidean
 * distance of the normalised values, of texts by the cosine of the sets of their words; of equally
 * near ones the lower id. A remembered sample is its own nearest neighbour, as it is for a
 * membership attack. */
enum lethe_err lethe_knn_logits(double *before, double *after, const struct lethe_knn *knn,
                                const struct lethe_dataset *from, const size_t *queries, size_t n,
                                struct lethe_watch *watch, struct lethe_error *err);

#endif
