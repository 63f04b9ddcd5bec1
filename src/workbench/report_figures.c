/* SPDX-License-Identifier: MIT
 * Measuring on the report half: forget and held-out samples only, in double. */
#include "workbench/report_figures.h"

#include <math.h>
#include "base/alloc.h"
#include "workbench/workbench.h"

/* logits (count, classes) of two sets of weights on one set of samples. */
struct evaluation {
    double *before, *now;
    int *labels;
    size_t n;
};

static void release(struct evaluation *evaluation)
{
    lethe_free(evaluation->before);
    lethe_free(evaluation->now);
    lethe_free(evaluation->labels);
}

static enum lethe_err read_logits(struct evaluation *evaluation, const struct lethe_workbench *wb,
                                  struct lethe_dataset *data, const struct lethe_ids *ids,
                                  struct lethe_error *err)
{
    const struct lethe_problem_spec spec = {.graph = wb->project.graph,
                                            .data = data,
                                            .ids = ids->at,
                                            .count = ids->count,
                                            .dtype = LETHE_F64};
    size_t classes = lethe_graph_classes(wb->project.graph);
    struct lethe_problem *problem = NULL;
    enum lethe_err code = lethe_problem_new(&problem, &spec, err);
    if (code)
        return code;
    evaluation->n = ids->count;
    evaluation->before = lethe_alloc(ids->count, classes * sizeof(double));
    evaluation->now = lethe_alloc(ids->count, classes * sizeof(double));
    evaluation->labels = lethe_alloc(ids->count, sizeof(int));
    if (!evaluation->before || !evaluation->now || !evaluation->labels)
        code = lethe_fail_memory(err, "logits", ids->count * classes, sizeof(double));
    for (size_t i = 0; i < ids->count && !code; i++)
        evaluation->labels[i] = lethe_problem_labels(problem)[i];
    if (!code)
        code = lethe_problem_logits(problem, evaluation->before, wb->project.w, NULL, err);
    if (!code)
        code = lethe_problem_logits(problem, evaluation->now, wb->preview->w, NULL, err);
    lethe_problem_free(problem);
    return code;
}

enum lethe_err lethe_report_figures_measure(struct lethe_report_figures *final,
                                            const struct lethe_workbench *wb,
                                            struct lethe_error *err)
{
    const struct lethe_project *project = &wb->project;
    struct evaluation forget = {0}, report = {0};
    size_t classes = lethe_graph_classes(project->graph);
    *final = (struct lethe_report_figures){0};
    if (wb->sparing || !project->heldout || !project->report.count)
        return LETHE_OK;
    enum lethe_err code = read_logits(&forget, wb, project->train, &project->forget, err);
    if (!code)
        code = read_logits(&report, wb, project->heldout, &project->report, err);
    struct lethe_figures_input input = {
        .forget = {forget.before, forget.labels, forget.n, classes},
        .retain = {.classes = classes},
        .heldout = {report.before, report.labels, report.n, classes},
        .seed = lethe_settings_count(&wb->settings, LETHE_SET_SEED)};
    if (!code)
        code = lethe_figures_measure(&final->before, &input, err);
    input.forget.logits = forget.now;
    input.heldout.logits = report.now;
    if (!code)
        code = lethe_figures_measure(&final->now, &input, err);
    final->known = !code;
    release(&forget);
    release(&report);
    return code;
}

enum lethe_err lethe_report_figures_put_classes(struct lethe_value *out, struct lethe_workbench *wb,
                                                struct lethe_error *err)
{
    enum { MOST = 10 };
    struct lethe_model_view *view = NULL;
    if (wb->sparing || !wb->project.tune.count)
        return LETHE_OK;
    const enum lethe_err code = lethe_model_view_classes(&view, wb, LETHE_SIDE_TUNE, err);
    if (!code)
        lethe_model_view_put_changes(out, view, MOST);
    lethe_model_view_unref(view);
    return code;
}
