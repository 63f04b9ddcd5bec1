/* SPDX-License-Identifier: MIT
 * The job that `cancel` and `wait` are told, looked for among those that are listed. */
#include "cmd/job_argument.h"

#include "workbench/workbench.h"

enum lethe_err lethe_job_argument_read(size_t *id, const struct lethe_call *call,
                                       struct lethe_error *err)
{
    struct lethe_job_info list[LETHE_JOBS_LISTED];
    struct lethe_jobs *jobs = call->wb->jobs;
    const size_t asked = lethe_args_count(&call->args, "JOB", 0);
    const size_t count = asked && jobs ? lethe_jobs_list(jobs, list, LETHE_JOBS_LISTED) : 0;
    int known = !asked;
    for (size_t i = 0; i < count; i++)
        known |= list[i].id == asked;
    if (!known)
        return lethe_fail(err, LETHE_EARG, "there is no job %zu: 'jobs' lists them", asked);
    *id = asked;
    return LETHE_OK;
}
