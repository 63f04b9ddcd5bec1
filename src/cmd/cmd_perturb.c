/* SPDX-License-Identifier: MIT
 * perturb: how the noisy copies of a forget sample are made. */
#include "cmd/commands.h"
#include "workbench/blanket_setting.h"
#include "workbench/workbench.h"

static enum lethe_err run_perturb(struct lethe_call *call, struct lethe_error *err)
{
    enum lethe_err code = lethe_workbench_set_all(call->wb, &call->args, "perturb", err);
    if (code)
        return code;
    const struct lethe_settings *settings = &call->wb->settings;
    lethe_put_count(call->out, "count", lethe_settings_count(settings, LETHE_SET_PERTURB_COUNT));
    lethe_put_real(call->out, "sigma", lethe_settings_real(settings, LETHE_SET_PERTURB_SIGMA));
    lethe_put_count(call->out, "tokens", lethe_settings_count(settings, LETHE_SET_PERTURB_TOKENS));
    return LETHE_OK;
}

static const struct lethe_arg_spec perturb_args[] = {
    {.name = "count",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 10,
     .max = 100000,
     .help = "noisy copies of each forget sample (1000)"},
    {.name = "sigma",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED | LETHE_ARG_OPEN,
     .max = 1000,
     .help = "sd of their noise, on the normalised input (0.1)"},
    {.name = "tokens",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 100000,
     .help = "text: words replaced in each copy (2)"},
};

const struct lethe_command lethe_command_perturb = {
    .name = "perturb",
    .group = LETHE_GROUP_SELECT,
    .flags = LETHE_NOTED,
    .summary = "Set how forget samples are perturbed",
    .detail = "Each forget sample is copied with Gaussian noise on its input; the loss and every "
              "unit's activation on the copies are what 'select' looks at. In text a few words "
              "are replaced by others of the vocabulary instead, never padding or unknown ones. "
              "The copies are made when they are needed.",
    .examples = "perturb count=2000 sigma=0.2\nperturb tokens=3",
    LETHE_ARGS(perturb_args),
    .run = run_perturb,
};
