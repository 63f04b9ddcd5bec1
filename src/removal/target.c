/* SPDX-License-Identifier: MIT
 * The whole step as a target. */
#include "removal/target.h"

#include <string.h>

#include "base/clock.h"
#include "removal/stage_common.h"

enum lethe_err lethe_target_problem(struct lethe_problem **problem,
                                    const struct lethe_target *target, struct lethe_error *err)
{
    struct lethe_problem_spec spec =
        lethe_snapshot_spec(target->whole->snapshot, &target->ids, LETHE_F64);
    spec.batch = 1; /* gradients of single samples are what it is asked for */
    return lethe_problem_new(problem, &spec, err);
}

/* The forgotten samples that count: all, or as many as do, drawn from the seed. */
static enum lethe_err draw(struct lethe_ids *ids, const struct lethe_snapshot *snapshot,
                           struct lethe_error *err)
{
    const struct lethe_ids *all = &snapshot->forget;
    const size_t most =
        all->count < LETHE_PROJECTION_SAMPLES ? all->count : LETHE_PROJECTION_SAMPLES;
    ids->at = lethe_alloc(most, sizeof *ids->at);
    if (!ids->at)
        return lethe_fail_memory(err, "sample ids", most, sizeof *ids->at);
    ids->count = lethe_curvature_samples(ids->at, all->at, all->count, most, snapshot->seed);
    return LETHE_OK;
}

static enum lethe_err form_of(enum lethe_form *form, const struct lethe_settings *settings,
                              struct lethe_error *err)
{
    enum lethe_err code = lethe_form_find(form, settings->text[LETHE_SET_FORM], err);
    if (!code && *form == LETHE_FORM_OUTCOME)
        *form = LETHE_FORM_AUTO;
    return code;
}

/* d, with the factor that is thrown away after it. */
static enum lethe_err solve(struct lethe_update *update,
                            const struct lethe_blanket_curvature *whole,
                            const struct lethe_settings *settings, double mu,
                            struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_factor *factor = NULL;
    struct lethe_step_spec spec = {
        .curve = whole, .units = whole->blanket.count, .mu = mu, .form = LETHE_FORM_AUTO};
    enum lethe_err code = form_of(&spec.form, settings, err);
    if (!code)
        code = lethe_plain_factor(&factor, whole, spec.units, mu, 0, settings, watch, err);
    spec.factor = factor;
    if (!code)
        code = lethe_step_make(update, &spec, err);
    lethe_factor_unref(factor);
    return code;
}

/* out = (H + mu I) x over all parameters, both by entry of w, from the lower triangle of a matrix
 * over the index. */
static void multiply(double *out, const struct lethe_curvature *c, const size_t *index,
                     const double *x, double mu)
{
    const size_t n = c->size;
    for (size_t i = 0; i < n; i++)
        out[index[i]] = (c->matrix[i * n + i] + mu) * x[index[i]];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            out[index[i]] += c->matrix[i * n + j] * x[index[j]];
            out[index[j]] += c->matrix[i * n + j] * x[index[i]];
        }
}

/* reached = (H + mu I) d, d by entry of w: g itself where a factor solved and nothing followed. */
static enum lethe_err reached(double *out, const struct lethe_target *target, const double *step,
                              double mu, const struct lethe_settings *settings,
                              struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_blanket_curvature *whole = target->whole;
    const size_t size = whole->removal.size;
    struct lethe_product *product = NULL;
    struct lethe_problem *samples = NULL;
    memcpy(out, target->rhs, size * sizeof *out);
    if (target->metric.matrix) {
        multiply(out, &target->metric, whole->blanket.index, step, LETHE_TARGET_PROBS * mu);
        return LETHE_OK;
    }
    if (!lethe_blanket_curvature_by_products(whole)) {
        if (target->passes && whole->curvature.matrix)
            multiply(out, &whole->curvature, whole->blanket.index, step, mu);
        return LETHE_OK;
    }
    double *h = lethe_alloc(2 * size, sizeof *h), *v = h ? h + size : NULL;
    if (!h)
        return lethe_fail_memory(err, "a product", 2 * size, sizeof *h);
    for (size_t i = 0; i < size; i++)
        v[i] = step[whole->blanket.index[i]];
    enum lethe_err code =
        lethe_stage_product(&product, &samples, whole, whole->blanket.count, settings, err);
    if (!code)
        code = lethe_product_apply(product, h, v, watch, err);
    for (size_t i = 0; !code && i < size; i++)
        out[whole->blanket.index[i]] = h[i] + mu * v[i];
    lethe_product_free(product);
    lethe_problem_free(samples);
    lethe_free(h);
    return code;
}

