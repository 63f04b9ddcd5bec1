/* SPDX-License-Identifier: MIT
 * surface: the removal tried at every blanket size and damping of a grid, without a commit: how
 * far each is from retraining. */
#include <math.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "study/surface.h"
#include "workbench/workbench.h"

struct view {
    struct lethe_snapshot *origin; /* the workbench's, when the surface was asked for */
    struct lethe_comparison_base base;
    struct lethe_blanket_curvature *curve; /* NULL: to be made */
    size_t rows, columns;
    enum lethe_surface_value figure;
    struct lethe_surface *surface;
};

static void free_view(void *arg)
{
    struct view *view = arg;
    lethe_surface_unref(view->surface);
    lethe_blanket_curvature_unref(view->curve);
    lethe_comparison_base_release(&view->base);
    lethe_snapshot_unref(view->origin);
    lethe_free(view);
}

static enum lethe_err work_surface(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct view *view = arg;
    struct lethe_worker_problems *worker;
    struct lethe_comparison_base *base = &view->base;
    const struct lethe_surface_spec spec = {view->curve, view->rows, view->columns, view->figure};
    enum lethe_err code = lethe_comparison_base_move(base, watch, err);
    if (!code)
        code = lethe_snapshot_worker(&worker, base->snapshot, err);
    if (!code)
        code = lethe_evaluation_measure(&base->before, base->snapshot, worker, base->snapshot->w,
                                        LETHE_SIDE_TUNE, watch, err);
    if (!code)
        code = lethe_surface_make(&view->surface, base, &spec, watch, err);
    return code;
}

/* ---- answer ---------------------------------------------------------------------------------- */

static void put_cells(struct lethe_value *out, const struct lethe_surface *s)
{
    struct lethe_value *sizes = lethe_hint(lethe_put_list(out, "sizes"), LETHE_HINT_QUIET);
    struct lethe_value *params = lethe_hint(lethe_put_list(out, "parameters"), LETHE_HINT_QUIET);
    struct lethe_value *dampings = lethe_hint(lethe_put_list(out, "dampings"), LETHE_HINT_QUIET);
    struct lethe_value *cells = lethe_hint(lethe_put_list(out, "cells"), LETHE_HINT_QUIET);
    for (size_t c = 0; c < s->columns; c++) {
        lethe_put_count(sizes, NULL, s->sizes[c]);
        lethe_put_count(params, NULL, s->parameters[c]);
    }
    for (size_t r = 0; r < s->rows; r++) {
        struct lethe_value *row = lethe_put_list(cells, NULL);
        lethe_put_real(dampings, NULL, s->dampings[r]);
        for (size_t c = 0; c < s->columns; c++)
            lethe_put_real(row, NULL, s->value[r * s->columns + c]);
    }
}

/* The lowest cell. */
static void put_best(struct lethe_value *out, const struct lethe_surface *s)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; !s->predicted && i < s->rows * s->columns; i++)
        if (isfinite(s->value[i]) && (best == SIZE_MAX || s->value[i] < s->value[best]))
            best = i;
    if (best == SIZE_MAX)
        return;
    struct lethe_value *at = lethe_put_object(out, "nearest");
    lethe_put_count(at, "units", s->sizes[best % s->columns]);
    lethe_put_count(at, "parameters", s->parameters[best % s->columns]);
    lethe_put_real(at, "damping", s->dampings[best / s->columns]);
    lethe_put_real(at, lethe_surface_value_name(s->figure), s->value[best]);
    if (lethe_surface_value_share(s->figure))
        lethe_hint(lethe_put_real(at, lethe_surface_value_share(s->figure), 1 - s->value[best]),
                   LETHE_HINT_FIXED);
}

static void put_surface(struct lethe_value *out, const struct lethe_surface *s)
{
    struct lethe_text map = {0};
    lethe_surface_print(&map, s);
    lethe_hint(lethe_put_text(out, "map", lethe_text_get(&map)), LETHE_HINT_PAGE);
    lethe_text_release(&map);
    put_cells(out, s);
    lethe_hint(lethe_put_text(out, "figure",
                              s->predicted ? "predicted forget loss change"
                                           : lethe_surface_value_name(s->figure)),
               LETHE_HINT_QUIET);
    lethe_put_real(out, "before", s->before);
    struct lethe_value *now = lethe_put_object(out, "now");
    const int inside = s->column < s->columns;
    lethe_put_count(now, "units", inside ? s->sizes[s->column] : 0);
    lethe_put_real(now, "damping", s->dampings[s->row]);
    lethe_put_real(now, "value", inside ? s->value[s->row * s->columns + s->column] : NAN);
    put_best(out, s);
    struct lethe_value *rules = lethe_put_object(out, "rules");
    lethe_put_real(rules, "auto", s->automatic);
    lethe_put_real(rules, "smallest_eigenvalue", s->hints.smallest);
    lethe_put_real(rules, "tenth_of_mean", s->hints.tenth);
    lethe_put_real(rules, "corner", s->hints.corner > 0 ? s->hints.corner : NAN);
    lethe_hint(lethe_put_real(out, "time", s->seconds), LETHE_HINT_SECONDS);
    if (s->predicted)
        lethe_put_note(out, "no retraining yet: the cells are predictions of the step itself; "
                            "'retrain warm; surface' shows distances");
}

