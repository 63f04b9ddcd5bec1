/* SPDX-License-Identifier: MIT
 * jobs, cancel, wait: the work that goes on beside the prompt. */
#include "cmd/commands.h"
#include "workbench/workbench.h"

enum { LIST = 64 };

static enum lethe_err run_jobs(struct lethe_call *call, struct lethe_error *err)
{
    (void)err;
    struct lethe_job_info jobs[LIST];
    size_t count = call->wb->jobs ? lethe_jobs_list(call->wb->jobs, jobs, LIST) : 0;
    struct lethe_value *list = lethe_put_list(call->out, "jobs");
    for (size_t i = 0; i < count; i++) {
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_count(item, "job", jobs[i].id);
        lethe_put_text(item, "command", jobs[i].name);
        lethe_put_text(item, "state", lethe_job_state_name(jobs[i].state));
        lethe_put_text(item, "stage", jobs[i].stage ? jobs[i].stage : "");
        lethe_put_int(item, "step", jobs[i].step);
        if (jobs[i].steps)
            lethe_put_int(item, "steps", jobs[i].steps);
        else
            lethe_put_null(item, "steps");
        lethe_hint(lethe_put_real(item, "time", jobs[i].seconds), LETHE_HINT_SECONDS);
        lethe_put_text(item, "message", jobs[i].message);
    }
    return LETHE_OK;
}

const struct lethe_command lethe_command_jobs = {
    .name = "jobs",
    .group = LETHE_GROUP_TRAIN,
    .summary = "List running, waiting and lately finished work",
    .run = run_jobs,
};

static int known(struct lethe_workbench *wb, size_t id)
{
    struct lethe_job_info jobs[LIST];
    size_t count = wb->jobs ? lethe_jobs_list(wb->jobs, jobs, LIST) : 0;
    for (size_t i = 0; i < count; i++)
        if (jobs[i].id == id)
            return 1;
    return 0;
}

static enum lethe_err check_job(struct lethe_call *call, size_t *id, struct lethe_error *err)
{
    *id = lethe_args_count(&call->args, "JOB", 0);
    if (*id && !known(call->wb, *id))
        return lethe_fail(err, LETHE_EARG, "there is no job %zu: 'jobs' lists them", *id);
    return LETHE_OK;
}

static enum lethe_err run_cancel(struct lethe_call *call, struct lethe_error *err)
{
    size_t id = 0;
    enum lethe_err code = check_job(call, &id, err);
    if (code)
        return code;
    lethe_put_count(call->out, "cancelled",
                    call->wb->jobs ? lethe_jobs_stop(call->wb->jobs, id) : 0);
    return LETHE_OK;
}

static enum lethe_err run_wait(struct lethe_call *call, struct lethe_error *err)
{
    size_t id = 0;
    enum lethe_err code = check_job(call, &id, err);
    if (code)
        return code;
    struct lethe_jobs *jobs = call->wb->jobs;
    const struct lethe_sink *sink = &call->wb->sink;
    struct lethe_job_info list[LIST];
    int stop = 0;
    while (jobs && !stop && !lethe_jobs_wait(jobs, id, 100)) {
        size_t count = lethe_jobs_list(jobs, list, LIST);
        for (size_t i = 0; sink->tick && i < count && !stop; i++)
            stop = list[i].state == LETHE_JOB_RUNNING && sink->tick(sink->user, &list[i]);
    }
    if (stop)
        return lethe_fail(err, LETHE_ECANCEL, "no longer waiting; the work goes on: see 'jobs'");
    return LETHE_OK;
}

static const struct lethe_arg_spec job_args[] = {
    {.name = "JOB",
     .kind = LETHE_ARG_INT,
     .min = 1,
     .max = 1e9,
     .help = "number of the job; without it, all"},
};

const struct lethe_command lethe_command_cancel = {
    .name = "cancel",
    .group = LETHE_GROUP_TRAIN,
    .summary = "Stop background work",
    .detail = "Work ends at its next step; what it had computed is dropped, the model stays as it "
              "is. Passes after a step end with those that were made, as if 'update' had asked for "
              "so many; a second 'cancel' drops them, too.",
    LETHE_ARGS(job_args),
    .run = run_cancel,
};

const struct lethe_command lethe_command_wait = {
    .name = "wait",
    .group = LETHE_GROUP_TRAIN,
    .summary = "Wait for background work and show its answers",
    .examples = "retrain cold k=5 &\npreview; wait",
    LETHE_ARGS(job_args),
    .run = run_wait,
};
