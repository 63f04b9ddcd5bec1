/* SPDX-License-Identifier: MIT
 * method, tune: how the removal is made. */
#include "cmd/commands.h"
#include "workbench/answer_method.h"
#include "workbench/tuning.h"

static enum lethe_err run_method(struct lethe_call *call, struct lethe_error *err)
{
    const char *name = lethe_args_text(&call->args, "NAME", NULL);
    enum lethe_err code = LETHE_OK;
    if (name)
        code =
            lethe_method_choose(call->wb, name, lethe_args_text(&call->args, "VALUES", NULL), err);
    call->unnoted = !name;
    if (code)
        return code;
    lethe_method_put(call->out, call->wb);
    if (!name)
        lethe_method_put_list(call->out, call->wb);
    return LETHE_OK;
}

static const struct lethe_arg_spec method_args[] = {
    {.name = "NAME",
     .kind = LETHE_ARG_CHOICE,
     .choice = lethe_setting_method,
     .help = "of the method; without it, all of them (newton)"},
    {.name = "VALUES",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_REST,
     .help = "its parameters, key=value (as published)"},
};

const struct lethe_command lethe_command_method = {
    .name = "method",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NOTED,
    .summary = "Show or set how the removal is made: the Newton step, or a rival",
    .detail = "preview, commit, remove-each and audit go by it. Methods but newton train the "
              "network on, or change it in one go; their parameters begin as published, and the "
              "answer shows the range that is usual. Another method begins with its own. salun "
              "takes mask=saliency, its own, or a selector: the blanket is then the mask, or, with "
              "'blanket all', the leading threshold share of its order. On the screen m opens the "
              "list.",
    .examples = "method\nmethod scrub\nmethod finetune rate=0.05 epochs=3; preview\nmethod salun "
                "mask=lfoci",
    LETHE_ARGS(method_args),
    .run = run_method,
};

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
