/* SPDX-License-Identifier: MIT
 * The numbers of views and of the trail as named arrays. */
#include <stdio.h>
#include <string.h>

#include "workbench/result_arrays.h"
#include "workbench/workbench.h"

enum { NAME = LETHE_ARRAYS_NAME, FIGURES = 3 };

static enum lethe_err add_copy(struct lethe_result_arrays *out, const char *name,
                               const double *values, size_t rows, size_t columns,
                               struct lethe_error *err)
{
    double *to = lethe_arrays_add(out, name, rows, columns, err);
    if (!to)
        return err->code;
    memcpy(to, values, rows * (columns ? columns : 1) * sizeof *to);
    return LETHE_OK;
}

static enum lethe_err add_counts(struct lethe_result_arrays *out, const char *name,
                                 const size_t *values, size_t rows, struct lethe_error *err)
{
    double *to = lethe_arrays_add(out, name, rows, 0, err);
    for (size_t i = 0; to && i < rows; i++)
        to[i] = (double)values[i];
    return to ? LETHE_OK : err->code;
}

static enum lethe_err add_labels(struct lethe_result_arrays *out, const char *name,
                                 const int *values, size_t rows, struct lethe_error *err)
{
    double *to = lethe_arrays_add(out, name, rows, 0, err);
    for (size_t i = 0; to && i < rows; i++)
        to[i] = values[i];
    return to ? LETHE_OK : err->code;
}

/* kind_before, kind_now, kind_retrain: those of the models there are. */
static enum lethe_err add_models(struct lethe_result_arrays *out,
                                 const struct lethe_model_view *view, const char *kind, size_t rows,
                                 size_t columns, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (size_t m = 0; !code && m < LETHE_VIEW_MODELS; m++) {
        char name[NAME];
        snprintf(name, sizeof name, "%s_%s", kind, lethe_model_view_model(m));
        if (view->value[m])
            code = add_copy(out, name, view->value[m], rows, columns, err);
    }
    return code;
}

static enum lethe_err add_layers(struct lethe_result_arrays *out,
                                 const struct lethe_model_view *view, struct lethe_error *err)
{
    const enum lethe_err code = add_copy(out, "layers_cka", view->value[0], view->rows, 0, err);
    return code ? code : add_copy(out, "layers_share", view->value[1], view->rows, 0, err);
}

static enum lethe_err add_embedding(struct lethe_result_arrays *out,
                                    const struct lethe_model_view *view, struct lethe_error *err)
{
    enum lethe_err code = add_counts(out, "embedding_sample", view->ids, view->rows, err);
    if (!code)
        code = add_labels(out, "embedding_class", view->labels, view->rows, err);
    double *set = code ? NULL : lethe_arrays_add(out, "embedding_set", view->rows, 0, err);
    for (size_t i = 0; set && i < view->rows; i++)
        set[i] = view->sides[i] == LETHE_SIDE_FORGET   ? 0
                 : view->sides[i] == LETHE_SIDE_RETAIN ? 1
                                                       : 2;
    if (!code && !set)
        code = err->code;
    if (!code)
        code = add_copy(out, "embedding_share", view->share, 2, 0, err);
    return code ? code : add_models(out, view, "embedding", view->rows, 2, err);
}

static enum lethe_err add_view(struct lethe_result_arrays *out, const struct lethe_model_view *view,
                               struct lethe_error *err)
{
    const size_t classes = view->classes;
    char name[NAME];
    enum lethe_err code = LETHE_OK;
    switch (view->request.kind) {
    case LETHE_VIEW_CLASSES:
        code = add_counts(out, "classes_samples", view->count, classes, err);
        return code ? code : add_models(out, view, "classes", classes, FIGURES, err);
    case LETHE_VIEW_CONFUSION:
        return add_models(out, view, "confusion", classes, classes, err);
    case LETHE_VIEW_LAYERS:
        return add_layers(out, view, err);
    case LETHE_VIEW_EMBEDDING:
        return add_embedding(out, view, err);
    default:
        snprintf(name, sizeof name, "sample_%zu", view->request.sample);
        return add_models(out, view, name, classes, 0, err);
    }
}

static enum lethe_err add_trail(struct lethe_result_arrays *out, const struct lethe_trail *trail,
                                struct lethe_error *err)
{
    enum { COLUMNS = 6 };
    double *to = lethe_arrays_add(out, "trail", trail->count, COLUMNS, err);
    for (size_t i = 0; to && i < trail->count; i++) {
        const struct lethe_trail_entry *e = &trail->at[i];
        const double row[COLUMNS] = {e->kl_forget,       e->kl_retain,       e->kl_heldout,
                                     e->forget_accuracy, e->retain_accuracy, e->heldout_accuracy};
        memcpy(to + COLUMNS * i, row, sizeof row);
    }
    return to ? LETHE_OK : err->code;
}

enum lethe_err lethe_arrays_views(struct lethe_result_arrays *out, const struct lethe_workbench *wb,
                                  struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (int kind = 0; !code && kind < LETHE_VIEW_KINDS; kind++)
        if (lethe_model_view_holds(wb, (enum lethe_model_view_kind)kind))
            code = add_view(out, wb->views[kind], err);
    if (!code && wb->trail.count)
        code = add_trail(out, &wb->trail, err);
    if (!code && !out->count)
        code = lethe_fail(err, LETHE_EARG,
                          "nothing was looked at yet: 'view classes', 'view embedding', ... first");
    return code;
}
