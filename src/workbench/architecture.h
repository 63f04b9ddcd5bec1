/* SPDX-License-Identifier: MIT
 * Networks by description: "mlp:64-32-16-10", "mlp:32-16" (input and output from the data) or
 * "logreg". */
#ifndef LETHE_WORKBENCH_ARCHITECTURE_H
#define LETHE_WORKBENCH_ARCHITECTURE_H

#include "lethe/nn.h"

/* inputs and classes are the data's, 0 when there is no data. Widths that begin with the inputs or
 * end in the classes are those of the whole network and must fit both; others are hidden layers.
 * activation NULL: tanh. LETHE_EARG says what is allowed. */
enum lethe_err lethe_architecture_make(struct lethe_graph **graph, const char *description,
                                       const char *activation, size_t inputs, size_t classes,
                                       struct lethe_error *err);
/* "64-32-10", the widths of a network made so. */
void lethe_architecture_text(char text[200], const struct lethe_graph *graph);

#endif
