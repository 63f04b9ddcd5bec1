/* SPDX-License-Identifier: MIT
 * present, caption, spotlight: the full screen for an audience. */
#include "cmd/commands.h"
#include "workbench/staging.h"
#include "workbench/workbench.h"

static enum lethe_err answer(struct lethe_call *call, enum lethe_err code)
{
    call->wb->version += !code;
    if (!code)
        lethe_staging_put(call->out, &call->wb->staging);
    return code;
}

static enum lethe_err run_present(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_staging *staging = &call->wb->staging;
    const char *words = lethe_args_text(&call->args, "PANES", staging->on ? "off" : "on");
    return answer(call, lethe_staging_show(staging, words, err));
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
              "--present from the start. Without panes it is the focused one, and the one a lesson "
              "points at. 'caption' sets a line above them, 'spotlight' a figure that stands out.",
    .examples = "present plane preview\npresent off",
    LETHE_ARGS(present_args),
    .run = run_present,
};

static enum lethe_err run_caption(struct lethe_call *call, struct lethe_error *err)
{
    const char *text = lethe_args_text(&call->args, "TEXT", "");
    return answer(call, lethe_staging_caption(&call->wb->staging, text, err));
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

static enum lethe_err run_spotlight(struct lethe_call *call, struct lethe_error *err)
{
    const char *figure = lethe_args_text(&call->args, "FIGURE", "off");
    return answer(call, lethe_staging_spot(&call->wb->staging, figure, err));
}

static const struct lethe_arg_spec spotlight_args[] = {
    {.name = "FIGURE",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_REST,
     .help = "as the Preview pane names it; off, or nothing: none"},
};

const struct lethe_command lethe_command_spotlight = {
    .name = "spotlight",
    .group = LETHE_GROUP_OTHER,
    .summary = "Make one figure stand out on the full screen",
    .detail = "Its row is marked; while 'present' shows the Preview pane it stands above the "
              "others in large digits. Key o there: the figure under the cursor.",
    .examples = "spotlight forget loss\nspotlight off",
    LETHE_ARGS(spotlight_args),
    .run = run_spotlight,
};
