/* SPDX-License-Identifier: MIT
 * Keeping the views that somebody looks at up to date with the models. A request holds references
 * to what it works on; what it made is kept where its samples are still the ones that are chosen.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "workbench/views.h"
#include "workbench/workbench.h"

struct request {
    struct lethe_workbench *wb; /* outlives the job */
    struct lethe_model_view_work *work;
};

static int names_model(const struct lethe_model_view_request *request, const char *model)
{
    return request->kind != LETHE_VIEW_LAYERS || strcmp(request->a, model) == 0 ||
           strcmp(request->b, model) == 0;
}

int lethe_model_view_holds(const struct lethe_workbench *wb, enum lethe_model_view_kind kind)
{
    const struct lethe_model_view *view = wb->views[kind];
    return view && (!names_model(&view->request, "now") || view->preview == wb->preview);
}

static int is_current(const struct lethe_workbench *wb, enum lethe_model_view_kind kind)
{
    const struct lethe_model_view *view = wb->views[kind];
    return lethe_model_view_holds(wb, kind) &&
           (!names_model(&view->request, "retrain") || view->warm == wb->warm);
}

static struct lethe_model_view_request request_of(const struct lethe_workbench *wb,
                                                  enum lethe_model_view_kind kind)
{
    static const struct lethe_model_view_request usual = {
        .set = LETHE_SIDE_TUNE, .of = 1, .a = "before", .b = "now"};
    struct lethe_model_view_request request =
        wb->looks.at[kind].known ? wb->looks.at[kind].request : usual;
    request.kind = kind;
    return request;
}

/* ---- the job --------------------------------------------------------------------------------- */

static void release(void *arg)
{
    struct request *request = arg;
    lethe_model_view_work_free(request->work);
    lethe_free(request);
}

static enum lethe_err run(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    return lethe_model_view_work_run(((struct request *)arg)->work, watch, err);
}

/* A view that cannot be made, or was cancelled, is not asked for again before something changes. */
static void done(void *arg, enum lethe_err code, const struct lethe_error *err)
{
    struct request *request = arg;
    (void)err;
    if (!code)
        lethe_model_view_work_keep(request->wb, request->work);
}

void lethe_model_view_ask(struct lethe_workbench *wb, enum lethe_model_view_kind kind)
{
    if (!wb->preview || wb->preview->partial || is_current(wb, kind) ||
        wb->looks.at[kind].asked == wb->version)
        return;
    if (!wb->jobs && lethe_jobs_new(&wb->jobs, wb->threads, NULL) != LETHE_OK)
        return;
    if (lethe_jobs_active(wb->jobs, LETHE_LANE_INTERACTIVE)) /* it would take their place */
        return;
    struct request *request = lethe_alloc_zero(1, sizeof *request);
    const struct lethe_model_view_request of = request_of(wb, kind);
    wb->looks.at[kind].asked = wb->version;
    if (!request || lethe_model_view_work_new(&request->work, wb, &of, NULL, NULL) != LETHE_OK) {
        lethe_free(request);
        return;
    }
    const struct lethe_job job = {.name = "view",
                                  .lane = LETHE_LANE_INTERACTIVE,
                                  .run = run,
                                  .done = done,
                                  .release = release,
                                  .arg = request};
    request->wb = wb;
    if (lethe_jobs_submit(wb->jobs, NULL, &job, NULL) != LETHE_OK)
        release(request);
}
