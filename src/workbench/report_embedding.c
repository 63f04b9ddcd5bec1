/* SPDX-License-Identifier: MIT
 * The embedding of a report: what the last layer is given, in two dimensions, as the model had
 * it where it began, has it now, and has it when it is retrained, side by side on the same axes.
 * See report_embedding.h. */
#include "workbench/report_embedding.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/problem.h"
#include "study/representation.h"

enum { RETAINED = 400, FORGOTTEN = 200, COLOURS = 10 };

const char *lethe_report_model(size_t m)
{
    static const char *const names[] = {"where it began", "now", "retrained"};
    return names[m];
}

/* The samples that are drawn, and where they lie under each model. */
struct embedding {
    size_t *ids; /* (count), the first `forgotten` of them forgotten */
    int *labels;
    size_t count, forgotten;
    double *at[LETHE_REPORT_MODELS]; /* (count, 2) */
    double *room;                    /* (2, count) */
    double share[2];
};

static void release(struct embedding *e)
{
    lethe_free(e->ids);
    lethe_free(e->labels);
    lethe_free(e->room);
    for (size_t m = 0; m < LETHE_REPORT_MODELS; m++)
        lethe_free(e->at[m]);
}

/* Every so many of the forgotten and of the others: data may be sorted by class. */
static enum lethe_err choose(struct embedding *e, const struct lethe_report_embedding *spec,
                             struct lethe_error *err)
{
    const struct lethe_project *project = spec->project;
    const size_t n = lethe_dataset_count(project->train);
    const size_t others = n - project->removed.count;
    const size_t forgotten = spec->count < FORGOTTEN ? spec->count : FORGOTTEN;
    const size_t retained = others < RETAINED ? others : RETAINED;
    const size_t most = forgotten + retained;
    e->ids = lethe_alloc(most, sizeof *e->ids);
    e->labels = lethe_alloc(most, sizeof *e->labels);
    e->room = lethe_alloc(most, 2 * sizeof *e->room);
    if (!e->ids || !e->labels || !e->room)
        return lethe_fail_memory(err, "samples of a picture", most, 2 * sizeof *e->room);
    for (size_t k = 0; k < forgotten; k++)
        e->ids[e->count++] = spec->forgotten[k * spec->count / forgotten];
    e->forgotten = e->count;
    for (size_t id = 0, seen = 0; id < n && e->count < most; id++) {
        if (lethe_ids_has(&project->removed, id))
            continue;
        if (seen * retained / others < (seen + 1) * retained / others)
            e->ids[e->count++] = id;
        seen++;
    }
    return LETHE_OK;
}

/* Where the samples lie under each model there is. */
static enum lethe_err place(struct embedding *e, const struct lethe_report_embedding *spec,
                            struct lethe_problem *problem, double *x, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    struct lethe_axes2 axes = {0};
    enum lethe_err code = LETHE_OK;
    for (size_t m = 0; !code && m < LETHE_REPORT_MODELS; m++) {
        if (!spec->w[m])
            continue;
        code = lethe_last_features(x, problem, spec->w[m], watch, err);
        if (!code && !axes.axis)
            code = lethe_principal_axes(&axes, x, e->count, lethe_last_width(spec->project->graph),
                                        err);
        e->at[m] = code ? NULL : lethe_alloc(e->count, 2 * sizeof(double));
        if (!code && !e->at[m])
            code = lethe_fail_memory(err, "points of a picture", e->count, 2 * sizeof(double));
        if (!code)
            lethe_axes2_project(e->at[m], &axes, x, e->count);
    }
    memcpy(e->share, axes.share, sizeof e->share);
    lethe_axes2_release(&axes);
    return code;
}

static enum lethe_err embed(struct embedding *e, const struct lethe_report_embedding *spec,
                            struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_project *project = spec->project;
    const size_t width = lethe_last_width(project->graph);
    enum lethe_err code = choose(e, spec, err);
    const struct lethe_problem_spec of = {.graph = project->graph,
                                          .data = project->train,
                                          .ids = e->ids,
                                          .count = e->count,
                                          .dtype = lethe_graph_passes(project->graph)};
    struct lethe_problem *problem = NULL;
    double *x = NULL;
    if (!code)
        code = lethe_problem_new(&problem, &of, err);
    if (!code && !(x = lethe_alloc(e->count, width * sizeof *x)))
        code = lethe_fail_memory(err, "features", e->count, width * sizeof *x);
    if (!code)
        memcpy(e->labels, lethe_problem_labels(problem), e->count * sizeof *e->labels);
    if (!code)
        code = place(e, spec, problem, x, watch, err);
    lethe_problem_free(problem);
    lethe_free(x);
    return code;
}

