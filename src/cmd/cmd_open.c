/* SPDX-License-Identifier: MIT
 * open: goes on with a saved session where it was. */
#include "cmd/commands.h"
#include "workbench/answer_session.h"
#include "workbench/workbench.h"

static enum lethe_err run_open(struct lethe_call *call, struct lethe_error *err)
{
    if (lethe_standing_leave(call, err))
        return LETHE_EARG;
    enum lethe_err code =
        lethe_workbench_open(call->wb, lethe_args_text(&call->args, "PATH", ""), err);
    if (code)
        return code;
    lethe_standing_put_head(call->out, call->wb);
    lethe_standing_put_notes(call->out, call->wb);
    return LETHE_OK;
}

static const struct lethe_arg_spec open_args[] = {
    {.name = "PATH", .kind = LETHE_ARG_PATH, .flags = LETHE_ARG_NEEDED, .help = "a saved session"},
};

const struct lethe_command lethe_command_open = {
    .name = "open",
    .group = LETHE_GROUP_DECIDE,
    .summary = "Open a saved session and go on where it was",
    .detail =
        "Loads the model and the data it was begun with; it is refused when they changed. One "
        "that may not be written is opened for reading: nothing in it changes, and 'save "
        "FOLDER' makes a copy to go on in.",
    LETHE_ARGS(open_args),
    .run = run_open,
};
