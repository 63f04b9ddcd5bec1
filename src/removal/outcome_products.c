/* SPDX-License-Identifier: MIT
 * M v = H_R v + (1/n) sum J'FJ v for a vector over the blanket's parameters, and the solve with it.
 */
#include "removal/outcome_products.h"

#include <math.h>
#include <string.h>

#include "lethe/pcg.h"
#include "removal/ekfac_store.h"
#include "removal/stage_common.h"

struct outcome {
    const struct lethe_blanket_curvature *curve;
    const struct lethe_projection *projection;
    struct lethe_product *product;
    struct lethe_problem *samples, *forget, *watched;
    struct lethe_ekfac *ekfac;
    struct lethe_mask mask;
    size_t size;
    double *v, *m; /* (parameters) v zero between calls */
};

static enum lethe_err times(void *self, double *out, const double *v, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    struct outcome *o = self;
    const size_t *index = o->curve->blanket.index;
    const size_t all = o->projection->size;
    enum lethe_err code = lethe_product_apply(o->product, out, v, watch, err);
    if (code)
        return code;
    for (size_t i = 0; i < o->size; i++)
        o->v[index[i]] = v[i];
    memset(o->m, 0, all * sizeof *o->m);
    code = lethe_projection_times(o->m, o->projection, o->forget, o->curve->snapshot->w, o->v, err);
    for (size_t i = 0; i < o->size; i++) {
        o->v[index[i]] = 0;
        out[i] += o->m[index[i]];
    }
    return code;
}

/* A problem over the forgotten samples that count, all in one batch. */
static enum lethe_err watch_over(struct lethe_problem **problem, const struct lethe_target *target,
                                 struct lethe_error *err)
{
    struct lethe_problem_spec spec =
        lethe_snapshot_spec(target->whole->snapshot, &target->ids, LETHE_F64);
    spec.batch = target->ids.count;
    return lethe_problem_new(problem, &spec, err);
}

static enum lethe_err open_outcome(struct outcome *o, const struct lethe_blanket_curvature *curve,
                                   size_t units, const struct lethe_target *target,
                                   const struct lethe_settings *settings, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    *o = (struct outcome){
        .curve = curve, .projection = target->projection, .size = curve->blanket.offset[units]};
    const size_t all = o->projection->size;
    o->v = lethe_alloc_zero(all, sizeof *o->v);
    o->m = lethe_alloc(all, sizeof *o->m);
    if (!o->v || !o->m)
        return lethe_fail_memory(err, "a step", 2 * all, sizeof *o->v);
    enum lethe_err code =
        lethe_stage_product(&o->product, &o->samples, curve, units, settings, err);
    if (!code)
        code = lethe_target_problem(&o->forget, target, err);
    if (!code)
        code = watch_over(&o->watched, target, err);
    if (!code)
        code = lethe_snapshot_ekfac(&o->ekfac, curve->snapshot, settings, watch, err);
    if (!code)
        code = lethe_mask_init(&o->mask, o->ekfac, curve->blanket.index, o->size, err);
    return code;
}

static void close_outcome(struct outcome *o)
{
    lethe_mask_release(&o->mask);
    lethe_ekfac_unref(o->ekfac);
    lethe_product_free(o->product);
    lethe_problem_free(o->samples);
    lethe_problem_free(o->forget);
    lethe_problem_free(o->watched);
    lethe_free(o->v);
    lethe_free(o->m);
}

/* What the step promises of F_R, by one more product with H. */
static enum lethe_err promise(struct lethe_update *u, struct outcome *o, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    const struct lethe_removal *removal = &o->curve->removal;
    const size_t *index = o->curve->blanket.index;
    double along = 0, pull = 0, bend = 0, square = 0;
    double *h = lethe_alloc(o->size, sizeof *h);
    if (!h)
        return lethe_fail_memory(err, "a step", o->size, sizeof *h);
    enum lethe_err code = lethe_product_apply(o->product, h, u->step, watch, err);
    for (size_t i = 0; !code && i < o->size; i++) {
        const double x = u->step[i];
        pull += removal->pull[index[i]] * x;
        along += removal->residual ? removal->residual[index[i]] * x : 0;
        bend += h[i] * x;
        square += x * x;
    }
    lethe_free(h);
    u->norm = sqrt(square);
    u->predicted = removal->residual ? bend / 2 - along : NAN;
    u->predicted_forget = pull * (double)(removal->n - removal->m) / (double)removal->m;
    u->products++;
    if (!code && !isfinite(u->norm))
        code = lethe_fail(err, LETHE_ENUM, "the step is not finite: more damping is needed");
    return code;
}

/* From the whole step's own entries on. */
static enum lethe_err solve(struct lethe_update *u, struct outcome *o,
                            const struct lethe_settings *settings, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    const size_t *index = o->curve->blanket.index;
    struct lethe_pcg pcg = {.h = {o->size, o, times},
                            .mask = &o->mask,
                            .mu = u->mu,
                            .decay = o->curve->curvature.decay,
                            .settled = lethe_settings_real(settings, LETHE_SET_SOLVE_SETTLED),
                            .tolerance = LETHE_CG_TOLERANCE,
                            .most = LETHE_CG_MOST};
    double *b = lethe_alloc(o->size, sizeof *b);
    u->step = lethe_alloc(o->size, sizeof *u->step);
    enum lethe_err code = LETHE_OK;
    if (!b || !u->step)
        code = lethe_fail_memory(err, "a step", 2 * o->size, sizeof *b);
    for (size_t i = 0; !code && i < o->size; i++) {
        u->step[i] = o->projection->step[index[i]];
        b[i] = o->projection->target[index[i]];
    }
    if (!code)
        code = lethe_forecast_init(&pcg.forecast, o->watched, o->curve->snapshot->w, index, o->size,
                                   err);
    if (!code)
        code = lethe_pcg(u->step, &pcg, b, watch, err);
    lethe_forecast_release(&pcg.forecast);
    lethe_free(b);
    u->left = pcg.residual;
    u->products = pcg.products;
    return code;
}

enum lethe_err lethe_outcome_by_products(struct lethe_factor **factor,
                                         const struct lethe_blanket_curvature *curve, size_t units,
                                         const struct lethe_target *target,
                                         const struct lethe_settings *settings,
                                         struct lethe_watch *watch, struct lethe_error *err)
{
    struct outcome o = {0};
    struct lethe_update u = {
        .units = units, .size = curve->blanket.offset[units], .mu = target->projection->mu};
    enum lethe_err code = open_outcome(&o, curve, units, target, settings, watch, err);
    if (!code)
        code = solve(&u, &o, settings, watch, err);
    if (!code)
        code = promise(&u, &o, watch, err);
    if (!code)
        code = lethe_factor_fitted(factor, &curve->curvature, target->projection, &u, err);
    close_outcome(&o);
    lethe_update_release(&u);
    return code;
}
