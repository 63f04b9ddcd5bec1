/* SPDX-License-Identifier: MIT
 * The removal step: what pulls, which form, how large, and what it promises. Check value: softmax
 * regression with the whole Hessian lands within a few per cent of the retrained weights. */
#include "lethe/update.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/factor.h"
#include "unlearn/projection_step.h"

static const double unfinished_share = 0.1; /* |d_nc| / |d_influence| up to which auto = residual */

static const char *const forms[] = {"auto", "residual", "influence", "outcome"};

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
    return lethe_fail(err, LETHE_EARG, "no form '%s': auto, residual, influence or outcome", name);
}

enum lethe_err lethe_removal_init(struct lethe_removal *removal, struct lethe_problem *forget,
                                  struct lethe_problem *retain, const double *w, size_t trained_on,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_removal r = {.size = lethe_problem_size(forget),
                              .n = trained_on,
                              .m = lethe_problem_count(forget),
                              .objective = NAN};
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
        rc = lethe_problem_value(retain, &r.objective, r.residual, w, watch, err);
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

enum lethe_err lethe_step_plan_init(struct lethe_step_plan *plan, const struct lethe_factor *factor,
                                    const struct lethe_removal *removal,
                                    const struct lethe_blanket *blanket, size_t units,
                                    struct lethe_error *err)
{
    if (units < 1 || units > blanket->count)
        return lethe_fail(err, LETHE_EARG, "%zu units: the blanket has 1 to %zu", units,
                          blanket->count);
    if (factor->projection || !lethe_factor_takes(factor, blanket->offset[units]))
        return lethe_fail(err, LETHE_EBUG, "the factor is not one of %zu parameters",
                          blanket->offset[units]);
    struct lethe_step_plan p = {.factor = factor,
                                .units = units,
                                .size = blanket->offset[units],
                                .index = blanket->index,
                                .n = removal->n,
                                .m = removal->m};
    const double *const from[2] = {removal->pull, removal->residual};
    p.in_order = lethe_factor_has_sides(factor) && p.size == removal->size;
    for (int side = 0; !p.in_order && side < (from[1] ? 2 : 1); side++) {
        p.own[side] = lethe_alloc(p.size, sizeof *p.own[side]);
        if (!p.own[side]) {
            lethe_step_plan_release(&p);
            return lethe_fail_memory(err, "a step", 2 * p.size, sizeof(double));
        }
        for (size_t i = 0; i < p.size; i++)
            p.own[side][i] = from[side][blanket->index[i]];
        lethe_factor_into(factor, p.own[side]);
    }
    p.pull = p.in_order ? from[0] : p.own[0];
    p.residual = p.in_order ? from[1] : p.own[1];
    *plan = p;
    return LETHE_OK;
}

void lethe_step_plan_release(struct lethe_step_plan *plan)
{
    lethe_free(plan->own[0]);
    lethe_free(plan->own[1]);
    *plan = (struct lethe_step_plan){0};
}

/* A right-hand side of the plan times a step. */
static double along(const struct lethe_step_plan *p, const double *rhs, const double *step)
{
    double sum = 0;
    if (!p->in_order)
        return lethe_ddot(rhs, step, p->size);
    for (size_t i = 0; i < p->size; i++)
        sum += rhs[p->index[i]] * step[i];
    return sum;
}

/* Both steps, from copies of the right-hand sides; residual is NULL where the plan's is. Where a
 * factor has its own, work[0] and work[1] are then what is left of the equations of the influence
 * and of the residual form; else work is (size). */
static enum lethe_err solve_both(const struct lethe_step_plan *p, double *influence,
                                 double *residual, double *work, double mu, struct lethe_error *err)
{
    struct lethe_solved_pair pair = {.index = p->index, .influence = influence, .rest = residual};
    if (lethe_factor_has_sides(p->factor)) {
        enum lethe_err rc = lethe_factor_pair(p->factor, &pair, mu, err);
        for (size_t i = 0; !rc && residual && i < p->size; i++)
            residual[i] += influence[i];
        work[0] = pair.left;
        work[1] = pair.left + pair.rest_left;
        return rc;
    }
    memcpy(influence, p->pull, p->size * sizeof *influence);
    enum lethe_err rc = lethe_factor_solve_inside(p->factor, influence, p->size, mu, work, err);
    if (rc || !p->residual)
        return rc;
    memcpy(residual, p->residual, p->size * sizeof *residual);
    return lethe_factor_solve_inside(p->factor, residual, p->size, mu, work, err);
}

/* Auto: residual while |d_nc| <= 0.1 |d_influence|. */
static void choose_form(struct lethe_update *u, const struct lethe_step_plan *p,
                        const double *influence, const double *residual, enum lethe_form form)
{
    double square = 0;
    u->influence_norm = lethe_dnorm(influence, u->size);
    for (size_t i = 0; p->residual && i < u->size; i++)
        square += (residual[i] - influence[i]) * (residual[i] - influence[i]);
    u->unfinished_norm = p->residual ? sqrt(square) : NAN;
    u->form = form;
    if (form == LETHE_FORM_AUTO) /* a NAN compares false: influence */
        u->form = u->unfinished_norm <= unfinished_share * u->influence_norm ? LETHE_FORM_RESIDUAL
                                                                             : LETHE_FORM_INFLUENCE;
}

static const double *rhs_of(const struct lethe_update *u, const struct lethe_step_plan *p)
{
    return u->form == LETHE_FORM_RESIDUAL ? p->residual : p->pull;
}

/* What products left, relative to the right-hand side. */
static void account(struct lethe_update *u, const struct lethe_step_plan *p, const double *left)
{
    if (!lethe_factor_has_sides(p->factor))
        return;
    u->products = lethe_factor_products_made(p->factor);
    u->left = left[u->form == LETHE_FORM_RESIDUAL] / lethe_dnorm(rhs_of(u, p), u->size);
}

/* With d = (H + mu I)^-1 r the model changes by -r_R'd + d'Hd / 2, where d'Hd = r'd - mu |d|^2. */
static void promise(struct lethe_update *u, const struct lethe_step_plan *p)
{
    const double with_rhs = along(p, rhs_of(u, p), u->step);
    u->predicted = NAN;
    if (p->residual)
        u->predicted = (with_rhs - u->mu * u->norm * u->norm) / 2 - along(p, p->residual, u->step);
    u->predicted_forget = along(p, p->pull, u->step) * (double)(p->n - p->m) / (double)p->m;
}

enum lethe_err lethe_step_plan_step(struct lethe_update *update, const struct lethe_step_plan *plan,
                                    double mu, enum lethe_form form, struct lethe_error *err)
{
    if (form == LETHE_FORM_RESIDUAL && !plan->residual)
        return lethe_fail(err, LETHE_EARG,
                          "the residual form needs every retained sample, and some are not "
                          "present: use 'form influence'");
    struct lethe_update u = {.units = plan->units, .size = plan->size, .mu = mu};
    double *influence = lethe_alloc(u.size, sizeof *influence);
    double *residual = plan->residual ? lethe_alloc(u.size, sizeof *residual) : NULL;
    const size_t room = lethe_factor_has_sides(plan->factor) ? 2 : u.size;
    double *work = lethe_alloc(room, sizeof *work);
    enum lethe_err rc = LETHE_OK;
    if (!influence || (plan->residual && !residual) || !work)
        rc = lethe_fail_memory(err, "a step", 3 * u.size, sizeof *work);
    else
        rc = solve_both(plan, influence, residual, work, mu, err);
    if (rc)
        goto out;
    choose_form(&u, plan, influence, residual, form);
    u.reached = along(plan, plan->pull, influence);
    double **chosen = u.form == LETHE_FORM_RESIDUAL ? &residual : &influence;
    u.step = *chosen;
    *chosen = NULL;
    u.norm = lethe_dnorm(u.step, u.size);
    if (!isfinite(u.norm)) {
        rc = lethe_fail(err, LETHE_ENUM, "the step is not finite: more damping is needed");
        goto out;
    }
    account(&u, plan, work);
    promise(&u, plan);
    lethe_factor_back(plan->factor, u.step);
    *update = u;
    u.step = NULL;
out:
    lethe_free(influence);
    lethe_free(residual);
    lethe_free(work);
    lethe_update_release(&u);
    return rc;
}

enum lethe_err lethe_update_make(struct lethe_update *update, const struct lethe_factor *factor,
                                 const struct lethe_removal *removal,
                                 const struct lethe_blanket *blanket, size_t units, double mu,
                                 enum lethe_form form, struct lethe_error *err)
{
    struct lethe_step_plan plan;
    if (factor->projection)
        return lethe_projection_step(update, factor, removal, blanket, units, mu, err);
    enum lethe_err rc = lethe_step_plan_init(&plan, factor, removal, blanket, units, err);
    if (rc)
        return rc;
    rc = lethe_step_plan_step(update, &plan, mu, form, err);
    lethe_step_plan_release(&plan);
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
