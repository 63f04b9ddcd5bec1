/* SPDX-License-Identifier: MIT
 * redo: does again what was undone. */
#include "cmd/commands.h"
#include "workbench/answer_session.h"
#include "workbench/workbench.h"

static enum lethe_err run_redo(struct lethe_call *call, struct lethe_error *err)
{
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (!code)
        code = lethe_workbench_redo(call->wb, err);
    if (!code)
        lethe_standing_put_head(call->out, call->wb);
    return code;
}

const struct lethe_command lethe_command_redo = {
    .name = "redo",
    .group = LETHE_GROUP_DECIDE,
    .flags = LETHE_NOTED,
    .summary = "Do again what was undone",
    .run = run_redo,
};
