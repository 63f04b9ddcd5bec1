/* SPDX-License-Identifier: MIT
 * What there is to say about unlearning methods: the list, the one that is set with its
 * parameters, and how a preview was made by it. */
#ifndef LETHE_WORKBENCH_ANSWER_METHOD_H
#define LETHE_WORKBENCH_ANSWER_METHOD_H

#include "text/result.h"
#include "workbench/workbench.h"

/* "name": sets it with the parameters of `words` ("rate=1e-3 epochs=5", NULL: the usual ones). Of
 * the method that is set already, parameters that are not given stay as they are. */
enum lethe_err lethe_method_choose(struct lethe_workbench *wb, const char *name, const char *words,
                                   struct lethe_error *err);
/* The method that is set: formula, source, parameters with their published values and ranges. */
void lethe_method_put(struct lethe_value *out, const struct lethe_workbench *wb);
/* All methods, the one that is set marked. */
void lethe_method_put_list(struct lethe_value *out, const struct lethe_workbench *wb);
/* "method" and "with" of settings that do not make the Newton step; 0 where they do. */
int lethe_method_put_name(struct lethe_value *out, const struct lethe_settings *settings);
/* The rows of a preview that another method than the Newton step made. */
void lethe_method_put_step(struct lethe_value *out, const struct lethe_preview *preview);

#endif
