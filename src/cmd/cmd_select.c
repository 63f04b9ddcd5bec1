/* SPDX-License-Identifier: MIT
 * select: orders the units, or single weights, that the forget samples are tied to. */
#include "cmd/commands.h"
#include "workbench/answer_selection.h"
#include "workbench/blanket_setting.h"
#include "workbench/pipeline.h"
#include "workbench/workbench.h"

static enum lethe_err finish_select(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                    struct lethe_error *err)
{
    enum lethe_err code = lethe_pipeline_adopt(wb, arg, err);
    if (code)
        return code;
    if (!wb->selected)
        return lethe_fail(err, LETHE_ECANCEL, "the settings changed meanwhile: 'select' again");
    lethe_selection_put(out, wb);
    return LETHE_OK;
}

static enum lethe_err run_select(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_pipeline *work = NULL;
    enum lethe_err code = lethe_workbench_set_all(wb, &call->args, "select", err);
    if (code)
        return code;
    if (wb->selected) {
        lethe_selection_put(call->out, wb);
        return LETHE_OK;
    }
    code = lethe_pipeline_preview(wb, &work, LETHE_PIPELINE_SELECT_ONLY, err);
    lethe_call_task(call, lethe_pipeline_run, finish_select, lethe_pipeline_release, work);
    return code;
}

static const struct lethe_arg_spec select_args[] = {
    {.name = "method",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choice = lethe_setting_selector,
     .help = "how units are chosen (lfoci)"},
    {.name = "max",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 100000,
     .help = "units to order at most (64)"},
    {.name = "order",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "auto|step|gain|kl",
     .help = "how single weights are ordered (auto)"},
    {.name = "within",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "where they may be: all, blanket or layer:NAME,... (all)"},
    LETHE_ARGS_OF_COLUMNS,
    {.name = "stop",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "on|off",
     .help = "draw the line where nothing is gained (on)"},
    {.name = "several",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "union|mean|stacked",
     .help = "one blanket from several forget samples (union)"},
};

const struct lethe_command lethe_command_select = {
    .name = "select",
    .group = LETHE_GROUP_SELECT,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET | LETHE_NOTED,
    .summary = "Order the units the forget samples are tied to",
    .detail = "With lfoci: the loss of each forget sample's noisy copies against the activation of "
              "every unit, selected one by one by conditional dependence (L-FOCI). Units above "
              "the line are what 'blanket auto' takes. Several forget samples: the union of a "
              "blanket from each, or one blanket from the mean of their copies (the paper's "
              "batch), or from all copies stacked, each sample's mean removed. method=weights "
              "orders single weights by what the step of the whole network does with them: by "
              "their part of it (order=step), or one by one by what each adds to the decrease of "
              "the objective (gain) or to the outcome on the forgotten samples (kl; auto where "
              "the network has a matrix); within=blanket keeps to L-FOCI's units, within=layer:fc1 "
              "to a layer. The arguments are kept as settings.",
    .examples = "select\nselect method=gain max=20\nselect method=weights order=kl",
    LETHE_ARGS(select_args),
    .run = run_select,
};
