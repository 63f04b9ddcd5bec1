/* SPDX-License-Identifier: MIT
 * set: changes one setting. */
#include "cmd/commands.h"
#include "workbench/workbench.h"

static enum lethe_err run_set(struct lethe_call *call, struct lethe_error *err)
{
    enum lethe_setting key = LETHE_SET_SEED;
    enum lethe_err code = lethe_setting_find(&key, lethe_args_text(&call->args, "KEY", ""), err);
    if (!code)
        code = lethe_workbench_set(call->wb, key, lethe_args_text(&call->args, "VALUE", ""), err);
    if (!code)
        lethe_put_text(call->out, lethe_setting_row(key)->spec.name, call->wb->settings.text[key]);
    return code;
}

static const struct lethe_arg_spec set_args[] = {
    {.name = "KEY", .kind = LETHE_ARG_KEY, .flags = LETHE_ARG_NEEDED, .help = "see 'show'"},
    {.name = "VALUE",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_NEEDED,
     .help = "what is allowed is said when it is wrong"},
};

const struct lethe_command lethe_command_set = {
    .name = "set",
    .group = LETHE_GROUP_OTHER,
    .flags = LETHE_NOTED,
    .summary = "Change a setting",
    .detail = "A change drops what depended on the old value: another noise drops the selection, "
              "another damping only the step. Nothing is computed until it is asked for.",
    .examples = "set seed 7\nset perturb.sigma 0.2\nset weight_decay 1e-3",
    LETHE_ARGS(set_args),
    .run = run_set,
};
