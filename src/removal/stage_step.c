/* SPDX-License-Identifier: MIT
 * The step of a curve: a factor where there is a matrix or rank one, products where there is not.
 */
#include "removal/stage_common.h"
#include "removal/damping.h"

#include <math.h>

#include "removal/ekfac_store.h"

int lethe_blanket_curvature_by_products(const struct lethe_blanket_curvature *curve)
{
    return curve->curvature.size && !curve->curvature.matrix && !curve->curvature.outer;
}

/* What a step by products is made with, and lives as long as that takes. */
struct by_products {
    struct lethe_product *product;
    struct lethe_problem *samples, *forget;
    struct lethe_ekfac *ekfac;
};

static void close_products(struct by_products *p)
{
    lethe_product_free(p->product);
    lethe_problem_free(p->samples);
    lethe_problem_free(p->forget);
    lethe_ekfac_unref(p->ekfac);
}

/* Passes in float where the network is no small one of plain layers: the sums are in double, and
 * solves end long before the difference shows. */
static enum lethe_dtype passes(const struct lethe_blanket_curvature *curve,
                               const struct lethe_settings *settings)
{
    return lethe_dense_parameters(curve->snapshot, settings) < LETHE_CURVATURE_DENSE
               ? LETHE_F32
               : curve->snapshot->dtype;
}

/* At most FORECAST forget samples, one batch of them. */
static enum lethe_err open_forget(struct lethe_problem **problem,
                                  const struct lethe_blanket_curvature *curve,
                                  const struct lethe_settings *settings, struct lethe_error *err)
{
    enum { FORECAST = 50 };
    const struct lethe_snapshot *snapshot = curve->snapshot;
    struct lethe_ids some = snapshot->forget;
    const size_t fit = lethe_memory_batch(snapshot->graph, passes(curve, settings),
                                          lethe_settings_memory(settings) / 4);
    some.count = some.count < FORECAST ? some.count : FORECAST;
    some.count = some.count < fit ? some.count : fit;
    struct lethe_problem_spec spec = lethe_snapshot_spec(snapshot, &some, passes(curve, settings));
    spec.batch = some.count;
    return lethe_problem_new(problem, &spec, err);
}

static enum lethe_err open_product(struct by_products *p,
                                   const struct lethe_blanket_curvature *curve, size_t units,
                                   const struct lethe_settings *settings, struct lethe_error *err)
{
    enum lethe_err code =
        lethe_stage_samples(&p->samples, curve->snapshot, settings, passes(curve, settings), err);
    const struct lethe_product_spec spec = {.method = curve->curvature.method,
                                            .problem = p->samples,
                                            .w = curve->snapshot->w,
                                            .blanket = &curve->blanket,
                                            .units = units,
                                            .seed = lethe_stage_seed(settings),
                                            .dtype = passes(curve, settings)};
    if (!code)
        code = open_forget(&p->forget, curve, settings, err);
    return code ? code : lethe_product_new(&p->product, &spec, err);
}

static struct lethe_factor_products how_to(const struct by_products *p,
                                           const struct lethe_blanket_curvature *curve,
                                           size_t units, double mu,
                                           const struct lethe_settings *settings)
{
    return (struct lethe_factor_products){
        .name = curve->curvature.method->name,
        .ekfac = p->ekfac,
        .removal = &curve->removal,
        .blanket = &curve->blanket,
        .units = units,
        .w = curve->snapshot->w,
        .forget = p->forget,
        .settled = lethe_settings_real(settings, LETHE_SET_SOLVE_SETTLED),
        .tolerance = LETHE_CG_TOLERANCE,
        .decay = curve->curvature.decay,
        .mu = mu,
        .memory = lethe_settings_memory(settings) / 2,
        .most = LETHE_CG_MOST};
}

enum lethe_err lethe_step_factor(struct lethe_factor **factor,
                                 const struct lethe_blanket_curvature *curve, size_t units,
                                 double mu, int every_mu, const struct lethe_settings *settings,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    struct by_products p = {0};
    if (!lethe_blanket_curvature_by_products(curve))
        return every_mu ? lethe_factor_spectral(factor, &curve->curvature,
                                                curve->blanket.offset[units], err)
                        : lethe_factor_cholesky(factor, &curve->curvature, mu, err);
    enum lethe_err code = lethe_snapshot_ekfac(&p.ekfac, curve->snapshot, settings, watch, err);
    if (!code)
        code = open_product(&p, curve, units, settings, err);
    if (!code) {
        struct lethe_factor_products how = how_to(&p, curve, units, mu, settings);
        how.h = lethe_product_operator(p.product);
        code = lethe_factor_by_products(factor, &how, watch, err);
    }
    close_products(&p);
    return code;
}

enum lethe_err lethe_step_estimate(struct lethe_factor **factor,
                                   const struct lethe_blanket_curvature *curve, size_t units,
                                   const struct lethe_settings *settings, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    struct by_products p = {0};
    enum lethe_err code = lethe_snapshot_ekfac(&p.ekfac, curve->snapshot, settings, watch, err);
    const struct lethe_factor_products how = how_to(&p, curve, units, 0, settings);
    if (!code)
        code = lethe_factor_by_ekfac(factor, &how, err);
    close_products(&p);
    return code;
}

enum lethe_err lethe_step_make(struct lethe_update *update, const struct lethe_step_spec *spec,
                               struct lethe_error *err)
{
    const struct lethe_blanket_curvature *curve = spec->curve;
    return lethe_update_make(update, spec->factor, &curve->removal, &curve->blanket, spec->units,
                             spec->mu, spec->form, err);
}

/* ---- from where the last step led ------------------------------------------------------------ */

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
        code = lethe_blanket_curvature_wanted(&curve, moved, selected, settings, watch, err);
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
