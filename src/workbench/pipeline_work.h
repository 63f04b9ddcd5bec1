/* SPDX-License-Identifier: MIT
 * What a piece of background work holds; for the two files of the pipeline. */
#ifndef LETHE_WORKBENCH_PIPELINE_WORK_H
#define LETHE_WORKBENCH_PIPELINE_WORK_H

#include "workbench/pipeline.h"
#include "workbench/workbench.h"

enum lethe_pipeline_kind {
    WORK_SELECT,
    WORK_PREVIEW,
    WORK_COMPLETE,
    WORK_SPECTRUM,
    WORK_LEVERAGE,
    WORK_WARM,
    WORK_AHEAD, /* EKFAC, before anybody asks for it */
    WORK_COLD
};

struct lethe_pipeline {
    enum lethe_pipeline_kind kind;
    int with_warm; /* a preview that also retrains */
    int glance;    /* a first look is enough */
    int sparing;   /* no other look comes after it */
    int canonical; /* the step must be the one the settings alone give */
    struct lethe_workbench *wb;
    struct lethe_snapshot *snapshot;
    struct lethe_snapshot *at; /* what the stages work on, borrowed: removal/head_snapshot.h */
    struct lethe_settings settings;
    struct lethe_selected *selected;
    struct lethe_selected *here; /* the same with the numbers of `at` */
    struct lethe_blanket_curvature *curve, *whole;
    struct lethe_factor *factor, *leading, *estimate;
    struct lethe_whole *against; /* that a blanket's reach is measured with */
    struct lethe_preview *preview;
    struct lethe_leverage *leverage;
    struct lethe_retrained *warm;
    struct lethe_retrained **colds; /* (cold_count), NULL: to be made */
    uint64_t *cold_seeds;
    size_t cold_count;
    struct lethe_training_context training; /* of cold retrains */
    size_t size;                            /* of a spectrum */
};

/* Work on references to what the workbench has now; lethe_pipeline_release frees it. */
enum lethe_err lethe_pipeline_new(struct lethe_pipeline **out, struct lethe_workbench *wb,
                                  enum lethe_pipeline_kind kind, struct lethe_error *err);

/* Whether work->factor is the kind that the settings alone give for that many parameters. */
int lethe_pipeline_is_usual(const struct lethe_pipeline *work, size_t size);
/* work->factor for so many units of work->curve at the damping that is set (pipeline_factor.c). */
enum lethe_err lethe_pipeline_factor(struct lethe_pipeline *work, size_t units,
                                     struct lethe_watch *watch, struct lethe_error *err);

#endif