/* Goes on from w + d; step becomes where that leads, less w. */
static enum lethe_err go_on(double *step, struct lethe_target *target, double mu,
                            const struct lethe_settings *settings, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    struct lethe_snapshot *snapshot = target->whole->snapshot;
    const size_t size = lethe_graph_size(snapshot->graph);
    if (!target->passes)
        return LETHE_OK;
    double *w = lethe_stage_weights(snapshot, err);
    if (!w)
        return LETHE_ENOMEM;
    for (size_t i = 0; i < size; i++)
        w[i] += step[i];
    enum lethe_err code =
        lethe_passes_run(&target->path, w, snapshot, mu, target->passes, settings, watch, err);
    for (size_t i = 0; !code && i < size; i++)
        step[i] = w[i] - snapshot->w[i];
    lethe_free(w);
    return code;
}

static enum lethe_err project(struct lethe_target *target, const struct lethe_update *update,
                              const struct lethe_settings *settings, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    const struct lethe_blanket_curvature *whole = target->whole;
    const struct lethe_removal *removal = &whole->removal;
    const size_t size = removal->size;
    struct lethe_problem *forget = NULL;
    double *step = lethe_alloc_zero(2 * size, sizeof *step);
    target->rhs = lethe_alloc(size, sizeof *target->rhs);
    if (!step || !target->rhs) {
        lethe_free(step);
        return lethe_fail_memory(err, "a step", 3 * size, sizeof *step);
    }
    double *const moved = step + size;
    memcpy(target->rhs, update->form == LETHE_FORM_RESIDUAL ? removal->residual : removal->pull,
           size * sizeof *target->rhs);
    lethe_update_apply(step, update, &whole->blanket);
    target->passes = lethe_settings_count(settings, LETHE_SET_PASSES);
    enum lethe_err code = go_on(step, target, update->mu, settings, watch, err);
    if (!code)
        code = lethe_target_measure(target, settings, watch, err);
    if (!code)
        code = reached(moved, target, step, update->mu, settings, watch, err);
    if (!code)
        code = lethe_target_problem(&forget, target, err);
    const struct lethe_projection_spec spec = {.forget = forget,
                                               .w = whole->snapshot->w,
                                               .step = step,
                                               .reached = moved,
                                               .n = removal->n,
                                               .mu = update->mu,
                                               .probs =
                                                   target->metric.matrix ? LETHE_TARGET_PROBS : 0};
    if (!code)
        code = lethe_projection_new(&target->projection, &spec, watch, err);
    lethe_problem_free(forget);
    lethe_free(step);
    return code;
}

enum lethe_err lethe_target_make(struct lethe_target **target, struct lethe_snapshot *snapshot,
                                 const struct lethe_settings *settings, double mu,
                                 struct lethe_blanket_curvature *whole, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    const double start = lethe_clock();
    struct lethe_update update = {0};
    struct lethe_target *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a step", 1, sizeof *made);
    made->refs = 1;
    enum lethe_err code = draw(&made->ids, snapshot, err);
    if (!code && whole)
        made->whole = lethe_blanket_curvature_ref(whole);
    else if (!code)
        code = lethe_plain_curvature(&made->whole, snapshot, settings,
                                     lethe_dense_parameters(snapshot, settings), watch, err);
    if (!code)
        code = solve(&update, made->whole, settings, mu, watch, err);
    if (!code)
        code = project(made, &update, settings, watch, err);
    made->left = update.left;
    made->seconds = lethe_clock() - start + (whole ? whole->seconds : 0);
    lethe_update_release(&update);
    if (code)
        lethe_target_unref(made);
    else
        *target = made;
    return code;
}
