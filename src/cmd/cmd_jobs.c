/* SPDX-License-Identifier: MIT
 * jobs: the work that goes on beside the prompt, waits for its turn, or ended lately. */
#include <math.h>

#include "cmd/commands.h"
#include "cmd/job_argument.h"
#include "workbench/workbench.h"

static enum lethe_err run_jobs(struct lethe_call *call, struct lethe_error *err)
{
    (void)err;
    struct lethe_job_info jobs[LETHE_JOBS_LISTED];
    size_t count = call->wb->jobs ? lethe_jobs_list(call->wb->jobs, jobs, LETHE_JOBS_LISTED) : 0;
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
        if (!isnan(jobs[i].left))
            lethe_hint(lethe_put_real(item, "left", jobs[i].left), LETHE_HINT_SECONDS);
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
