/* SPDX-License-Identifier: MIT
 * checkout: goes to another commit or branch. */
#include "cmd/commands.h"
#include "workbench/answer_session.h"
#include "workbench/workbench.h"

static enum lethe_err run_checkout(struct lethe_call *call, struct lethe_error *err)
{
    const char *name = lethe_args_text(&call->args, "STATE", "");
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (!code)
        code = lethe_workbench_checkout(call->wb, name, err);
    if (!code)
        lethe_standing_put_head(call->out, call->wb);
    return code;
}

static const struct lethe_arg_spec checkout_args[] = {
    {.name = "STATE",
     .kind = LETHE_ARG_STATE,
     .flags = LETHE_ARG_NEEDED,
     .help = "branch, commit (four digits or more), head~1 or root"},
};

const struct lethe_command lethe_command_checkout = {
    .name = "checkout",
    .group = LETHE_GROUP_DECIDE,
    .flags = LETHE_NOTED,
    .summary = "Go to another commit or branch",
    LETHE_ARGS(checkout_args),
    .run = run_checkout,
};