/* ---- drawing --------------------------------------------------------------------------------- */

/* Samples [first, last) of a class (-1: of all) in panel m, with a title where one is due. */
static enum lethe_err add_points(struct lethe_sheet *sheet, const struct embedding *e, size_t m,
                                 size_t first, size_t last, int class, const char *title,
                                 struct lethe_error *err)
{
    double *x = e->room, *y = e->room + e->count;
    size_t n = 0;
    for (size_t i = first; i < last; i++)
        if (class < 0 || e->labels[i] == class) {
            x[n] = e->at[m][2 * i];
            y[n++] = e->at[m][2 * i + 1];
        }
    const struct lethe_plot_series points = {.title = title,
                                             .style = LETHE_PLOT_POINTS,
                                             .x = x,
                                             .y = y,
                                             .n = n,
                                             .point = first ? LETHE_POINT_RING : LETHE_POINT_SQUARE,
                                             .colour = class < 0 ? 1 : (size_t) class + 1,
                                             .panel = m + 1};
    return n ? lethe_sheet_series(sheet, &points, err) : LETHE_OK;
}

/* The key stands with the first model: a retained sample names its class, the first class that has
 * forgotten ones names those. */
static enum lethe_err add_model(struct lethe_sheet *sheet, const struct embedding *e, size_t m,
                                const struct lethe_project *project, struct lethe_error *err)
{
    const int classes = (int)lethe_graph_classes(project->graph), by_class = classes <= COLOURS;
    enum lethe_err code = LETHE_OK;
    for (int c = by_class ? 0 : -1; !code && c < (by_class ? classes : 0); c++) {
        char title[64];
        const char *own = c < 0 ? NULL : lethe_dataset_class_name(project->train, (size_t)c);
        snprintf(title, sizeof title, "%s%.40s",
                 own && *own ? ""
                 : c < 0     ? "retained"
                             : "class ",
                 own && *own ? own : "");
        if (c >= 0 && !(own && *own))
            snprintf(title, sizeof title, "class %d", c);
        code = add_points(sheet, e, m, e->forgotten, e->count, c, m ? NULL : title, err);
    }
    for (int c = by_class ? 0 : -1, named = m > 0; !code && c < (by_class ? classes : 0); c++) {
        const size_t before = lethe_sheet_plot(sheet)->series_count;
        code = add_points(sheet, e, m, 0, e->forgotten, c, named ? NULL : "forgotten", err);
        named |= lethe_sheet_plot(sheet)->series_count > before;
    }
    return code;
}

static enum lethe_err draw(struct lethe_sheet *sheet, struct embedding *e,
                           const struct lethe_project *project, struct lethe_error *err)
{
    const char *names[LETHE_REPORT_MODELS];
    char label[2][48];
    size_t panels = 0;
    for (size_t a = 0; a < 2; a++)
        snprintf(label[a], sizeof label[a], "component %zu (%.0f %%)", a + 1, 100 * e->share[a]);
    const struct lethe_plot_axis across = {.label = label[0]}, up = {.label = label[1]};
    enum lethe_err code = lethe_sheet_axes(sheet, &across, &up, err);
    for (size_t m = 0; !code && m < LETHE_REPORT_MODELS && e->at[m]; m++) {
        names[panels++] = lethe_report_model(m);
        code = add_model(sheet, e, m, project, err);
    }
    return code ? code : lethe_sheet_panels(sheet, names, panels, err);
}

enum lethe_err lethe_report_embedding_make(struct lethe_sheet **sheet,
                                           const struct lethe_report_embedding *spec,
                                           struct lethe_watch *watch, struct lethe_error *err)
{
    struct embedding e = {0};
    struct lethe_error own = {0};
    *sheet = NULL;
    enum lethe_err code = embed(&e, spec, watch, &own);
    if (!code) {
        *sheet = lethe_sheet_new("What the last layer is given", NULL, &own);
        code = *sheet ? draw(*sheet, &e, spec->project, &own) : LETHE_ENOMEM;
    }
    release(&e);
    if (code) {
        lethe_sheet_unref(*sheet);
        *sheet = NULL;
    }
    if (code && code != LETHE_EARG && err)
        *err = own;
    return code == LETHE_EARG ? LETHE_OK : code;
}
