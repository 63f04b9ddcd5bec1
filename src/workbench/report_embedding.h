/* SPDX-License-Identifier: MIT
 * The embedding of a report: what the last layer is given, in two dimensions, as the model had it
 * where it began, has it now, and has it when it is retrained, side by side on the same axes. */
#ifndef LETHE_WORKBENCH_REPORT_EMBEDDING_H
#define LETHE_WORKBENCH_REPORT_EMBEDDING_H

#include "lethe/plot.h"
#include "workbench/project.h"

enum { LETHE_REPORT_MODELS = 3 }; /* where it began, now, retrained */

/* The usual words for them. */
const char *lethe_report_model(size_t m);

struct lethe_report_embedding {
    const struct lethe_project *project;
    const size_t *forgotten; /* (count) training samples */
    size_t count;
    const double *w[LETHE_REPORT_MODELS]; /* (size + buffers) each; NULL: there is none */
};

/* *sheet is new (unref), NULL where the network has one layer only or its last one is used at
 * several places. The axes are the principal components under the first model, of at most 400
 * retained and 200 forgotten samples. */
enum lethe_err lethe_report_embedding_make(struct lethe_sheet **sheet,
                                           const struct lethe_report_embedding *spec,
                                           struct lethe_watch *watch, struct lethe_error *err);

#endif
