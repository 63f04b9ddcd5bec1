/* SPDX-License-Identifier: MIT
 * cancel: stops work that goes on beside the prompt. */
#include "cmd/commands.h"
#include "cmd/job_argument.h"
#include "workbench/workbench.h"

static enum lethe_err run_cancel(struct lethe_call *call, struct lethe_error *err)
{
    size_t id = 0;
    enum lethe_err code = lethe_job_argument_read(&id, call, err);
    if (code)
        return code;
    lethe_put_count(call->out, "cancelled",
                    call->wb->jobs ? lethe_jobs_stop(call->wb->jobs, id) : 0);
    return LETHE_OK;
}

static const struct lethe_arg_spec cancel_args[] = {LETHE_ARG_OF_JOB};

const struct lethe_command lethe_command_cancel = {
    .name = "cancel",
    .group = LETHE_GROUP_TRAIN,
    .summary = "Stop background work",
    .detail = "Work ends at its next step; what it had computed is dropped, the model stays as it "
              "is. Passes after a step end with those that were made, as if 'update' had asked for "
              "so many; a second 'cancel' drops them, too.",
    LETHE_ARGS(cancel_args),
    .run = run_cancel,
};
