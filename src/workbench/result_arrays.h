/* SPDX-License-Identifier: MIT
 * What the workbench works with, as named arrays that can be written to a file. */
#ifndef LETHE_WORKBENCH_RESULT_ARRAYS_H
#define LETHE_WORKBENCH_RESULT_ARRAYS_H

#include "lethe/array.h"
#include "removal/settings.h"
#include "removal/snapshot.h"

enum { LETHE_ARRAYS_MOST = 64, LETHE_ARRAYS_NAME = 48 };

struct lethe_workbench;

/* Zeroed before the first is added; the arrays are owned. */
struct lethe_result_arrays {
    struct lethe_npz_member members[LETHE_ARRAYS_MOST];
    char names[LETHE_ARRAYS_MOST][LETHE_ARRAYS_NAME];
    size_t count;
};
void lethe_result_arrays_release(struct lethe_result_arrays *arrays); /* zeroed ok */

/* A new array (rows, columns) of doubles to be filled, or (rows) when columns is 0; borrowed. NULL
 * with err filled. */
double *lethe_arrays_add(struct lethe_result_arrays *out, const char *name, size_t rows,
                         size_t columns, struct lethe_error *err);

/* Each adds what its name says; what was added before stays. LETHE_EARG where the result is missing
 * that they are of, or there would be too many arrays. err is not NULL. */
/* Of each forget sample the pre-activations (copies, units) and losses of its perturbed copies. */
enum lethe_err lethe_arrays_activations(struct lethe_result_arrays *out,
                                        const struct lethe_snapshot *snapshot,
                                        const struct lethe_settings *settings,
                                        struct lethe_watch *watch, struct lethe_error *err);
/* Ids, labels, losses and margins of each set, before, now and retrained. */
enum lethe_err lethe_arrays_losses(struct lethe_result_arrays *out,
                                   const struct lethe_workbench *wb, struct lethe_error *err);
/* The selection in its order, and the marginal T of every unit. */
enum lethe_err lethe_arrays_scores(struct lethe_result_arrays *out,
                                   const struct lethe_workbench *wb, struct lethe_error *err);
/* All weights before and now, and the difference. */
enum lethe_err lethe_arrays_delta(struct lethe_result_arrays *out, const struct lethe_workbench *wb,
                                  struct lethe_error *err);
/* The numbers of the views of the preview that were looked at, and of the trail. */
enum lethe_err lethe_arrays_views(struct lethe_result_arrays *out, const struct lethe_workbench *wb,
                                  struct lethe_error *err);

#endif
