/* SPDX-License-Identifier: MIT
 * A small classification problem made from a seed: Gaussian clouds, one for each class. */
#ifndef LETHE_TESTS_BLOBS_H
#define LETHE_TESTS_BLOBS_H

#include "lethe/dataset.h"
#include "lethe/problem.h"

struct lethe_dataset *blobs(size_t n, size_t width, size_t classes, uint64_t seed);
/* A multilayer perceptron with tanh; widths end with a 0. */
struct lethe_graph *blobs_net(const size_t *widths);
/* Two convolutions of 6 x 6 pixels, three classes. */
struct lethe_graph *blobs_cnn(void);
/* Over ids (NULL: the first count), in double. */
struct lethe_problem *blobs_problem(struct lethe_graph *graph, struct lethe_dataset *data,
                                    const size_t *ids, size_t count, double decay);

#endif
