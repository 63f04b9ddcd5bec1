/* SPDX-License-Identifier: MIT
 * The one executor behind prompt, screen and scripts. A line goes in, the answer goes to a sink:
 * at once for quick commands; for those that compute, when their work is done. All calls are for
 * the thread that owns the workbench. */
#ifndef LETHE_WORKBENCH_EXECUTE_H
#define LETHE_WORKBENCH_EXECUTE_H

#include "text/command.h"
#include "text/line.h"
#include "text/sink.h"

enum lethe_execute_mode {
    LETHE_EXECUTE_WAIT, /* returns when the command is done */
    LETHE_EXECUTE_START /* returns at once: the sink gets the job's number, and what came of it out
                           of lethe_jobs_deliver */
};

/* Runs one command. The line is only read. Returns the code of the command, or 0 when its work has
 * only been started, whose number comes first; the sink gets every answer exactly once. */
enum lethe_err lethe_execute(struct lethe_workbench *wb, const struct lethe_line *line,
                             enum lethe_execute_mode mode, const struct lethe_sink *sink);
/* Runs all commands of a text, waiting for each; stops at the first that fails unless keep_going.
 * Returns the code of the first one that failed. */
enum lethe_err lethe_execute_text(struct lethe_workbench *wb, const char *text, int keep_going,
                                  const struct lethe_sink *sink);

#endif
