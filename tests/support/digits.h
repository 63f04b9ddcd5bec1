/* SPDX-License-Identifier: MIT
 * The handwritten digits (1,437 for training, 360 held out, 8 x 8 pixels / 16) for tests and
 * measurements, optionally with 10 % of the training labels changed. */
#ifndef LETHE_TESTS_DIGITS_H
#define LETHE_TESTS_DIGITS_H

#include "lethe/dataset.h"
#include "lethe/problem.h"

enum { DIGITS_TRAIN = 1437, DIGITS_HELDOUT = 360, DIGITS_CHANGED = 144, DIGITS_CLASSES = 10 };

struct digits {
    struct lethe_dataset *train, *heldout;
    int truth[DIGITS_TRAIN]; /* labels as in the file */
    size_t changed[DIGITS_CHANGED];
};

/* 0 when the files are neither in sample_models/digits nor in ../shared/data/digits. mislabelled
 * not 0: labels of `changed`, drawn from this seed, become another class. */
int digits_open(struct digits *digits, uint64_t mislabelled);
void digits_close(struct digits *digits);
/* 0 .. n - 1 without gone (m); kept has room for n - m. */
void digits_without(size_t *kept, size_t n, const size_t *gone, size_t m);
struct lethe_problem *digits_problem(struct lethe_graph *graph, struct lethe_dataset *data,
                                     const size_t *ids, size_t count, double decay);

#endif
