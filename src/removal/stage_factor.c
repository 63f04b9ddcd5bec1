/* SPDX-License-Identifier: MIT
 * The factor a step is solved with: of the curvature restricted to the blanket, or fitted to the
 * outcome of the whole network's step. */
#include "removal/outcome_products.h"
#include "removal/stage_common.h"
#include "removal/target.h"

/* The curve's target, or another with the same curvature where the damping has moved; a reference.
 */
static enum lethe_err target_at(struct lethe_target **target,
                                const struct lethe_blanket_curvature *curve, double mu,
                                const struct lethe_settings *settings, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    if (curve->target->projection->mu == mu) {
        *target = lethe_target_ref(curve->target);
        return LETHE_OK;
    }
    return lethe_target_make(target, curve->snapshot, settings, mu, curve->target->whole, watch,
                             err);
}

/* *metric (lethe_free) is the blanket's part of the target's metric, its lower triangle; NULL where
 * there is none. */
static enum lethe_err gather(double **metric, const struct lethe_blanket_curvature *curve,
                             const struct lethe_target *target, struct lethe_error *err)
{
    const struct lethe_curvature *c = &target->metric;
    const size_t size = curve->curvature.size, n = c->size;
    const size_t *all = target->whole->blanket.index, *index = curve->blanket.index;
    *metric = NULL;
    if (!c->matrix)
        return LETHE_OK;
    double *made = lethe_alloc(size, size * sizeof *made);
    size_t *place = lethe_alloc(n, sizeof *place);
    if (!made || !place) {
        lethe_free(made);
        lethe_free(place);
        return lethe_fail_memory(err, "a metric", size, size * sizeof *made);
    }
    for (size_t i = 0; i < n; i++)
        place[all[i]] = i;
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j <= i; j++) {
            const size_t a = place[index[i]], b = place[index[j]];
            made[i * size + j] = c->matrix[(a > b ? a : b) * n + (a > b ? b : a)];
        }
    lethe_free(place);
    *metric = made;
    return LETHE_OK;
}

enum lethe_err lethe_step_factor(struct lethe_factor **factor,
                                 const struct lethe_blanket_curvature *curve, size_t units,
                                 double mu, int every_mu, const struct lethe_settings *settings,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_target *target = NULL;
    struct lethe_problem *forget = NULL;
    double *metric = NULL;
    if (!curve->target)
        return lethe_plain_factor(factor, curve, units, mu, every_mu, settings, watch, err);
    enum lethe_err code = target_at(&target, curve, mu, settings, watch, err);
    if (!code && lethe_blanket_curvature_by_products(curve)) {
        code = lethe_outcome_by_products(factor, curve, units, target, settings, watch, err);
        lethe_target_unref(target);
        return code;
    }
    if (!code)
        code = lethe_target_problem(&forget, target, err);
    if (!code)
        code = gather(&metric, curve, target, err);
    if (!code)
        code = lethe_factor_outcome(factor, &curve->curvature, metric, &curve->blanket,
                                    target->projection, forget, curve->snapshot->w, watch, err);
    lethe_free(metric);
    lethe_problem_free(forget);
    lethe_target_unref(target);
    return code;
}
