/* SPDX-License-Identifier: MIT
 * What is not committed: the forget set and the settings, as the session keeps them. Deciding takes
 * them, and the line it comes from, along in one write, so that a crash never leaves a forget set
 * that does not fit the history. */
#ifndef LETHE_WORKBENCH_DRAFT_H
#define LETHE_WORKBENCH_DRAFT_H

#include "workbench/workbench.h"

/* The settings alone, which name no sample; pairs is empty (lethe_pairs_release). */
enum lethe_err lethe_draft_settings(struct lethe_pairs *pairs, const struct lethe_workbench *wb,
                                    struct lethe_error *err);
/* Before a decision: the forget set as it will be after it, and the command's line. */
enum lethe_err lethe_draft_announce(struct lethe_workbench *wb, const struct lethe_ids *forget,
                                    struct lethe_error *err);
/* After it, with its code, which it returns: a line that was written is not written again. */
enum lethe_err lethe_draft_settled(struct lethe_workbench *wb, enum lethe_err code);
/* Settings and forget set as the session has them. What cannot be is dropped and said in the
 * workbench's remark: it never stands in the way of the history. */
void lethe_draft_restore(struct lethe_workbench *wb);

#endif
