/* SPDX-License-Identifier: MIT
 * The path of passes after a step, as figures beside the retrained model. */
#ifndef LETHE_WORKBENCH_PATH_FIGURES_H
#define LETHE_WORKBENCH_PATH_FIGURES_H

#include "removal/path.h"
#include "removal/stages.h"

struct lethe_path_figures {
    double kl;    /* to the retrained model over the forget samples of the path */
    double probs; /* recovery of their probabilities */
};
/* After k iterations; NAN without a warm retrain of the same samples. */
struct lethe_path_figures lethe_path_figures(const struct lethe_path *path, size_t k,
                                             const struct lethe_evaluation *before,
                                             const struct lethe_retrained *retrained);

struct lethe_workbench;
/* A reference to the path that is being made just now, or of the preview; NULL: none. */
struct lethe_path *lethe_workbench_path(const struct lethe_workbench *wb);

#endif
