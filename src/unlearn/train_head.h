/* SPDX-License-Identifier: MIT
 * Training of the last layer alone. */
#ifndef LETHE_UNLEARN_TRAIN_HEAD_H
#define LETHE_UNLEARN_TRAIN_HEAD_H

#include "lethe/problem.h"
#include "lethe/train.h"

/* What the layer that makes the logits sees of samples: they cost a pass over the network, and what
 * trains the layer needs no other. */
struct lethe_head_features {
    size_t count, width;
    double *x;   /* (count, width) */
    int *labels; /* (count) */
};

void lethe_head_features_release(struct lethe_head_features *features);
/* 1 where the network ends in a linear layer with a bias, as many units as classes. */
int lethe_head_possible(const struct lethe_graph *graph);
/* Of all samples of a problem, in its order, at weights w. LETHE_EARG where the network does not
 * end in a linear layer with a bias. */
enum lethe_err lethe_head_features_make(struct lethe_head_features *features, const double *w,
                                        struct lethe_problem *problem, struct lethe_watch *watch,
                                        struct lethe_error *err);
/* The layer's weights within w (those of graph), by softmax regression on the samples of rows
 * (count; NULL: all of them). */
enum lethe_err lethe_head_features_train(double *w, struct lethe_train_report *report,
                                         const struct lethe_graph *graph,
                                         const struct lethe_head_features *features,
                                         const size_t *rows, size_t count, double decay,
                                         const struct lethe_train_options *options,
                                         struct lethe_watch *watch, struct lethe_error *err);
/* Both: as lethe_train, but only the linear layer that makes the logits changes. w is all of the
 * network's. */
enum lethe_err lethe_train_head(double *w, struct lethe_train_report *report,
                                struct lethe_problem *problem,
                                const struct lethe_train_options *options,
                                struct lethe_watch *watch, struct lethe_error *err);

#endif
