/* SPDX-License-Identifier: MIT
 * Inside of a dataset, for the room only. A dataset may stand on another one: samples before
 * `first` are the other's, samples from there on are rows of raw. Labels are its own. */
#ifndef LETHE_DATA_DATASET_H
#define LETHE_DATA_DATASET_H

#include <stdatomic.h>
#include "lethe/dataset.h"

struct lethe_names {
    char **name;
    size_t count;
};

struct lethe_dataset {
    atomic_int refs;
    struct lethe_dataset *below; /* NULL: none */
    size_t first, n;             /* samples of below; samples altogether */
    struct lethe_array raw;      /* (n - first, dims), row-major */
    size_t width, ndim, dims[LETHE_ARRAY_DIMS], classes;
    size_t tokens;         /* rows of the vocabulary; 0: no texts */
    size_t channels, span; /* width = channels * span; channels 1: one mean and std for all */
    double *mean, *std;    /* (channels), in raw units */
    int *labels;           /* (n) */
    int *true_labels;      /* (n), NULL: as labels */
    int *groups;           /* (n), NULL: none */
    size_t group_count;
    struct lethe_names class_names, group_names, notes;
    struct lethe_encoding *encoding; /* of a table with columns of words; NULL: none */
};

/* Random streams of a generator's seed, by what they decide; of a canary's values i = sample. */
enum {
    LETHE_STREAM_SAMPLES,
    LETHE_STREAM_LABELS,
    LETHE_STREAM_CANARY,
    LETHE_STREAM_POINTS,
    LETHE_STREAM_HELDOUT_POINTS,
    LETHE_STREAM_HELDOUT_MARKS
};

/* An empty dataset with one reference and the shape, names and normalisation of `like`. */
struct lethe_dataset *lethe_dataset_like(const struct lethe_dataset *like, struct lethe_error *err);

enum lethe_err lethe_names_copy(struct lethe_names *names, const char *const *from, size_t count,
                                struct lethe_error *err);
void lethe_names_release(struct lethe_names *names);

#endif
