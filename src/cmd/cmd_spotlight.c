/* SPDX-License-Identifier: MIT
 * spotlight: the figure that stands out on the full screen. */
#include "cmd/commands.h"
#include "workbench/staging.h"
#include "workbench/workbench.h"

static enum lethe_err run_spotlight(struct lethe_call *call, struct lethe_error *err)
{
    const char *figure = lethe_args_text(&call->args, "FIGURE", "off");
    return lethe_staging_answer(call->out, call->wb,
                                lethe_staging_spot(&call->wb->staging, figure, err));
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
