/* SPDX-License-Identifier: MIT
 * undo: takes the last commit back. */
#include "cmd/commands.h"
#include "workbench/answer_session.h"
#include "workbench/workbench.h"

static enum lethe_err run_undo(struct lethe_call *call, struct lethe_error *err)
{
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (!code)
        code = lethe_workbench_undo(call->wb, err);
    if (!code)
        lethe_standing_put_head(call->out, call->wb);
    return code;
}

const struct lethe_command lethe_command_undo = {
    .name = "undo",
    .group = LETHE_GROUP_DECIDE,
    .flags = LETHE_NOTED,
    .summary = "Take the last commit back",
    .detail = "What it forgot is in the forget set again, ready to be done otherwise.",
    .run = run_undo,
};
