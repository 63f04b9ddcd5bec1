/* SPDX-License-Identifier: MIT
 * caption: the line above the panes that are presented. */
#include "cmd/commands.h"
#include "workbench/staging.h"
#include "workbench/workbench.h"

static enum lethe_err run_caption(struct lethe_call *call, struct lethe_error *err)
{
    const char *text = lethe_args_text(&call->args, "TEXT", "");
    return lethe_staging_answer(call->out, call->wb,
                                lethe_staging_caption(&call->wb->staging, text, err));
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
    .detail = "It shows while 'present' does, and in recordings of the screen.",
    .examples = "caption The dashed line never saw the point",
    LETHE_ARGS(caption_args),
    .run = run_caption,
};
