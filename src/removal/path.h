/* SPDX-License-Identifier: MIT
 * The path of a removal that goes on after its step: what the network says along it. */
#ifndef LETHE_REMOVAL_PATH_H
#define LETHE_REMOVAL_PATH_H

#include <stdatomic.h>
#include <stddef.h>

#include "lethe/error.h"

struct lethe_path_point {
    double objective, gradient; /* F_R, |grad F_R|_inf */
    double forget_accuracy, heldout_accuracy, forget_loss;
};
/* Shared. It grows at its end while passes are made, for one writer; what is there is final. */
struct lethe_path {
    int refs;
    atomic_size_t count; /* at[0] is after the step, at[k] after k iterations */
    size_t asked;        /* iterations that were asked for */
    int stopped;         /* somebody wanted no more of them */
    size_t samples, classes;
    struct lethe_path_point *at; /* (asked + 1) */
    double *logits;     /* (asked + 1, samples, classes) of the first `samples` forget samples */
    size_t evaluations; /* passes over all that is retained, once it has ended */
    double seconds;
};

/* Of all `samples` where what they say along the path fits 64 MB, else of as many as do. */
enum lethe_err lethe_path_new(struct lethe_path **path, size_t passes, size_t samples,
                              size_t classes, struct lethe_error *err);
struct lethe_path *lethe_path_ref(struct lethe_path *path);
void lethe_path_unref(struct lethe_path *path); /* NULL ok */
/* What the next iteration led to; logits (samples, classes). Nothing once it is full. */
void lethe_path_add(struct lethe_path *path, const struct lethe_path_point *pass,
                    const double *logits);

#endif
