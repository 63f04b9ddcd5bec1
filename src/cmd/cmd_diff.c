/* SPDX-License-Identifier: MIT
 * diff: what differs between two commits: samples, weights, settings, and classes when asked. */
#include "cmd/commands.h"
#include "workbench/class_diff.h"
#include "workbench/workbench.h"

static enum lethe_err run_diff(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_state *a = NULL, *b = NULL;
    struct lethe_state_diff diff = {0};
    const struct lethe_session *session = call->wb->session;
    enum lethe_err code = lethe_workbench_need_session(call->wb, err);
    if (!code)
        code = lethe_session_find(&a, session, lethe_args_text(&call->args, "A", ""), err);
    if (!code)
        code = lethe_session_find(&b, session, lethe_args_text(&call->args, "B", ""), err);
    if (!code)
        code = lethe_state_diff(&diff, a, b, err);
    if (code)
        return code;
    lethe_put_text(call->out, "a", lethe_state_id(a));
    lethe_put_text(call->out, "b", lethe_state_id(b));
    lethe_put_ids(call->out, "forgotten_in_a", diff.only_a, diff.only_a_count);
    lethe_put_ids(call->out, "forgotten_in_b", diff.only_b, diff.only_b_count);
    lethe_put_count(call->out, "weights_changed", diff.changed);
    lethe_put_real(call->out, "norm", diff.norm);
    lethe_put_real(call->out, "largest", diff.largest);
    struct lethe_value *list = lethe_put_list(call->out, "settings");
    for (size_t i = 0; i < diff.setting_count; i++) {
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_text(item, "setting", diff.settings[i].key);
        lethe_put_text(item, "a", diff.settings[i].a);
        lethe_put_text(item, "b", diff.settings[i].b);
    }
    lethe_state_diff_release(&diff);
    if (lethe_args_choice(&call->args, "classes", 0) != 1)
        return LETHE_OK;
    struct lethe_class_diff *by_class = NULL;
    code = lethe_class_diff_new(&by_class, call->wb, a, b, err);
    call->task = (struct lethe_task){.run = lethe_class_diff_run,
                                     .finish = lethe_class_diff_adopt,
                                     .release = lethe_class_diff_free,
                                     .arg = by_class,
                                     .lane = LETHE_LANE_INTERACTIVE};
    return code;
}

static const struct lethe_arg_spec diff_args[] = {
    {.name = "A", .kind = LETHE_ARG_STATE, .flags = LETHE_ARG_NEEDED, .help = "a commit or branch"},
    {.name = "B", .kind = LETHE_ARG_STATE, .flags = LETHE_ARG_NEEDED, .help = "another one"},
    {.name = "classes",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "off|on",
     .help = "on: also class by class, most changed first (off)"},
};

const struct lethe_command lethe_command_diff = {
    .name = "diff",
    .group = LETHE_GROUP_DECIDE,
    .summary = "Compare two commits",
    .examples = "diff root head\ndiff head~1 head classes=on",
    LETHE_ARGS(diff_args),
    .run = run_diff,
};
