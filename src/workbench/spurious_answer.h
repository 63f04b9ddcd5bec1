/* SPDX-License-Identifier: MIT
 * What `spurious` answers: a mark's place in the network that stands, as a job on what it holds
 * itself. */
#ifndef LETHE_WORKBENCH_SPURIOUS_ANSWER_H
#define LETHE_WORKBENCH_SPURIOUS_ANSWER_H

#include "workbench/workbench.h"

struct lethe_spurious_job;

/* shown: units in the answer; whole: all held-out samples are classified, not the report half only.
 * LETHE_EARG: no held-out samples, samples without two groups. */
enum lethe_err lethe_spurious_job_new(struct lethe_spurious_job **job,
                                      const struct lethe_workbench *wb, size_t shown, int whole,
                                      struct lethe_error *err);
/* A task (job/lanes.h), its answer, and its release. */
enum lethe_err lethe_spurious_job_run(void *job, struct lethe_watch *watch,
                                      struct lethe_error *err);
enum lethe_err lethe_spurious_job_put(struct lethe_workbench *wb, void *job,
                                      struct lethe_value *out, struct lethe_error *err);
void lethe_spurious_job_free(void *job); /* NULL ok */

#endif
