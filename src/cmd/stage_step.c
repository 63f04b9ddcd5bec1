/* SPDX-License-Identifier: MIT
 * The step of a curve: a factor where there is a matrix or rank one, products where there is not.
 */
#include "cmd/stage.h"

int lethe_curve_by_products(const struct lethe_curve *curve)
{
    return curve->curvature.size && !curve->curvature.matrix && !curve->curvature.outer;
}

/* Products of a curve's first units, with a problem of their own. */
static enum lethe_err open_product(struct lethe_product **product, struct lethe_problem **problem,
                                   const struct lethe_curve *curve, size_t units,
                                   const struct lethe_settings *settings, struct lethe_error *err)
{
    enum lethe_err code = lethe_stage_samples(problem, curve->scene, settings, err);
    const struct lethe_product_spec spec = {.method = curve->curvature.method,
                                            .problem = *problem,
                                            .w = curve->scene->w,
                                            .blanket = &curve->blanket,
                                            .units = units,
                                            .seed = lethe_stage_seed(settings)};
    return code ? code : lethe_product_new(product, &spec, err);
}

enum lethe_err lethe_step_factor(struct lethe_factor **factor, const struct lethe_curve *curve,
                                 size_t units, double mu, int every_mu,
                                 const struct lethe_settings *settings, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    struct lethe_product *product = NULL;
    struct lethe_problem *problem = NULL;
    if (!lethe_curve_by_products(curve))
        return every_mu ? lethe_factor_spectral(factor, &curve->curvature,
                                                curve->blanket.offset[units], err)
                        : lethe_factor_cholesky(factor, &curve->curvature, mu, err);
    enum lethe_err code = open_product(&product, &problem, curve, units, settings, err);
    if (!code)
        code = lethe_factor_lanczos(factor, &curve->curvature, product, &curve->removal,
                                    &curve->blanket, watch, err);
    lethe_product_free(product);
    lethe_problem_free(problem);
    return code;
}

static enum lethe_err refine(struct lethe_update *update, const struct lethe_step_spec *spec,
                             const struct lethe_settings *settings, struct lethe_watch *watch,
                             struct lethe_error *err)
{
    struct lethe_product *product = NULL;
    struct lethe_problem *problem = NULL;
    const struct lethe_curve *curve = spec->curve;
    enum lethe_err code = open_product(&product, &problem, curve, spec->units, settings, err);
    if (!code)
        code = lethe_update_refine(update, spec->factor, product, &curve->removal, &curve->blanket,
                                   LETHE_CG_TOLERANCE, LETHE_CG_MOST, watch, err);
    lethe_product_free(product);
    lethe_problem_free(problem);
    return code;
}

enum lethe_err lethe_step_make(struct lethe_update *update, const struct lethe_step_spec *spec,
                               const struct lethe_settings *settings, struct lethe_watch *watch,
                               struct lethe_error *err)
{
    const struct lethe_curve *curve = spec->curve;
    struct lethe_update made = {0};
    enum lethe_err code = lethe_update_make(&made, spec->factor, &curve->removal, &curve->blanket,
                                            spec->units, spec->mu, spec->form, err);
    if (!code && made.left > LETHE_CG_TOLERANCE)
        code = refine(&made, spec, settings, watch, err);
    if (code)
        lethe_update_release(&made);
    else
        *update = made;
    return code;
}
