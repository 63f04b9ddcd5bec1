/* SPDX-License-Identifier: MIT
 * The restricted step of a curve: a factor where there is a matrix or rank one, products where
 * there is not. */
#include "removal/stage_common.h"

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
    return lethe_dense_parameters(curve->snapshot, settings) < LETHE_CURVATURE_DENSE ||
                   lethe_graph_size(curve->snapshot->graph) > LETHE_CURVATURE_DENSE
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
    enum lethe_err code = lethe_stage_samples(
        &p->samples, curve->snapshot, settings,
        lethe_curvature_count(curve->snapshot, settings, curve->blanket.offset[units], 1),
        passes(curve, settings), err);
    const struct lethe_product_spec spec = {.method = curve->curvature.method,
                                            .problem = p->samples,
                                            .w = curve->snapshot->w,
                                            .blanket = &curve->blanket,
                                            .units = units,
                                            .seed = lethe_stage_seed(settings),
                                            .memory = lethe_settings_memory(settings) / 4,
                                            .dtype = passes(curve, settings)};
    if (!code)
        code = open_forget(&p->forget, curve, settings, err);
    return code ? code : lethe_product_new(&p->product, &spec, err);
}

enum lethe_err lethe_stage_product(struct lethe_product **product, struct lethe_problem **problem,
                                   const struct lethe_blanket_curvature *curve, size_t units,
                                   const struct lethe_settings *settings, struct lethe_error *err)
{
    struct by_products p = {0};
    enum lethe_err code = open_product(&p, curve, units, settings, err);
    lethe_problem_free(p.forget);
    *product = p.product;
    *problem = p.samples;
    return code;
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
        .shrink = lethe_curvature_shrink(
            curve->snapshot, settings, curve->blanket.offset[units],
            lethe_curvature_count(curve->snapshot, settings, curve->blanket.offset[units], 1)),
        .settled = lethe_settings_real(settings, LETHE_SET_SOLVE_SETTLED),
        .tolerance = LETHE_CG_TOLERANCE,
        .decay = curve->curvature.decay,
        .mu = mu,
        .memory = lethe_settings_memory(settings) / 2,
        .most = LETHE_CG_MOST};
}

enum lethe_err lethe_plain_factor(struct lethe_factor **factor,
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
        how.all = lethe_product_operator_all(p.product);
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
