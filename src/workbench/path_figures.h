/* SPDX-License-Identifier: MIT
 * The path of passes after a step, as figures beside the retrained model. */
#ifndef LETHE_WORKBENCH_PATH_FIGURES_H
#define LETHE_WORKBENCH_PATH_FIGURES_H

#include "removal/path.h"
#include "removal/stages.h"

/* KL to the retrained model over the forget samples after k iterations; NAN without one. */
double lethe_path_kl(const struct lethe_path *path, size_t k,
                     const struct lethe_retrained *retrained);

#endif
