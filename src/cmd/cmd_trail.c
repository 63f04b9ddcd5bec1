/* SPDX-License-Identifier: MIT
 * trail: lists, writes or clears the removals that were tried in this session. */
#include "cmd/commands.h"
#include "workbench/trail.h"
#include "workbench/workbench.h"

static enum lethe_err run_trail(struct lethe_call *call, struct lethe_error *err)
{
    const char *path = lethe_args_text(&call->args, "to", NULL);
    enum lethe_err code = path ? lethe_trail_write(&call->wb->trail, path, err) : LETHE_OK;
    if (code)
        return code;
    if (lethe_args_given(&call->args, "WHAT"))
        lethe_trail_clear(&call->wb->trail);
    code = lethe_trail_sync(call->wb, 1, err);
    if (code)
        return code;
    if (path)
        lethe_put_text(call->out, "path", path);
    else
        lethe_trail_put(call->out, call->wb);
    return LETHE_OK;
}

static const struct lethe_arg_spec trail_args[] = {
    {.name = "WHAT", .kind = LETHE_ARG_CHOICE, .choices = "clear", .help = "forget what was tried"},
    {.name = "to",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "FILE.csv: all of it, a line each"},
};

const struct lethe_command lethe_command_trail = {
    .name = "trail",
    .group = LETHE_GROUP_LOOK,
    .flags = LETHE_NEEDS_MODEL,
    .summary = "List every removal tried in this session",
    .detail = "Every preview and every row of 'compare methods' leaves an entry: what it forgets "
              "and what it costs. It is kept with the session, until that is sealed. 'plot "
              "tradeoff' draws those of the samples that are chosen.",
    .examples = "trail\nplot tradeoff to=tradeoff.png\ntrail to=tried.csv\ntrail clear",
    LETHE_ARGS(trail_args),
    .run = run_trail,
};
