/* SPDX-License-Identifier: MIT
 * The curve and the factor of a row of the surface. */
#include "study/damping_row.h"

#include <stdio.h>

#include "removal/damping.h"
#include "removal/target.h"

/* The whole step's target that the order of single weights was made with; NULL: units, whose order
 * knows no damping. */
static const struct lethe_target *target_of(const struct lethe_comparison_base *base,
                                            const struct lethe_blanket_curvature *curve)
{
    if (!base->selected || !base->selected->selection.weights)
        return NULL;
    return curve->target ? curve->target : base->selected->target;
}

static enum lethe_err order_anew(struct lethe_damping_row *row,
                                 const struct lethe_comparison_base *base,
                                 const struct lethe_target *near, size_t count,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_settings own = base->settings;
    struct lethe_target *target = NULL;
    struct lethe_selected *selected = NULL;
    snprintf(own.text[LETHE_SET_DAMPING], LETHE_SETTING_TEXT, "%.17g", row->mu);
    enum lethe_err code =
        lethe_target_make(&target, base->snapshot, &own, row->mu, near->whole, watch, err);
    if (!code)
        code = lethe_selected_by(&selected, base->snapshot, &own, target, watch, err);
    if (!code) {
        struct lethe_selected head = *selected; /* borrows; never released */
        head.selection.count = count < head.selection.count ? count : head.selection.count;
        code = lethe_blanket_curvature_make(&row->curve, base->snapshot, &head, &own, watch, err);
    }
    lethe_selected_unref(selected);
    lethe_target_unref(target);
    return code;
}

enum lethe_err lethe_damping_row_init(struct lethe_damping_row *row,
                                      const struct lethe_comparison_base *base,
                                      struct lethe_blanket_curvature *curve, double mu,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_damping_row made = {.mu = mu};
    const struct lethe_target *target = target_of(base, curve);
    enum lethe_err code = LETHE_OK;
    if (target && mu != lethe_damping_of(&base->settings, base->snapshot))
        code = order_anew(&made, base, target, curve->blanket.count, watch, err);
    else
        made.curve = lethe_blanket_curvature_ref(curve);
    if (!code && !lethe_blanket_curvature_by_products(made.curve))
        code = lethe_step_factor(&made.factor, made.curve, made.curve->blanket.count, mu, 0,
                                 &base->settings, watch, err);
    if (code)
        lethe_damping_row_release(&made);
    else
        *row = made;
    return code;
}

void lethe_damping_row_release(struct lethe_damping_row *row)
{
    lethe_factor_unref(row->factor);
    lethe_blanket_curvature_unref(row->curve);
    *row = (struct lethe_damping_row){0};
}

enum lethe_err lethe_damping_row_step(struct lethe_update *update,
                                      const struct lethe_damping_row *row, size_t units,
                                      const struct lethe_settings *settings,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_factor *own = NULL;
    struct lethe_step_spec spec = {
        .curve = row->curve, .factor = row->factor, .units = units, .mu = row->mu};
    enum lethe_err code = lethe_form_find(&spec.form, settings->text[LETHE_SET_FORM], err);
    if (!code && !row->factor) {
        code = lethe_step_factor(&own, row->curve, units, row->mu, 0, settings, watch, err);
        spec.factor = own;
    }
    if (!code)
        code = lethe_step_make(update, &spec, err);
    lethe_factor_unref(own);
    return code;
}