/* Cells are of one step each; a preview may take more. */
static void put_further(struct lethe_value *out, const struct view *view)
{
    const struct lethe_settings *settings = &view->base.settings;
    const int fitted = lethe_outcome_wanted(settings, view->base.selected);
    if (lethe_settings_count(settings, LETHE_SET_STEPS) > 1 ||
        (lethe_settings_count(settings, LETHE_SET_PASSES) && !fitted))
        lethe_put_note(out, "the cells are of the first step alone, without the further steps and "
                            "passes that 'update' is set to");
}

static enum lethe_err finish_surface(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                     struct lethe_error *err)
{
    struct view *view = arg;
    (void)err;
    if (wb->snapshot == view->origin &&
        !memcmp(&wb->settings, &view->base.settings, sizeof wb->settings)) {
        if (!wb->selected && view->base.selected && !view->base.snapshot->of)
            wb->selected = lethe_selected_ref(view->base.selected);
        lethe_surface_unref(wb->surface);
        wb->surface = lethe_surface_ref(view->surface);
        wb->version++;
    }
    put_surface(out, view->surface);
    put_further(out, view);
    return LETHE_OK;
}

static enum lethe_err run_surface(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const int coarse = lethe_args_choice(&call->args, "GRID", 1) == 0;
    struct lethe_snapshot *snapshot;
    enum lethe_err code = lethe_workbench_snapshot(wb, &snapshot, err);
    if (code)
        return code;
    struct view *view = lethe_alloc_zero(1, sizeof *view);
    if (!view)
        return lethe_fail_memory(err, "a surface", 1, sizeof *view);
    view->rows = lethe_args_count(&call->args, "rows", coarse ? 5 : 20);
    view->columns = lethe_args_count(&call->args, "columns", coarse ? 5 : 20);
    view->figure = (enum lethe_surface_value)lethe_args_choice(&call->args, "value", 0);
    view->origin = lethe_snapshot_ref(snapshot);
    if (wb->curve && wb->selected && wb->curve->curvature.matrix &&
        wb->curve->extent == wb->selected->selection.count)
        view->curve = lethe_blanket_curvature_ref(wb->curve);
    lethe_call_task(call, work_surface, finish_surface, free_view, view);
    return lethe_comparison_base_init(&view->base, snapshot, &wb->settings, wb->selected, wb->warm,
                                      err);
}

static const struct lethe_arg_spec surface_args[] = {
    {.name = "GRID",
     .kind = LETHE_ARG_CHOICE,
     .choices = "coarse|fine",
     .help = "5 x 5 or 20 x 20 cells (fine)"},
    {.name = "rows",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 2,
     .max = LETHE_SURFACE_MOST,
     .help = "dampings: 0 and 1e-8 to 1e2"},
    {.name = "columns",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 2,
     .max = LETHE_SURFACE_MOST,
     .help = "blanket sizes, in the order of the selection"},
    {.name = "value",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "kl|probs|logits|change-probs|change-logits",
     .help = "distance in the cells: KL, or what is missed of a recovery (kl)"},
};

const struct lethe_command lethe_command_surface = {
    .name = "surface",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET | LETHE_NOTED,
    .summary = "Map the distance to retraining over blanket size and damping",
    .detail = "Every cell is one removal, not committed: the mean KL to the warm retrain over the "
              "forget samples, or, before there is one, the change of their loss that the step "
              "predicts. With 'value=' it is the share of what retraining changes that the removal "
              "misses, 1 - recovery, in probabilities or logits of all samples, or 1 - change. "
              "Single weights are ordered anew at every damping, as a preview there does. The "
              "point that is set and the usual rules for damping are marked.",
    .examples = "retrain warm; surface\nsurface coarse value=probs",
    LETHE_ARGS(surface_args),
    .run = run_surface,
};
