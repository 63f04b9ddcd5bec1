/* SPDX-License-Identifier: MIT
 * Networks by description: "mlp:64-32-16-10", "mlp:32-16" (input and output from the data) or
 * "logreg". */
#ifndef LETHE_WORKBENCH_ARCHITECTURE_H
#define LETHE_WORKBENCH_ARCHITECTURE_H

#include "lethe/nn.h"

/* inputs and classes are the data's, 0 when there is no data; a description that names both must
 * agree with them. activation NULL: tanh. LETHE_EARG says what is allowed. */
enum lethe_err lethe_architecture_make(struct lethe_graph **graph, const char *description,
                                       const char *activation, size_t inputs, size_t classes,
                                       struct lethe_error *err);

#endif
