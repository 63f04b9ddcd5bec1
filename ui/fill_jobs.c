/* SPDX-License-Identifier: MIT
 * What the jobs pane shows: every job with its state, how far it is and how long it still takes. */
#include <math.h>

#include "ui/fill.h"

/* For every frame: how far a job is changes without the workbench. */
void lethe_fill_jobs(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    size_t count = wb->jobs ? lethe_jobs_list(wb->jobs, fill->infos, LETHE_FILL_JOBS) : 0;
    for (size_t k = 0; k < count; k++) {
        const struct lethe_job_info *info = &fill->infos[k];
        int over = info->state == LETHE_JOB_DONE;
        double fraction = over              ? 1
                          : info->steps > 0 ? (double)info->step / (double)info->steps
                                            : NAN;
        fill->jobs[k] = (struct lethe_view_job){
            .id = info->id,
            .name = info->name,
            .state = lethe_job_state_name(info->state),
            .stage = info->message[0] ? info->message : info->stage,
            .fraction = info->state == LETHE_JOB_RUNNING || over ? fraction : NAN,
            .seconds = info->state == LETHE_JOB_WAITING ? NAN : info->seconds,
            .left = info->state == LETHE_JOB_RUNNING ? info->left : NAN};
    }
    fill->view.jobs = fill->jobs;
    fill->view.job_count = count;
}
