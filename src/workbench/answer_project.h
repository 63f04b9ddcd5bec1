/* SPDX-License-Identifier: MIT
 * Answers about a model and its data: their sizes, and notes on what was read in another way than a
 * person may think. */
#ifndef LETHE_WORKBENCH_ANSWER_PROJECT_H
#define LETHE_WORKBENCH_ANSWER_PROJECT_H

#include "text/result.h"
#include "workbench/workbench.h"

/* Name, sizes and weight decay of what is loaded; a model that is not there yet has no sizes. */
void lethe_put_project(struct lethe_value *out, const struct lethe_workbench *wb);
/* Keys of a bundle that nobody knows, with the nearest known one. */
void lethe_put_unknown_keys(struct lethe_value *out, const struct lethe_bundle *bundle);
/* How the file ends, when not in logits, and what was read in another way. graph may be NULL. */
void lethe_put_model_notes(struct lethe_value *out, const struct lethe_graph *graph);
/* Outputs that no label reaches. */
void lethe_put_idle_classes(struct lethe_value *out, const struct lethe_project *project);
/* What the readers noticed, and held-out samples that were trained on. */
void lethe_put_data_notes(struct lethe_value *out, const struct lethe_project *project);

#endif
