/* SPDX-License-Identifier: MIT
 * Maps of where a network looks, as an answer and as a picture. */
#ifndef LETHE_WORKBENCH_ACTIVATION_ANSWER_H
#define LETHE_WORKBENCH_ACTIVATION_ANSWER_H

#include "lethe/plot.h"
#include "study/activation.h"
#include "workbench/workbench.h"

/* What is looked at: graph, data and the models there are, before, now and retrained; all borrowed
 * from the workbench until its next change. heldout: a sample never trained on. */
enum lethe_err lethe_activation_of(struct lethe_activation_spec *spec,
                                   const struct lethe_workbench *wb, size_t id, int heldout,
                                   struct lethe_error *err);
/* The number of a class given by number or name. LETHE_EARG: there is no such. */
enum lethe_err lethe_activation_class(long *class, const struct lethe_dataset *data,
                                      const char *name, struct lethe_error *err);
/* Figures and maps; of texts the words, the weightiest marked. */
enum lethe_err lethe_activation_put(struct lethe_value *out, const struct lethe_activation *seen,
                                    const struct lethe_workbench *wb, struct lethe_error *err);
/* The maps beside each other on one scale; new sheet. */
enum lethe_err lethe_activation_sheet(struct lethe_sheet **sheet,
                                      const struct lethe_activation *seen,
                                      const struct lethe_workbench *wb, struct lethe_error *err);

#endif
