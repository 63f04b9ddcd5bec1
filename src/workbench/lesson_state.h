/* SPDX-License-Identifier: MIT
 * What is on the workbench, by names that a lesson's conditions are written with. */
#ifndef LETHE_WORKBENCH_LESSON_STATE_H
#define LETHE_WORKBENCH_LESSON_STATE_H

#include "base/hash.h"
#include "base/json.h"
#include "workbench/workbench.h"

/* The tree: model, train, heldout, parameters, units, gone, commits, undone, retrained, cold,
 * surface, leverage, plane, shown (the plot on the screen); forget.count and .ids; every setting by
 * its name; selected.method, .accepted, .order; blanket_units; why.unit and .score; null;
 * stability; preview with the figures as `preview` names them, and answer.COMMAND with what a
 * command answered last. The caller frees it; NULL without memory. `mark`, which may be NULL, tells
 * states apart by all but the answers. */
struct lethe_json *lethe_lesson_state(const struct lethe_workbench *wb, char mark[LETHE_HASH_TEXT]);
/* 1 when a condition may ask for this name: the part before its first dot is known. */
int lethe_lesson_knows(const char *name);

#endif
