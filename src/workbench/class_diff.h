/* SPDX-License-Identifier: MIT
 * Two states of a session class by class, on the held-out samples for choosing. */
#ifndef LETHE_WORKBENCH_CLASS_DIFF_H
#define LETHE_WORKBENCH_CLASS_DIFF_H

#include "lethe/cancel.h"
#include "lethe/session.h"
#include "text/result.h"

struct lethe_class_diff;
struct lethe_workbench;

/* For a task: arg is the difference. Takes copies of the states' weights. LETHE_EARG without
 * samples. */
enum lethe_err lethe_class_diff_new(struct lethe_class_diff **diff,
                                    const struct lethe_workbench *wb, const struct lethe_state *a,
                                    const struct lethe_state *b, struct lethe_error *err);
enum lethe_err lethe_class_diff_run(void *arg, struct lethe_watch *watch, struct lethe_error *err);
void lethe_class_diff_free(void *arg); /* NULL ok */
/* "classes": accuracy and loss of each under a and b, most changed first. */
enum lethe_err lethe_class_diff_adopt(struct lethe_workbench *wb, void *arg,
                                      struct lethe_value *out, struct lethe_error *err);

#endif
