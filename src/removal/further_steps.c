/* SPDX-License-Identifier: MIT
 * The steps after the first one, each from where the last one led. */
#include <math.h>

#include "removal/damping.h"
#include "removal/stage_common.h"

static enum lethe_err objective(double *value, struct lethe_snapshot *snapshot, const double *w,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_worker_problems *worker;
    struct lethe_problem *retain;
    enum lethe_err code = lethe_snapshot_worker(&worker, snapshot, err);
    if (!code)
        code = lethe_worker_problem(&retain, worker, snapshot, LETHE_SIDE_RETAIN, err);
    return code ? code : lethe_problem_value(retain, value, NULL, w, watch, err);
}

/* w = snapshot's weights and as much of the step as does not raise F_R: all, half, a quarter ... or
 * nothing. *predicted is added to, and no longer known after less than all. */
static enum lethe_err move(double *w, double *predicted, struct lethe_snapshot *snapshot,
                           const struct lethe_update *update, const struct lethe_blanket *blanket,
                           struct lethe_watch *watch, struct lethe_error *err)
{
    double before = 0, after = HUGE_VAL, part = 1;
    enum lethe_err code = objective(&before, snapshot, snapshot->w, watch, err);
    for (int tries = 0; !code && after > before && tries < 12; tries++, part /= 2) {
        for (size_t i = 0; i < update->size; i++)
            w[blanket->index[i]] = snapshot->w[blanket->index[i]] + part * update->step[i];
        code = objective(&after, snapshot, w, watch, err);
        if (code == LETHE_ENUM) { /* not a number there */
            after = HUGE_VAL;
            code = LETHE_OK;
        }
    }
    for (size_t i = 0; after > before && i < update->size; i++)
        w[blanket->index[i]] = snapshot->w[blanket->index[i]];
    *predicted = part == 0.5 ? *predicted + update->predicted : NAN;
    return code;
}

/* One step in the residual form at the weights w, which it moves. */
static enum lethe_err another(double *w, double *predicted, const struct lethe_snapshot *snapshot,
                              const struct lethe_selected *selected, size_t units,
                              const struct lethe_settings *settings, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    struct lethe_snapshot from = *snapshot, *moved = NULL;
    struct lethe_blanket_curvature *curve = NULL;
    struct lethe_factor *factor = NULL;
    struct lethe_update update = {0};
    struct lethe_step_spec spec = {
        .units = units, .mu = lethe_damping_of(settings, snapshot), .form = LETHE_FORM_RESIDUAL};
    from.w = w; /* copied by the new snapshot */
    enum lethe_err code = lethe_snapshot_new(&moved, &from, err);
    if (!code)
        code = lethe_blanket_curvature_wanted(&curve, moved, selected, NULL, settings, watch, err);
    if (!code)
        code = lethe_step_factor(&factor, curve, units, spec.mu, 0, settings, watch, err);
    spec.curve = curve;
    spec.factor = factor;
    if (!code)
        code = lethe_step_make(&update, &spec, err);
    if (!code)
        code = move(w, predicted, moved, &update, &curve->blanket, watch, err);
    lethe_update_release(&update);
    lethe_factor_unref(factor);
    lethe_blanket_curvature_unref(curve);
    lethe_snapshot_unref(moved);
    return code;
}

enum lethe_err lethe_step_more(struct lethe_update *update, double *w,
                               const struct lethe_snapshot *snapshot,
                               const struct lethe_selected *selected,
                               const struct lethe_settings *settings, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    const size_t steps = lethe_settings_count(settings, LETHE_SET_STEPS);
    const size_t size = lethe_graph_size(snapshot->graph);
    enum lethe_err code = LETHE_OK;
    double square = 0;
    if (steps > 1 && !snapshot->whole)
        return lethe_fail(err, LETHE_EARG,
                          "a second step needs every retained sample, and some are not present: "
                          "'update steps=1'");
    for (size_t k = 1; !code && k < steps; k++) {
        code = lethe_watch_step(watch, "stepping", (long)k, (long)steps, err);
        if (!code)
            code = another(w, &update->predicted, snapshot, selected, update->units, settings,
                           watch, err);
    }
    for (size_t i = 0; steps > 1 && i < size; i++)
        square += (w[i] - snapshot->w[i]) * (w[i] - snapshot->w[i]);
    if (!code && steps > 1)
        update->norm = sqrt(square);
    return code;
}
