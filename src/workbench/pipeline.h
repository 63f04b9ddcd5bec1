/* SPDX-License-Identifier: MIT
 * The long computations of a removal, ready for a lane: struct lethe_pipeline fits a command's task
 * (run, finish, release). lethe_pipeline_adopt, called from finish, takes in what still fits. */
#ifndef LETHE_WORKBENCH_PIPELINE_H
#define LETHE_WORKBENCH_PIPELINE_H

#include <stddef.h>
#include "lethe/cancel.h"

struct lethe_pipeline;
struct lethe_workbench;

enum {
    LETHE_PIPELINE_SELECT_ONLY = 1, /* only the order of the units */
    LETHE_PIPELINE_WITH_WARM = 2,   /* and the warm retrain, when it can be made */
    LETHE_PIPELINE_GLANCE = 4,      /* where the whole takes long, a partial preview first */
    LETHE_PIPELINE_CANONICAL = 8,   /* a step that is a function of the settings, for a commit */
    LETHE_PIPELINE_SPARING = 16     /* figures of forget and held-out samples only */
};

/* Each takes a snapshot of the workbench. Needs model, data, weight decay and a forget set. A
 * preview makes what is missing on the way: selection (unless the blanket is `all`), curvature,
 * factor. */
enum lethe_err lethe_pipeline_preview(struct lethe_workbench *wb, struct lethe_pipeline **work,
                                      unsigned flags, struct lethe_error *err);
enum lethe_err lethe_pipeline_warm(struct lethe_workbench *wb, struct lethe_pipeline **work,
                                   struct lethe_error *err);
/* Cold retrains with the seeds after the workbench's, those that are there already left out. */
enum lethe_err lethe_pipeline_cold(struct lethe_workbench *wb, struct lethe_pipeline **work,
                                   size_t k, struct lethe_error *err);

/* The leverage of every sample, with selection and curvature where they are missing. */
enum lethe_err lethe_pipeline_leverage(struct lethe_workbench *wb, struct lethe_pipeline **work,
                                       struct lethe_error *err);

/* task.run, task.release */
enum lethe_err lethe_pipeline_run(void *arg, struct lethe_watch *watch, struct lethe_error *err);
void lethe_pipeline_release(void *arg); /* NULL ok */
/* On the owner's thread, after run succeeded. */
enum lethe_err lethe_pipeline_adopt(struct lethe_workbench *wb, struct lethe_pipeline *work,
                                    struct lethe_error *err);

/* Fills in what a partial preview left out, on the interactive lane: a newer request replaces it.
 */
enum lethe_err lethe_pipeline_start_complete(struct lethe_workbench *wb, struct lethe_error *err);
/* Started on the background lane without an answer to anyone: the warm retrain; and the form of
 * the curvature that makes every damping instant, when the last preview had to do without it. */
enum lethe_err lethe_pipeline_start_warm(struct lethe_workbench *wb, struct lethe_error *err);
enum lethe_err lethe_pipeline_start_spectrum(struct lethe_workbench *wb, struct lethe_error *err);
/* Likewise EKFAC of the head's weights, as soon as model and data are there and it is work worth
 * doing ahead; once for each head. No error: what asks for it makes it. */
void lethe_pipeline_start_ahead(struct lethe_workbench *wb);

#endif
