/* SPDX-License-Identifier: MIT
 * A training of the project's samples: which network, which samples, from which weights. Made by
 * the workbench, run as a job on what it holds itself. */
#ifndef LETHE_WORKBENCH_TRAINING_H
#define LETHE_WORKBENCH_TRAINING_H

#include "text/result.h"
#include "workbench/penalty.h"
#include "workbench/project.h"

struct lethe_training {
    const void *stood[2]; /* model and data when it began: compared, never looked into */
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_project fresh; /* data that come with the training; zeroed: the project's */
    size_t *ids, count;         /* samples trained on */
    double *w;                  /* (size + buffers) */
    double decay;
    enum lethe_dtype dtype;
    struct lethe_train_options options;
    struct lethe_train_report report;
    int further;         /* from the weights at the head of the history */
    int last_layer_only; /* 'train head' */
    struct lethe_penalty penalty;
    char widths[200]; /* of a network made by description: "64-32-10"; "" else */
};

/* Takes network, samples and weights for the options, `further`, `last_layer_only` and the
 * penalty's words given. model and activation describe a network; NULL: the one there is, else the
 * bundle's. */
enum lethe_err lethe_training_begin(struct lethe_training *training,
                                    const struct lethe_project *project, const char *model,
                                    const char *activation, struct lethe_error *err);
/* A task (job/lanes.h) and its release. */
enum lethe_err lethe_training_run(void *training, struct lethe_watch *watch,
                                  struct lethe_error *err);
void lethe_training_free(void *training);
/* How it went. */
void lethe_training_put(struct lethe_value *out, const struct lethe_training *training);

#endif
