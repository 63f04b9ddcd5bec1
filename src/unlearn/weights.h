/* SPDX-License-Identifier: MIT
 * Names of single weights: their tensor and their place in it. */
#ifndef LETHE_UNLEARN_WEIGHTS_H
#define LETHE_UNLEARN_WEIGHTS_H

#include "lethe/nn.h"

/* "fc1.weight[33,5]", "fc1.bias[33]"; entry < lethe_graph_size. Returns name. */
char *lethe_weight_name(char *name, size_t size, const struct lethe_graph *graph, size_t entry);
/* Whether there is such a trainable weight; also as "w[1454]". */
int lethe_weight_find(size_t *entry, const struct lethe_graph *graph, const char *name);

#endif
