/* SPDX-License-Identifier: MIT
 * The path of a removal that went on after its step: what each iteration led to. */
#ifndef LETHE_REMOVAL_PATH_H
#define LETHE_REMOVAL_PATH_H

#include <stddef.h>

struct lethe_path_point {
    double objective, gradient; /* F_R, |grad F_R|_inf */
    double forget_accuracy, heldout_accuracy, forget_loss;
};
/* Immutable and shared. */
struct lethe_path {
    int refs;
    size_t count; /* at[0] is after the step, at[k] after k iterations */
    size_t samples, classes;
    struct lethe_path_point *at; /* (count) */
    double *logits;              /* (count, samples, classes) of the forget samples */
    size_t evaluations;          /* passes over all that is retained */
    double seconds;
};

struct lethe_path *lethe_path_ref(struct lethe_path *path);
void lethe_path_unref(struct lethe_path *path); /* NULL ok */

#endif
