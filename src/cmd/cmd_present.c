/* SPDX-License-Identifier: MIT
 * present: the full screen for an audience: which panes it shows, larger. */
#include "cmd/commands.h"
#include "workbench/staging.h"
#include "workbench/workbench.h"

static enum lethe_err run_present(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_staging *staging = &call->wb->staging;
    const char *words = lethe_args_text(&call->args, "PANES", staging->on ? "off" : "on");
    return lethe_staging_answer(call->out, call->wb, lethe_staging_show(staging, words, err));
}

static const struct lethe_arg_spec present_args[] = {
    {.name = "PANES",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_REST,
     .help = "on, off, or up to three panes; without it the one or the other"},
};

const struct lethe_command lethe_command_present = {
    .name = "present",
    .group = LETHE_GROUP_OTHER,
    .summary = "Show the full screen to an audience",
    .detail = "Only the panes in question, more space between lines, high contrast; key F, or "
              "--present from the start. Without panes it is the focused one, with Preview beside "
              "the blanket's sliders, and the one a lesson points at. 'caption' sets a line above "
              "them, 'spotlight' a figure that stands out.",
    .examples = "present plane preview\npresent off",
    LETHE_ARGS(present_args),
    .run = run_present,
};
