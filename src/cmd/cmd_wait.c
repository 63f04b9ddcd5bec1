/* SPDX-License-Identifier: MIT
 * wait: waits for work that goes on beside the prompt and shows its answers. */
#include "cmd/commands.h"
#include "cmd/job_argument.h"
#include "workbench/workbench.h"

static enum lethe_err run_wait(struct lethe_call *call, struct lethe_error *err)
{
    size_t id = 0;
    enum lethe_err code = lethe_job_argument_read(&id, call, err);
    if (code)
        return code;
    struct lethe_jobs *jobs = call->wb->jobs;
    const struct lethe_sink *sink = &call->wb->sink;
    struct lethe_job_info list[LETHE_JOBS_LISTED];
    int stop = 0;
    while (jobs && !stop && !lethe_jobs_wait(jobs, id, 100)) {
        size_t count = lethe_jobs_list(jobs, list, LETHE_JOBS_LISTED);
        for (size_t i = 0; sink->tick && i < count && !stop; i++)
            stop = list[i].state == LETHE_JOB_RUNNING && sink->tick(sink->user, &list[i]);
    }
    if (stop)
        return lethe_fail(err, LETHE_ECANCEL, "no longer waiting; the work goes on: see 'jobs'");
    return LETHE_OK;
}

static const struct lethe_arg_spec wait_args[] = {LETHE_ARG_OF_JOB};

const struct lethe_command lethe_command_wait = {
    .name = "wait",
    .group = LETHE_GROUP_TRAIN,
    .summary = "Wait for background work and show its answers",
    .examples = "retrain cold k=5 &\npreview; wait",
    LETHE_ARGS(wait_args),
    .run = run_wait,
};
