/* SPDX-License-Identifier: MIT
 * Training of the last layer alone. */
#ifndef LETHE_WORKBENCH_TRAIN_HEAD_H
#define LETHE_WORKBENCH_TRAIN_HEAD_H

#include "lethe/problem.h"
#include "lethe/train.h"

/* As lethe_train, but only the linear layer that makes the logits changes: softmax regression on
 * its inputs, which one pass over the samples of the problem finds. w is all of the network's. */
enum lethe_err lethe_train_head(double *w, struct lethe_train_report *report,
                                struct lethe_problem *problem,
                                const struct lethe_train_options *options,
                                struct lethe_watch *watch, struct lethe_error *err);

#endif
