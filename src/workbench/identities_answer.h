/* SPDX-License-Identifier: MIT
 * What the network knows of the forgotten classes and of all others, before, now and retrained: a
 * job on the weights there are, and its answer. */
#ifndef LETHE_WORKBENCH_IDENTITIES_ANSWER_H
#define LETHE_WORKBENCH_IDENTITIES_ANSWER_H

#include "study/identities.h"
#include "workbench/workbench.h"

struct lethe_identities_job;
/* whole: all held-out samples, else their tune half. path: NPZ file for the arrays before, or NULL.
 * Takes copies and references of all it needs. */
enum lethe_err lethe_identities_job_new(struct lethe_identities_job **job,
                                        struct lethe_workbench *wb, int whole, const char *path,
                                        struct lethe_error *err);
/* As a task (text/command.h). */
enum lethe_err lethe_identities_job_run(void *job, struct lethe_watch *watch,
                                        struct lethe_error *err);
enum lethe_err lethe_identities_job_put(struct lethe_workbench *wb, void *job,
                                        struct lethe_value *out, struct lethe_error *err);
void lethe_identities_job_free(void *job);

#endif
