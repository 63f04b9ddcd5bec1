/* SPDX-License-Identifier: MIT
 * branch: begins a branch at the head, or lists the branches. */
#include <string.h>
#include "cmd/commands.h"
#include "workbench/answer_session.h"
#include "workbench/workbench.h"

enum { SHORT_ID = 10 };

static enum lethe_err run_branch(struct lethe_call *call, struct lethe_error *err)
{
    const char *name = lethe_args_text(&call->args, "NAME", NULL);
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (!code && name)
        code = lethe_workbench_branch(call->wb, name, err);
    if (code)
        return code;
    if (name) {
        lethe_standing_put_head(call->out, call->wb);
        return LETHE_OK;
    }
    const struct lethe_session *session = call->wb->session;
    struct lethe_value *list = lethe_put_list(call->out, "branches");
    for (size_t i = 0; i < lethe_session_branch_count(session); i++) {
        struct lethe_state *at = NULL;
        const char *branch = lethe_session_branch_name(session, i, &at);
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "branch", branch);
        lethe_hint(lethe_put_text(item, "at", lethe_state_id(at)), LETHE_HINT_QUIET);
        lethe_put_textf(item, "state", "%.*s", SHORT_ID, lethe_state_id(at));
        lethe_put_bool(item, "current", strcmp(branch, lethe_session_on(session)) == 0);
    }
    return LETHE_OK;
}

static const struct lethe_arg_spec branch_args[] = {
    {.name = "NAME",
     .kind = LETHE_ARG_TEXT,
     .help = "new branch at the head; without it, list them"},
};

const struct lethe_command lethe_command_branch = {
    .name = "branch",
    .group = LETHE_GROUP_DECIDE,
    .flags = LETHE_NOTED,
    .summary = "Begin a branch here, or list the branches",
    LETHE_ARGS(branch_args),
    .run = run_branch,
};
