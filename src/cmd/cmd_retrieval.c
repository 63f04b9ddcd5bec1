/* SPDX-License-Identifier: MIT
 * retrieval: does the network still know those who are forgotten, and does it tell people apart? */
#include "cmd/commands.h"
#include "workbench/identities_answer.h"

static enum lethe_err run_retrieval(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_identities_job *job = NULL;
    enum lethe_err code =
        lethe_identities_job_new(&job, call->wb, lethe_args_choice(&call->args, "heldout", 0) == 1,
                                 lethe_args_text(&call->args, "to", NULL), err);
    if (!code)
        lethe_call_task(call, lethe_identities_job_run, lethe_identities_job_put,
                        lethe_identities_job_free, job);
    return code;
}

static const struct lethe_arg_spec retrieval_args[] = {
    {.name = "heldout",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "tune|all",
     .help = "held-out samples that are asked about (tune)"},
    {.name = "to",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "NPZ file for features, labels and groups before"},
};

const struct lethe_command lethe_command_retrieval = {
    .name = "retrieval",
    .group = LETHE_GROUP_LOOK,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
    .summary = "Ask who is recognised: the forgotten classes beside all others",
    .detail = "Held-out samples of the classes with a sample to forget, and of all others, before, "
              "now and retrained: accuracy; rank-1 and mean average precision of each as a query "
              "among all samples, by the features before the last layer; equal error rate of their "
              "held-out pairs. Samples of one group (a tracklet) are never compared.",
    .examples = "forget add class:3; preview; retrieval heldout=all",
    LETHE_ARGS(retrieval_args),
    .run = run_retrieval,
};
