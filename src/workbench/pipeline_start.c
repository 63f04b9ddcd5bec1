/* SPDX-License-Identifier: MIT
 * Work on the workbench's own account: begun without a command, adopted without an answer. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "removal/ekfac_store.h"
#include "workbench/movable.h"
#include "workbench/pipeline_work.h"

static void done_quietly(void *arg, enum lethe_err code, const struct lethe_error *err)
{
    struct lethe_pipeline *work = arg;
    struct lethe_workbench *wb = work->wb;
    wb->version++;
    if (work->kind == WORK_WARM && wb->retraining == work->snapshot)
        wb->retraining = NULL;
    if (!code)
        (void)lethe_pipeline_adopt(wb, work, &wb->problem); /* an error stays in wb->problem */
    else if (code != LETHE_ECANCEL)
        wb->problem = *err;
}

static enum lethe_err submit(struct lethe_workbench *wb, struct lethe_pipeline *work,
                             const char *name, unsigned long *id, struct lethe_error *err)
{
    const int completes = work->kind == WORK_COMPLETE; /* the next step of a slider replaces it */
    const struct lethe_job job = {.name = name,
                                  .lane =
                                      completes ? LETHE_LANE_INTERACTIVE : LETHE_LANE_BACKGROUND,
                                  .lasting = !completes,
                                  .run = lethe_pipeline_run,
                                  .done = done_quietly,
                                  .release = lethe_pipeline_release,
                                  .arg = work};
    enum lethe_err code = wb->jobs ? LETHE_OK : lethe_jobs_new(&wb->jobs, wb->threads, err);
    if (!code)
        code = lethe_jobs_submit(wb->jobs, id, &job, err);
    if (code)
        lethe_pipeline_release(work);
    return code;
}

enum lethe_err lethe_pipeline_start_warm(struct lethe_workbench *wb, struct lethe_error *err)
{
    struct lethe_pipeline *work;
    if (wb->retraining && wb->retraining == wb->snapshot)
        return LETHE_OK;
    enum lethe_err code = lethe_pipeline_new(&work, wb, WORK_WARM, err);
    if (code)
        return code;
    wb->retraining = work->snapshot;
    code = submit(wb, work, "retrain warm", NULL, err);
    if (code)
        wb->retraining = NULL;
    return code;
}

enum lethe_err lethe_pipeline_start_spectrum(struct lethe_workbench *wb, struct lethe_error *err)
{
    const size_t size = wb->preview ? wb->preview->parameters : 0;
    const double other = lethe_workbench_damping(wb) + 1;
    struct lethe_pipeline *work;
    if (!size || !wb->curve || lethe_blanket_curvature_by_products(wb->curve) ||
        wb->curve->target || (wb->factor && lethe_factor_serves(wb->factor, size, other)))
        return LETHE_OK;
    enum lethe_err code = lethe_pipeline_new(&work, wb, WORK_SPECTRUM, err);
    if (code)
        return code;
    lethe_factor_unref(work->factor);
    work->factor = NULL;
    work->size = size;
    if (wb->spectrum_job) /* of a blanket that has moved on */
        lethe_jobs_cancel(wb->jobs, wb->spectrum_job);
    return submit(wb, work, "spectrum", &wb->spectrum_job, err);
}

enum lethe_err lethe_pipeline_start_complete(struct lethe_workbench *wb, struct lethe_error *err)
{
    struct lethe_pipeline *work;
    if (!wb->preview || !wb->preview->partial || wb->preview->sparing)
        return LETHE_OK;
    enum lethe_err code = lethe_pipeline_new(&work, wb, WORK_COMPLETE, err);
    if (code)
        return code;
    work->preview = lethe_preview_ref(wb->preview);
    return submit(wb, work, "figures", NULL, err);
}

/* ---- ahead ----------------------------------------------------------------------------------- */

static void done_ahead(void *arg, enum lethe_err code, const struct lethe_error *err)
{
    struct lethe_pipeline *work = arg;
    (void)code;
    (void)err;
    work->wb->version++;
}

static int worth_it(const struct lethe_workbench *wb)
{
    const struct lethe_project *project = &wb->project;
    return project->graph && project->train && wb->session && lethe_session_head(wb->session) &&
           lethe_ekfac_is_work(project->graph, lethe_dataset_count(project->train));
}

/* 1 when none was begun for these weights, this seed and this memory; then it counts as begun. */
static int is_new(struct lethe_workbench *wb)
{
    char ahead[sizeof wb->ahead];
    snprintf(ahead, sizeof ahead, "%s %s %s %d", lethe_state_id(lethe_session_head(wb->session)),
             wb->settings.text[LETHE_SET_SEED], wb->settings.text[LETHE_SET_MEMORY],
             lethe_workbench_head_only(wb));
    if (!strcmp(ahead, wb->ahead))
        return 0;
    memcpy(wb->ahead, ahead, sizeof ahead);
    return 1;
}

void lethe_pipeline_start_ahead(struct lethe_workbench *wb)
{
    struct lethe_snapshot *snapshot = NULL;
    if (!worth_it(wb) || lethe_workbench_snapshot(wb, &snapshot, NULL) || !is_new(wb))
        return;
    struct lethe_pipeline *work = lethe_alloc_zero(1, sizeof *work);
    if (!work)
        return;
    work->kind = WORK_AHEAD;
    work->wb = wb;
    work->snapshot = lethe_snapshot_ref(snapshot);
    work->settings = wb->settings;
    const struct lethe_job job = {.name = "curvature ahead",
                                  .lane = LETHE_LANE_BACKGROUND,
                                  .lasting = 1,
                                  .run = lethe_pipeline_run,
                                  .done = done_ahead,
                                  .release = lethe_pipeline_release,
                                  .arg = work};
    if (wb->jobs && wb->ahead_job) /* of a head that has moved on */
        lethe_jobs_cancel(wb->jobs, wb->ahead_job);
    wb->ahead_job = 0;
    if ((!wb->jobs && lethe_jobs_new(&wb->jobs, wb->threads, NULL)) ||
        lethe_jobs_submit(wb->jobs, &wb->ahead_job, &job, NULL))
        lethe_pipeline_release(work);
}
