/* SPDX-License-Identifier: MIT
 * How the session stands, in words: kept, not kept, resumed with so many commits and samples gone.
 * Every skin says the same. */
#ifndef LETHE_WORKBENCH_ANSWER_SESSION_H
#define LETHE_WORKBENCH_ANSWER_SESSION_H

#include "text/command.h"
#include "text/result.h"
#include "workbench/workbench.h"

/* After load or open: notes on what a person would not expect, among them that an earlier run
 * goes on. */
void lethe_standing_put_notes(struct lethe_value *out, const struct lethe_workbench *wb);
/* For `info`: kept, and what was resumed. */
void lethe_standing_put(struct lethe_value *out, const struct lethe_workbench *wb);
/* After a move in the history: id and kind of the commit that is the head now, and its branch.
 * There is a session. */
void lethe_standing_put_head(struct lethe_value *out, const struct lethe_workbench *wb);
/* What would be lost by leaving now: one sentence, "" when nothing would. `export` counts as having
 * taken the result along. */
void lethe_standing_loss(struct lethe_text *out, const struct lethe_workbench *wb);
/* Before a command that puts a new history in the place of this one: a person is asked once, as by
 * `quit`, when commits would be lost (LETHE_EARG); a script gets a note. */
enum lethe_err lethe_standing_leave(struct lethe_call *call, struct lethe_error *err);

#endif
