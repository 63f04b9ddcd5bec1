/* SPDX-License-Identifier: MIT
 * Both steps, and what they do to F_R. */
#include "study/curvature_choice.h"

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "removal/damping.h"

static const double alike = 1e-6; /* relative difference of two decreases that is none */

/* The whole network's step with one curvature; *change NAN and *why filled where it has none. */
static enum lethe_err try_one(double *change, char *why, const struct lethe_comparison_base *base,
                              const char *name, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_error own = {0};
    struct lethe_variant variant = {.failed = 1};
    struct lethe_variant_spec spec = {.name = name,
                                      .mu = lethe_damping_of(&base->settings, base->snapshot)};
    struct lethe_blanket_curvature *curve = NULL;
    struct lethe_factor *factor = NULL;
    double *w = lethe_comparison_base_weights(base, err);
    if (!w)
        return LETHE_ENOMEM;
    enum lethe_err code = lethe_form_find(&spec.form, base->settings.text[LETHE_SET_FORM], &own);
    if (!code)
        code = lethe_comparison_base_whole(&curve, base, NULL, name, watch, &own);
    if (!code)
        code = lethe_step_factor(&factor, curve, curve->blanket.count, spec.mu, 0, &base->settings,
                                 watch, &own);
    if (!code) {
        spec.curve = curve;
        spec.factor = factor;
        spec.units = curve->blanket.count;
        code = lethe_variant_take(&variant, w, base, &spec, watch, &own);
    }
    *change = code || variant.failed ? NAN : variant.actual;
    snprintf(why, LETHE_VARIANT_NOTE, "%.*s", LETHE_VARIANT_NOTE - 1,
             code ? own.message : variant.note);
    lethe_factor_unref(factor);
    lethe_blanket_curvature_unref(curve);
    lethe_free(w);
    if (code && code != LETHE_ENUM && err)
        *err = own;
    return code == LETHE_ENUM ? LETHE_OK : code;
}

enum lethe_err lethe_curvature_choose(struct lethe_curvature_choice *choice,
                                      const struct lethe_comparison_base *base,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_curvature_choice made = {.name = "ggn"};
    char unused[LETHE_VARIANT_NOTE];
    enum lethe_err code = lethe_watch_step(watch, "whole ggn", 0, 2, err);
    if (!code)
        code = try_one(&made.ggn, unused, base, "ggn", watch, err);
    if (!code)
        code = lethe_watch_step(watch, "whole hessian", 1, 2, err);
    if (!code)
        code = try_one(&made.hessian, made.why, base, "hessian", watch, err);
    if (code)
        return code;
    if (isnan(made.ggn) && isnan(made.hessian))
        return lethe_fail(err, LETHE_ENUM,
                          "neither curvature makes a step of the whole network: "
                          "more damping is needed");
    if (!isnan(made.hessian) &&
        (isnan(made.ggn) || made.hessian < made.ggn - alike * fabs(made.ggn)))
        made.name = "hessian";
    *choice = made;
    return LETHE_OK;
}
