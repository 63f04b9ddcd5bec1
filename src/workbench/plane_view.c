/* SPDX-License-Identifier: MIT
 * Keeping the plane up to date. A request holds references to what it works on, so it may run
 * anywhere; what it made is taken over when it is still what was asked for. */
#include "workbench/plane_view.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "workbench/workbench.h"

struct request {
    struct lethe_workbench *wb; /* outlives the job */
    struct lethe_graph *graph;
    double *w; /* (size + buffers) at the head; NULL: the field of the head is there */
    struct lethe_plane_view made;
    int whole; /* everything was made */
};

void lethe_plane_view_release(struct lethe_plane_view *view)
{
    lethe_plane_unref(view->plane);
    for (int k = 0; k < LETHE_PLANE_MODELS; k++)
        lethe_plane_field_unref(view->field[k]);
    lethe_dataset_unref(view->data);
    lethe_preview_unref(view->preview);
    lethe_retrained_unref(view->warm);
    memset(view, 0, sizeof *view);
}

static const char *head_of(const struct lethe_workbench *wb)
{
    return wb->session ? lethe_state_id(lethe_session_head(wb->session)) : "";
}

/* While the next preview is made the last one of the same forget set stays. */
static struct lethe_preview *preview_of(const struct lethe_workbench *wb)
{
    struct lethe_preview *last = wb->plane.preview;
    if (wb->preview)
        return wb->preview;
    return last && last->snapshot == wb->snapshot ? last : NULL;
}

static int has_plane(const struct lethe_workbench *wb)
{
    const struct lethe_plane_view *view = &wb->plane;
    return view->data == wb->project.train && strcmp(view->head, head_of(wb)) == 0;
}

int lethe_plane_view_current(const struct lethe_workbench *wb)
{
    const struct lethe_plane_view *view = &wb->plane;
    if (!wb->project.graph || !wb->project.train)
        return !view->plane;
    return has_plane(wb) && (view->why[0] || (view->plane && view->preview == preview_of(wb) &&
                                              view->warm == wb->warm));
}

/* ---- a request ------------------------------------------------------------------------------- */

static void release_request(void *arg)
{
    struct request *request = arg;
    if (request->wb)
        request->wb->plane.running = 0;
    lethe_plane_view_release(&request->made);
    lethe_graph_unref(request->graph);
    lethe_free(request->w);
    lethe_free(request);
}

/* What is there already and still holds is taken along. */
static void take_along(struct request *request, const struct lethe_workbench *wb)
{
    const struct lethe_plane_view *old = &wb->plane;
    struct lethe_plane_view *made = &request->made;
    const int same_data = old->plane && old->data == wb->project.train;
    const int same_head = same_data && strcmp(old->head, head_of(wb)) == 0;
    if (same_data)
        made->plane = lethe_plane_ref(old->plane);
    if (same_head && old->field[LETHE_PLANE_BEFORE])
        made->field[LETHE_PLANE_BEFORE] = lethe_plane_field_ref(old->field[LETHE_PLANE_BEFORE]);
    if (same_data && made->preview && made->preview == old->preview && old->field[LETHE_PLANE_NOW])
        made->field[LETHE_PLANE_NOW] = lethe_plane_field_ref(old->field[LETHE_PLANE_NOW]);
    if (same_data && made->warm && made->warm == old->warm && old->field[LETHE_PLANE_RETRAINED])
        made->field[LETHE_PLANE_RETRAINED] =
            lethe_plane_field_ref(old->field[LETHE_PLANE_RETRAINED]);
}

static struct request *new_request(const struct lethe_workbench *wb, struct lethe_error *err)
{
    const struct lethe_project *project = &wb->project;
    struct request *request = lethe_alloc_zero(1, sizeof *request);
    if (!request) {
        lethe_fail_memory(err, "the plane", 1, sizeof *request);
        return NULL;
    }
    struct lethe_plane_view *made = &request->made;
    const size_t size = lethe_graph_size(project->graph) + lethe_graph_buffers(project->graph);
    struct lethe_preview *preview = preview_of(wb);
    request->graph = lethe_graph_ref(project->graph);
    made->data = lethe_dataset_ref(project->train);
    made->preview = preview ? lethe_preview_ref(preview) : NULL;
    made->warm = wb->warm ? lethe_retrained_ref(wb->warm) : NULL;
    snprintf(made->head, sizeof made->head, "%s", head_of(wb));
    take_along(request, wb);
    if (made->field[LETHE_PLANE_BEFORE])
        return request;
    request->w = lethe_alloc(size, sizeof *request->w);
    if (!request->w) {
        lethe_fail_memory(err, "weights", size, sizeof *request->w);
        release_request(request);
        return NULL;
    }
    memcpy(request->w, project->w, size * sizeof *request->w);
    return request;
}

static enum lethe_err work(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct request *request = arg;
    struct lethe_plane_view *made = &request->made;
    const double *w[LETHE_PLANE_MODELS] = {request->w, made->preview ? made->preview->w : NULL,
                                           made->warm ? made->warm->w : NULL};
    enum lethe_err code = LETHE_OK;
    if (!made->plane)
        code = lethe_plane_make(&made->plane, request->graph, made->data, watch, err);
    for (int k = 0; !code && k < LETHE_PLANE_MODELS; k++)
        if (w[k] && !made->field[k])
            code = lethe_plane_field_make(&made->field[k], made->plane, request->graph, w[k], watch,
                                          err);
    return code;
}

/* A plane that cannot be is not asked for again. */
static void done(void *arg, enum lethe_err code, const struct lethe_error *err)
{
    struct request *request = arg;
    struct lethe_workbench *wb = request->wb;
    if (code && code != LETHE_EARG)
        return;
    if (code)
        snprintf(request->made.why, sizeof request->made.why, "%.159s", err->message);
    lethe_plane_view_release(&wb->plane);
    wb->plane = request->made;
    memset(&request->made, 0, sizeof request->made);
    wb->version++;
}

void lethe_plane_view_ask(struct lethe_workbench *wb)
{
    if (!wb->project.graph || !wb->project.train || wb->plane.running ||
        lethe_plane_view_current(wb))
        return;
    if (!wb->jobs && lethe_jobs_new(&wb->jobs, wb->threads, NULL) != LETHE_OK)
        return;
    if (lethe_jobs_active(wb->jobs, LETHE_LANE_INTERACTIVE)) /* it would take their place */
        return;
    struct request *request = new_request(wb, NULL);
    if (!request)
        return;
    const struct lethe_job job = {.name = "plane",
                                  .lane = LETHE_LANE_INTERACTIVE,
                                  .run = work,
                                  .done = done,
                                  .release = release_request,
                                  .arg = request};
    request->wb = wb;
    wb->plane.running = 1;
    if (lethe_jobs_submit(wb->jobs, NULL, &job, NULL) != LETHE_OK)
        release_request(request);
}

enum lethe_err lethe_plane_view_copy(struct lethe_plane_view *view,
                                     const struct lethe_workbench *wb, struct lethe_error *err)
{
    if (!wb->project.graph || !wb->project.train)
        return lethe_fail(err, LETHE_EARG, "the plane needs a model and its data: 'load PATH'");
    struct request *request = new_request(wb, err);
    if (!request)
        return LETHE_ENOMEM;
    enum lethe_err code = work(request, NULL, err);
    if (!code) {
        *view = request->made;
        memset(&request->made, 0, sizeof request->made);
    }
    release_request(request);
    return code;
}
