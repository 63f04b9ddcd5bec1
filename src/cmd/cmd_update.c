/* SPDX-License-Identifier: MIT
 * update: how many steps and passes a removal takes. */
#include "cmd/commands.h"
#include "workbench/workbench.h"

static enum lethe_err run_update(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *text = lethe_args_text(&call->args, "steps", NULL);
    const char *passes = lethe_args_text(&call->args, "passes", NULL);
    enum lethe_err code = text ? lethe_workbench_set(wb, LETHE_SET_STEPS, text, err) : LETHE_OK;
    if (!code && passes)
        code = lethe_workbench_set(wb, LETHE_SET_PASSES, passes, err);
    if (code)
        return code;
    lethe_put_count(call->out, "steps", lethe_settings_count(&wb->settings, LETHE_SET_STEPS));
    lethe_put_count(call->out, "passes", lethe_settings_count(&wb->settings, LETHE_SET_PASSES));
    if (lethe_settings_count(&wb->settings, LETHE_SET_PASSES))
        lethe_put_note(call->out, "with enough passes this is warm retraining, and its end is the "
                                  "yardstick: what is saved is the passes that are left out");
    return LETHE_OK;
}

static const struct lethe_arg_spec update_args[] = {
    {.name = "steps",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 20,
     .help = "steps of a removal (1)"},
    {.name = "passes",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .max = 1000,
     .help = "iterations of L-BFGS after the step (0)"},
};

const struct lethe_command lethe_command_update = {
    .name = "update",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set how many steps and passes a removal takes",
    .detail =
        "One step is the answer of a quadratic model; each further one makes gradient and "
        "curvature anew where the last one led, in the residual form, on the same blanket, and "
        "is halved until the retained objective falls. "
        "Forgetting many samples, as a whole class, needs more than one. Every step costs what "
        "the first one did, and all retained samples must be here. passes: that many iterations of "
        "L-BFGS on the retained objective from where the step of the whole network led, "
        "preconditioned with its curvature: the bridge from one step to retraining. With a blanket "
        "of single weights or the form outcome, what they reach is what the step is fitted to. "
        "'preview' shows the path, and so does 'plot path'; Ctrl-C gives it up.",
    .examples = "forget add class:3; blanket all; update steps=3; preview\n"
                "blanket all; update passes=16; preview; plot path",
    LETHE_ARGS(update_args),
    .run = run_update,
};
