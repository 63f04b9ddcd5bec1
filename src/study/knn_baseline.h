/* SPDX-License-Identifier: MIT
 * Nearest neighbours as a baseline: a model that needs no training and forgets exactly, by
 * deletion, so that its figures show what forgetting looks like on a snapshot's samples. */
#ifndef LETHE_STUDY_KNN_BASELINE_H
#define LETHE_STUDY_KNN_BASELINE_H

#include "lethe/knn.h"
#include "removal/snapshot.h"

enum { LETHE_KNN_BASELINE_RETAINED = 2000 }; /* retained samples looked at, drawn from the seed */

struct lethe_knn_baseline {
    struct lethe_figures before, after; /* forget, retain, held-out (tune half); deletion between */
    size_t retained;                    /* retained samples that were looked at */
    double seconds;
};

/* k: neighbours that vote, 1 to LETHE_KNN_MOST. The network of the snapshot plays no part. */
enum lethe_err lethe_knn_baseline_measure(struct lethe_knn_baseline *baseline,
                                          const struct lethe_snapshot *snapshot, size_t k,
                                          struct lethe_watch *watch, struct lethe_error *err);

#endif
