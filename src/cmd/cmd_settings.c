/* SPDX-License-Identifier: MIT
 * set, show: the settings. */
#include <stdlib.h>
#include <string.h>
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

static void put_setting(struct lethe_value *list, const struct lethe_workbench *wb,
                        enum lethe_setting key)
{
    const struct lethe_setting_row *row = lethe_setting_row(key);
    const char *text = wb->settings.text[key];
    struct lethe_value *item = lethe_put_object(list, NULL);
    lethe_put_text(item, "setting", row->spec.name);
    if (row->spec.kind == LETHE_ARG_INT && *text)
        lethe_hint(lethe_put_int(item, "value", strtoll(text, NULL, 10)), LETHE_HINT_PLAIN);
    else if (row->spec.kind == LETHE_ARG_REAL && *text)
        lethe_put_real(item, "value", strtod(text, NULL));
    else
        lethe_put_text(item, "value", *text ? text : NULL);
    lethe_put_text(item, "meaning", row->spec.help);
}

static enum lethe_err run_show(struct lethe_call *call, struct lethe_error *err)
{
    const char *name = lethe_args_text(&call->args, "KEY", NULL);
    enum lethe_setting key = LETHE_SET_SEED;
    if (name) {
        enum lethe_err code = lethe_setting_find(&key, name, err);
        if (code)
            return code;
    }
    struct lethe_value *list = lethe_put_list(call->out, "settings");
    for (int k = 0; k < LETHE_SET_COUNT; k++)
        if (!name || k == (int)key)
            put_setting(list, call->wb, (enum lethe_setting)k);
    return LETHE_OK;
}

static const struct lethe_arg_spec show_args[] = {
    {.name = "KEY", .kind = LETHE_ARG_KEY, .help = "one setting; without it, all of them"},
};

const struct lethe_command lethe_command_show = {
    .name = "show",
    .group = LETHE_GROUP_OTHER,
    .summary = "Show the settings",
    .examples = "show\nshow damping",
    LETHE_ARGS(show_args),
    .run = run_show,
};
