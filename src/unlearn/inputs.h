/* SPDX-License-Identifier: MIT
 * A dataset's row holds all inputs of a sample side by side; a graph wants one array for each. */
#ifndef LETHE_UNLEARN_INPUTS_H
#define LETHE_UNLEARN_INPUTS_H

#include "lethe/nn.h"

/* inputs (graph's inputs) points into x (n, width) when there is one, else into split (n, width),
 * which is filled; split may be NULL for one input. */
void lethe_inputs_split(const double **inputs, double *split, const struct lethe_graph *graph,
                        const double *x, size_t n);

#endif
