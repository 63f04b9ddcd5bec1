/* SPDX-License-Identifier: MIT
 * Changes of the forget set. */
#ifndef LETHE_WORKBENCH_FORGET_SET_H
#define LETHE_WORKBENCH_FORGET_SET_H

#include "lethe/near.h"
#include "removal/ids.h"
#include "workbench/project.h"

struct lethe_workbench;

/* Adds samples (increasing), none of which may be in the forget set yet. */
enum lethe_err lethe_workbench_forget_more(struct lethe_workbench *wb,
                                           const struct lethe_ids *given, struct lethe_error *err);
/* Takes samples (increasing) out, all of which must be in it. */
enum lethe_err lethe_workbench_forget_less(struct lethe_workbench *wb,
                                           const struct lethe_ids *given, struct lethe_error *err);
/* Pairs of a sample to forget and a retained one that is nearly the same: *found of them, nearest
 * first, in new memory (lethe_free). *too_many: they were not looked for, for it would take long.
 */
enum lethe_err lethe_near_forget_set(struct lethe_near **pairs, size_t *found, int *too_many,
                                     const struct lethe_project *project, struct lethe_error *err);

#endif
