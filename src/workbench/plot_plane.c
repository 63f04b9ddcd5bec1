/* SPDX-License-Identifier: MIT
 * The plane as a plot: samples by class, those to be forgotten, and the decision boundaries of
 * before, now and retrained. */
#include <stdio.h>

#include "base/alloc.h"
#include "workbench/plane_view.h"
#include "workbench/plots.h"
#include "workbench/workbench.h"

enum { CLASSES = 7 }; /* that get a series of their own; the rest share the last */

/* Columns of pairs (n, 2). */
struct columns {
    double *x, *y;
    size_t n;
};

static enum lethe_err columns_init(struct columns *c, size_t room, struct lethe_error *err)
{
    c->n = 0;
    c->x = lethe_alloc(2 * room + 1, sizeof *c->x);
    c->y = c->x + room;
    return c->x ? LETHE_OK : lethe_fail_memory(err, "points of a plot", 2 * room, sizeof *c->x);
}

static void put(struct columns *c, const double at[2])
{
    c->x[c->n] = at[0];
    c->y[c->n++] = at[1];
}

static enum lethe_err add(struct lethe_sheet *sheet, const struct columns *c, const char *title,
                          enum lethe_plot_style style, int reference, struct lethe_error *err)
{
    const struct lethe_plot_series series = {
        .title = title, .style = style, .x = c->x, .y = c->y, .n = c->n, .reference = reference};
    return c->n ? lethe_sheet_series(sheet, &series, err) : LETHE_OK;
}

static enum lethe_err add_class(struct lethe_sheet *sheet, struct columns *c,
                                const struct lethe_plane *plane,
                                const struct lethe_project *project, size_t label,
                                struct lethe_error *err)
{
    char title[64];
    const char *name = lethe_dataset_class_name(project->train, label);
    const size_t classes = lethe_dataset_classes(project->train);
    const int rest = label == CLASSES - 1 && classes > CLASSES;
    c->n = 0;
    for (size_t id = 0; id < plane->count; id++) {
        const size_t own = (size_t)lethe_dataset_label(project->train, id);
        if ((own == label || (rest && own > label)) && !lethe_ids_has(&project->forget, id) &&
            !lethe_ids_has(&project->removed, id))
            put(c, plane->at + 2 * id);
    }
    if (rest)
        snprintf(title, sizeof title, "class %zu and above", label);
    else if (name)
        snprintf(title, sizeof title, "%.60s", name);
    else
        snprintf(title, sizeof title, "class %zu", label);
    return add(sheet, c, title, LETHE_PLOT_POINTS, 0, err);
}

static enum lethe_err add_samples(struct lethe_sheet *sheet, const struct lethe_plane *plane,
                                  const struct lethe_project *project, struct lethe_error *err)
{
    struct columns c;
    const size_t classes = lethe_dataset_classes(project->train);
    enum lethe_err code = columns_init(&c, plane->count, err);
    for (size_t label = 0; !code && label < classes && label < CLASSES; label++)
        code = add_class(sheet, &c, plane, project, label, err);
    c.n = 0;
    for (size_t k = 0; !code && k < project->forget.count; k++)
        put(&c, plane->at + 2 * project->forget.at[k]);
    if (!code)
        code = add(sheet, &c, "to be forgotten", LETHE_PLOT_CIRCLES, 0, err);
    c.n = 0;
    for (size_t k = 0; !code && k < project->removed.count; k++)
        if (project->removed.at[k] < plane->count)
            put(&c, plane->at + 2 * project->removed.at[k]);
    if (!code)
        code = add(sheet, &c, "forgotten", LETHE_PLOT_CIRCLES, 0, err);
    lethe_free(c.x);
    return code;
}

static enum lethe_err add_boundaries(struct lethe_sheet *sheet, const struct lethe_plane_view *view,
                                     struct lethe_error *err)
{
    static const char *const titles[] = {"boundary before", "boundary now", "boundary retrained"};
    enum lethe_err code = LETHE_OK;
    for (int k = 0; !code && k < LETHE_PLANE_MODELS; k++) {
        const struct lethe_plane_field *field = view->field[k];
        struct columns c = {0};
        if (!field || !field->line_count)
            continue;
        code = columns_init(&c, field->line_count, err);
        for (size_t i = 0; !code && i < field->line_count; i++)
            put(&c, field->line + 2 * i);
        if (!code)
            code = add(sheet, &c, titles[k], LETHE_PLOT_LINE, k == LETHE_PLANE_BEFORE, err);
        lethe_free(c.x);
    }
    return code;
}

static enum lethe_err name_axes(struct lethe_sheet *sheet, const struct lethe_plane *plane,
                                struct lethe_error *err)
{
    char across[96];
    if (plane->cut)
        snprintf(across, sizeof across, "component 1; a cut: %.0f %% of the variance",
                 100 * plane->share);
    const struct lethe_plot_axis x = {
        .label = plane->cut ? across : "first input", .low = plane->low[0], .high = plane->high[0]};
    const struct lethe_plot_axis y = {.label = plane->cut ? "component 2" : "second input",
                                      .low = plane->low[1],
                                      .high = plane->high[1]};
    return lethe_sheet_axes(sheet, &x, &y, err);
}

enum lethe_err lethe_plots_plane_of(struct lethe_sheet *sheet, const struct lethe_plane_view *view,
                                    const struct lethe_project *project, struct lethe_error *err)
{
    enum lethe_err code = name_axes(sheet, view->plane, err);
    if (!code)
        code = add_samples(sheet, view->plane, project, err);
    return code ? code : add_boundaries(sheet, view, err);
}

enum lethe_err lethe_plots_plane(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                 struct lethe_error *err)
{
    struct lethe_plane_view view = {0};
    enum lethe_err code = lethe_plane_view_copy(&view, wb, err);
    if (!code)
        code = lethe_plots_plane_of(sheet, &view, &wb->project, err);
    lethe_plane_view_release(&view);
    return code;
}
