/* SPDX-License-Identifier: MIT
 * caption: the line above the panes that are presented, and above the answers of a script. */
#include "cmd/commands.h"
#include "workbench/staging.h"
#include "workbench/workbench.h"

static enum lethe_err run_caption(struct lethe_call *call, struct lethe_error *err)
{
    const char *text = lethe_args_text(&call->args, "TEXT", "");
    struct lethe_staging *staging = &call->wb->staging;
    const enum lethe_err code = lethe_staging_caption(staging, text, err);
    if (code || !*staging->caption)
        return lethe_staging_answer(call->out, call->wb, code);
    call->wb->version++;
    lethe_staging_put_heading(call->out, staging);
    return LETHE_OK;
}

static const struct lethe_arg_spec caption_args[] = {
    {.name = "TEXT",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_REST,
     .help = "the line; without it, or with off, there is none"},
};

const struct lethe_command lethe_command_caption = {
    .name = "caption",
    .group = LETHE_GROUP_OTHER,
    .summary = "Set the line above the panes that are presented",
    .detail = "It shows while 'present' does, and in recordings of the screen. In what a script "
              "prints it is a heading over the answers that follow.",
    .examples = "caption The dashed line never saw the point",
    LETHE_ARGS(caption_args),
    .run = run_caption,
};
