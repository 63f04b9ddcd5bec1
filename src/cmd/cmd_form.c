/* SPDX-License-Identifier: MIT
 * form: which right-hand side the step has. */
#include "cmd/commands.h"
#include "workbench/workbench.h"

static enum lethe_err run_form(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *text = lethe_args_text(&call->args, "FORM", NULL);
    enum lethe_err code = text ? lethe_workbench_set(wb, LETHE_SET_FORM, text, err) : LETHE_OK;
    if (code)
        return code;
    lethe_put_text(call->out, "form", wb->settings.text[LETHE_SET_FORM]);
    if (wb->preview)
        lethe_put_text(call->out, "used", lethe_form_name(wb->preview->update.form));
    return LETHE_OK;
}

static const struct lethe_arg_spec form_args[] = {
    {.name = "FORM",
     .kind = LETHE_ARG_CHOICE,
     .choices = "auto|residual|influence|outcome",
     .help = "which right-hand side the step has (auto)"},
};

const struct lethe_command lethe_command_form = {
    .name = "form",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set the form of the step",
    .detail = "influence removes the pull of the forget samples; residual follows the gradient of "
              "the retained samples and so also finishes a training that stopped early. auto "
              "takes residual while finishing is at most a tenth of the step. outcome fits the "
              "parameters of the blanket to what the step of the whole network makes of the "
              "forgotten samples; for single weights auto means that.",
    LETHE_ARGS(form_args),
    .run = run_form,
};
