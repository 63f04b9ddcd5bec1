/* SPDX-License-Identifier: MIT
 * What `metrics` shows: one row a figure, before | now | retrain, with its interval. */
#ifndef LETHE_STUDY_METRIC_ROWS_H
#define LETHE_STUDY_METRIC_ROWS_H

#include "study/model_metrics.h"

struct lethe_metric_row {
    char name[48], label[48];
    struct lethe_shown shown;
    struct lethe_measure now; /* its interval; NAN: none, its note says why */
    enum lethe_metric_look look;
};

/* Attacks and relearning; distances to the warm retrain; what it cost the samples that stay; all of
 * these and every other figure of one model. */
enum lethe_metrics_asked {
    LETHE_METRICS_ATTACK,
    LETHE_METRICS_DISTANCE,
    LETHE_METRICS_HARM,
    LETHE_METRICS_ALL
};

/* Does the work a question needs. */
enum lethe_err lethe_metric_rows_measure(struct lethe_model_metrics *of,
                                         enum lethe_metrics_asked asked, struct lethe_watch *watch,
                                         struct lethe_error *err);
/* The rows (*count) in new memory (lethe_free), from what was measured. */
enum lethe_err lethe_metric_rows_make(struct lethe_metric_row **rows, size_t *count,
                                      const struct lethe_model_metrics *of,
                                      enum lethe_metrics_asked asked, struct lethe_error *err);

#endif
