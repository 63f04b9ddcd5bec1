/* SPDX-License-Identifier: MIT
 * Near-duplicates: what is to be forgotten may stay in the training set under another number.
 * Distances are Euclidean between normalised samples, divided by the root of the data's total
 * variance, so that two samples drawn at random are about 1.4 apart. Between texts it is the share
 * of words (padding left out, order ignored) of the longer one that the other has not: 0 to 1. */
#ifndef LETHE_NEAR_H
#define LETHE_NEAR_H

#include "lethe/cancel.h"
#include "lethe/dataset.h"

struct lethe_near {
    size_t forget, retained; /* ids */
    double distance;
};

struct lethe_near_options {
    double distance;                 /* at most this; 0: copies only */
    const size_t *forget, *retained; /* increasing */
    size_t forget_count, retained_count;
    size_t words; /* the first so many numbers of a sample are tokens; 0: no text */
};
/* The usual distance. The nearest pair of different images is .22 apart in digits, .21 in 500 of
 * MNIST, .33 in 200 of the ORL faces: what is nearer is the same image, changed a little. */
#define LETHE_NEAR_DISTANCE 0.2

/* *pairs (lethe_free) in order of distance, ties by ids; one for each retained sample that is near:
 * its nearest forget sample. */
enum lethe_err lethe_near_find(struct lethe_near **pairs, size_t *count,
                               const struct lethe_dataset *data,
                               const struct lethe_near_options *options, struct lethe_watch *watch,
                               struct lethe_error *err);

#endif
