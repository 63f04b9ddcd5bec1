/* SPDX-License-Identifier: MIT
 * The removal step: what pulls, which form, how large, and what it promises. Check value: softmax
 * regression with the whole Hessian lands within a few per cent of the retrained weights. */
#include "lethe/update.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"

static const double unfinished_share = 0.1; /* |d_nc| / |d_influence| up to which auto = residual */

static const char *const forms[] = {"auto", "residual", "influence"};

const char *lethe_form_name(enum lethe_form form)
{
    return forms[form];
}

enum lethe_err lethe_form_find(enum lethe_form *form, const char *name, struct lethe_error *err)
{
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
        if (strcmp(forms[k], name) == 0) {
            *form = (enum lethe_form)k;
            return LETHE_OK;
        }
    return lethe_fail(err, LETHE_EARG, "no form '%s': auto, residual or influence", name);
}

enum lethe_err lethe_removal_init(struct lethe_removal *removal, struct lethe_problem *forget,
                                  struct lethe_problem *retain, const double *w, size_t trained_on,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_removal r = {
        .size = lethe_problem_size(forget), .n = trained_on, .m = lethe_problem_count(forget)};
    double value;
    if (r.m >= r.n)
        return lethe_fail(err, LETHE_EARG,
                          "forgetting %zu of %zu training samples leaves none to keep", r.m, r.n);
    r.pull = lethe_alloc(r.size, sizeof *r.pull);
    if (retain)
        r.residual = lethe_alloc(r.size, sizeof *r.residual);
    enum lethe_err rc = LETHE_OK;
    if (!r.pull || (retain && !r.residual))
        rc = lethe_fail_memory(err, "gradients", 2 * r.size, sizeof *r.pull);
    else
        rc = lethe_problem_value(forget, &value, r.pull, w, watch, err);
    if (!rc && retain)
        rc = lethe_problem_value(retain, &value, r.residual, w, watch, err);
    if (rc) {
        lethe_removal_release(&r);
        return rc;
    }
    double scale = (double)r.m / (double)(r.n - r.m);
    for (size_t i = 0; i < r.size; i++) {
        r.pull[i] *= scale;
        if (retain)
            r.residual[i] = -r.residual[i];
    }
    *removal = r;
    return LETHE_OK;
}

void lethe_removal_release(struct lethe_removal *removal)
{
    lethe_free(removal->pull);
    lethe_free(removal->residual);
    *removal = (struct lethe_removal){0};
}

/* Both steps and their difference, on the first parameters of the blanket. */
static enum lethe_err solve_both(double *influence, double *residual,
                                 const struct lethe_factor *factor,
                                 const struct lethe_removal *removal, const size_t *index,
                                 size_t size, double mu, struct lethe_error *err)
{
    for (size_t i = 0; i < size; i++) {
        influence[i] = removal->pull[index[i]];
        residual[i] = removal->residual ? removal->residual[index[i]] : 0;
    }
    enum lethe_err rc = lethe_factor_solve(factor, influence, size, mu, err);
    if (!rc && removal->residual)
        rc = lethe_factor_solve(factor, residual, size, mu, err);
    return rc;
}

/* With d = (H + mu I)^-1 r the model changes by -r_R'd + d'Hd / 2, where d'Hd = r'd - mu |d|^2. */
static void promise(struct lethe_update *u, const struct lethe_removal *removal,
                    const size_t *index)
{
    const double *rhs = u->form == LETHE_FORM_RESIDUAL ? removal->residual : removal->pull;
    double along = 0, with_rhs = 0, with_pull = 0;
    for (size_t i = 0; i < u->size; i++) {
        with_rhs += rhs[index[i]] * u->step[i];
        with_pull += removal->pull[index[i]] * u->step[i];
        if (removal->residual)
            along -= removal->residual[index[i]] * u->step[i];
    }
    u->predicted = removal->residual ? along + (with_rhs - u->mu * u->norm * u->norm) / 2 : NAN;
    u->predicted_forget = with_pull * (double)(removal->n - removal->m) / (double)removal->m;
}

enum lethe_err lethe_update_make(struct lethe_update *update, const struct lethe_factor *factor,
                                 const struct lethe_removal *removal,
                                 const struct lethe_blanket *blanket, size_t units, double mu,
                                 enum lethe_form form, struct lethe_error *err)
{
    if (units < 1 || units > blanket->count)
        return lethe_fail(err, LETHE_EARG, "%zu units: the blanket has 1 to %zu", units,
                          blanket->count);
    if (form == LETHE_FORM_RESIDUAL && !removal->residual)
        return lethe_fail(err, LETHE_EARG,
                          "the residual form needs every retained sample, and some are not "
                          "present: use 'form influence'");
    struct lethe_update u = {.units = units, .size = blanket->offset[units], .mu = mu};
    double *influence = lethe_alloc(u.size, sizeof *influence);
    double *residual = lethe_alloc(u.size, sizeof *residual);
    enum lethe_err rc = LETHE_OK;
    if (!influence || !residual)
        rc = lethe_fail_memory(err, "a step", 2 * u.size, sizeof *influence);
    else
        rc = solve_both(influence, residual, factor, removal, blanket->index, u.size, mu, err);
    if (rc)
        goto out;
    u.influence_norm = lethe_dnorm(influence, u.size);
    u.unfinished_norm = NAN;
    if (removal->residual) {
        double square = 0;
        for (size_t i = 0; i < u.size; i++)
            square += (residual[i] - influence[i]) * (residual[i] - influence[i]);
        u.unfinished_norm = sqrt(square);
    }
    u.form = form;
    if (form == LETHE_FORM_AUTO) /* a NAN compares false: influence */
        u.form = u.unfinished_norm <= unfinished_share * u.influence_norm ? LETHE_FORM_RESIDUAL
                                                                          : LETHE_FORM_INFLUENCE;
    double **chosen = u.form == LETHE_FORM_RESIDUAL ? &residual : &influence;
    u.step = *chosen;
    *chosen = NULL;
    u.norm = lethe_dnorm(u.step, u.size);
    if (!isfinite(u.norm)) {
        rc = lethe_fail(err, LETHE_ENUM, "the step is not finite: more damping is needed");
        goto out;
    }
    promise(&u, removal, blanket->index);
    *update = u;
    u.step = NULL;
out:
    lethe_free(influence);
    lethe_free(residual);
    lethe_update_release(&u);
    return rc;
}

void lethe_update_apply(double *w, const struct lethe_update *update,
                        const struct lethe_blanket *blanket)
{
    for (size_t i = 0; i < update->size; i++)
        w[blanket->index[i]] += update->step[i];
}

void lethe_update_release(struct lethe_update *update)
{
    lethe_free(update->step);
    *update = (struct lethe_update){0};
}
