/* SPDX-License-Identifier: MIT
 * tune: searches a method's parameters for those that come nearest to the warm retraining. */
#include "cmd/commands.h"
#include "workbench/tuning.h"

static enum lethe_err run_tune(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_tuning_work *work = NULL;
    const enum lethe_err code =
        lethe_tuning_work_new(&work, call->wb, lethe_args_text(&call->args, "METHOD", ""),
                              lethe_args_count(&call->args, "trials", 20),
                              lethe_args_real(&call->args, "budget", 0), err);
    lethe_call_task(call, lethe_tuning_work_run, lethe_tuning_work_adopt, lethe_tuning_work_free,
                    work);
    call->task.lane = LETHE_LANE_BACKGROUND;
    call->task.lasting = 1;
    return code;
}

static const struct lethe_arg_spec tune_args[] = {
    {.name = "METHOD",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choice = lethe_setting_method,
     .help = "of 'method', not newton"},
    {.name = "trials",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 10000,
     .help = "parameters that are tried; the first are the published ones (20)"},
    {.name = "budget",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .max = 1e7,
     .help = "seconds at most, 0: no end (0)"},
};

const struct lethe_command lethe_command_tune = {
    .name = "tune",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
    .summary = "Search a method's parameters and set the best",
    .detail =
        "Random search over the ranges that 'method NAME' shows, with successive halving: all "
        "with a quarter of their epochs, the better half with a half, the better half of "
        "these with all. The score is the KL to the warm retraining on forget, retained and "
        "held-out samples (the half for choosing; the other half is never looked at). What "
        "is found goes into the session as a line 'method NAME key=value...', so that a "
        "replay does not search again.",
    .examples = "tune scrub\ntune finetune trials=40\ntune randomlabel budget=60; preview",
    LETHE_ARGS(tune_args),
    .run = run_tune,
};
