/* SPDX-License-Identifier: MIT
 * A search for a method's parameters: what `tune` was asked for and what it found. */
#ifndef LETHE_WORKBENCH_TUNING_H
#define LETHE_WORKBENCH_TUNING_H

#include "study/tune.h"
#include "text/result.h"

struct lethe_workbench;
struct lethe_tuning_work;

/* For a task: arg is the work. budget in seconds, 0: no end. LETHE_EARG where the method has no
 * parameters, or samples that a retraining needs are missing. */
enum lethe_err lethe_tuning_work_new(struct lethe_tuning_work **work, struct lethe_workbench *wb,
                                     const char *method, size_t trials, double budget,
                                     struct lethe_error *err);
enum lethe_err lethe_tuning_work_run(void *arg, struct lethe_watch *watch, struct lethe_error *err);
void lethe_tuning_work_free(void *arg); /* NULL ok */
/* The best parameters become those of the workbench, which notes them as a line of its own, and
 * the trials are told. */
enum lethe_err lethe_tuning_work_adopt(struct lethe_workbench *wb, void *arg,
                                       struct lethe_value *out, struct lethe_error *err);

#endif
