/* SPDX-License-Identifier: MIT
 * The answer of `preview`, which `commit` keeps with its state. */
#ifndef LETHE_WORKBENCH_ANSWER_PREVIEW_H
#define LETHE_WORKBENCH_ANSWER_PREVIEW_H

#include "lethe/eval.h"
#include "text/result.h"

struct lethe_preview;
struct lethe_workbench;

/* The n-th figure of one model without a flag (LETHE_METRIC_NOT_IN_...), for help; 0: no more. */
int lethe_metric_entry(size_t n, unsigned without, const char **name, const char **meaning);
/* How a figure of one model is shown. */
unsigned lethe_look_hints(enum lethe_metric_look look);
/* Figures, step and notes of the preview that is there. */
void lethe_preview_put(struct lethe_value *out, const struct lethe_workbench *wb);
/* The usual rules for damping as an object `hints`, from the spectrum and the step's own success.
 */
void lethe_preview_put_hints(struct lethe_value *out, const struct lethe_preview *preview,
                             double mu);

#endif
