/* SPDX-License-Identifier: MIT
 * An evaluation: the logits of given weights on a snapshot's samples, and their figures. */
#ifndef LETHE_REMOVAL_EVALUATION_H
#define LETHE_REMOVAL_EVALUATION_H

#include "removal/worker_problems.h"

/* What weights w say: logits on forget, retain and one half of the held-out set, with all tier-0
 * figures. With heldout GLANCE it is a first look: the retained samples are left out. */
struct lethe_reading {
    double *logits[LETHE_SIDES];
    int *labels[LETHE_SIDES];
    size_t count[LETHE_SIDES], classes;
    enum lethe_side heldout; /* TUNE or REPORT: which half; GLANCE: a part of TUNE */
    struct lethe_figures figures;
};
enum lethe_err lethe_reading_measure(struct lethe_reading *outcome, const struct lethe_scene *scene,
                                     struct lethe_kit *kit, const double *w,
                                     enum lethe_side heldout, struct lethe_watch *watch,
                                     struct lethe_error *err);
void lethe_reading_release(struct lethe_reading *outcome); /* zeroed ok */

#endif
