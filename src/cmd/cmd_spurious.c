/* SPDX-License-Identifier: MIT
 * spurious: what does the network make of a mark that goes with a class? */
#include "cmd/commands.h"
#include "workbench/spurious_answer.h"

static enum lethe_err run_spurious(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_spurious_job *job = NULL;
    enum lethe_err code =
        lethe_spurious_job_new(&job, call->wb, lethe_args_count(&call->args, "max", 8),
                               lethe_args_choice(&call->args, "heldout", 0) == 1, err);
    if (!code)
        call->task = (struct lethe_task){.run = lethe_spurious_job_run,
                                         .finish = lethe_spurious_job_put,
                                         .release = lethe_spurious_job_free,
                                         .arg = job,
                                         .lane = LETHE_LANE_INTERACTIVE};
    return code;
}

static const struct lethe_arg_spec spurious_args[] = {
    {.name = "max",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1e6,
     .help = "units shown (8)"},
    {.name = "heldout",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "report|all",
     .help = "held-out samples that are classified (report)"},
};

const struct lethe_command lethe_command_spurious = {
    .name = "spurious",
    .group = LETHE_GROUP_LOOK,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA,
    .summary = "Ask what the network makes of a mark that goes with a class",
    .detail =
        "Samples have two groups, unmarked and marked ones ('generate mark'). Held-out samples "
        "with and without the mark: accuracy, and how many of other classes are taken for the one "
        "the mark goes with. Units of all layers but the last by CODEC's T(activation, mark | "
        "label): 0 when the mark says nothing that the label does not, 1 when it decides. The "
        "tune half orders the units, the report half is classified.",
    .examples = "generate mark to=3; train; spurious\n"
                "train continue optimizer=sgd batch=256 penalty=spurious[:8]",
    LETHE_ARGS(spurious_args),
    .run = run_spurious,
};
