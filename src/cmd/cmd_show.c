/* SPDX-License-Identifier: MIT
 * show: the settings with their values and meanings. */
#include <stdlib.h>
#include "cmd/commands.h"
#include "workbench/workbench.h"

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
