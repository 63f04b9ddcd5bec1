/* SPDX-License-Identifier: MIT
 * Damped Newton: (H + mu I) d = -g with mu as small as keeps H + mu I positive definite and the
 * model's promise true (Levenberg and Marquardt). From where L-BFGS crawls along flat valleys,
 * a dozen factorisations end at |grad|_inf <= 1e-7. */
#include "unlearn/newton.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tensor/blas.h"
#include "unlearn/factor.h"
#include "unlearn/pairs.h"

enum { STEPS = 100, TRIES = 30 };

static const double first_lift = 1e-4; /* damping tried first where none was needed before */

int lethe_newton_possible(const struct lethe_problem *problem)
{
    const struct lethe_graph *graph = lethe_problem_graph(problem);
    struct lethe_blanket all = {0};
    if (lethe_problem_size(problem) > LETHE_CURVATURE_DENSE || lethe_blanket_all(&all, graph, NULL))
        return 0;
    int possible = lethe_unit_pairs_possible(graph, &all, 1);
    lethe_blanket_release(&all);
    return possible;
}

struct newton {
    struct lethe_problem *problem;
    struct lethe_train_report *report;
    const struct lethe_curvature_method *hessian;
    struct lethe_blanket all;
    struct lethe_curvature h;
    size_t size, entries;
    double mu;
    double *w, *gradient;  /* the caller's */
    double *step;          /* (size) in the order of the blanket */
    double *trial, *slope; /* (entries), (size): weights tried, their gradient */
    struct lethe_watch *watch;
};

static double largest(const double *g, size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = fmax(worst, fabs(g[i]));
    return worst;
}

static void stiffen(struct newton *t)
{
    t->mu = t->mu > 0 ? t->mu * 4 : first_lift;
}

/* step = -(H + mu I)^-1 g, raising mu until that is possible. */
static enum lethe_err solve(struct newton *t, struct lethe_error *err)
{
    enum lethe_err rc = LETHE_ENUM;
    for (int k = 0; k < TRIES && rc == LETHE_ENUM; k++) {
        struct lethe_factor *factor = NULL;
        rc = lethe_watch_step(t->watch, "training", (long)t->report->iterations, 0, err);
        if (rc)
            return rc;
        rc = lethe_factor_attempt(&factor, &t->h, t->mu, err);
        if (rc == LETHE_ENUM) {
            stiffen(t);
            continue;
        }
        for (size_t i = 0; !rc && i < t->size; i++)
            t->step[i] = -t->gradient[t->all.index[i]];
        if (!rc)
            rc = lethe_factor_solve(factor, t->step, t->size, t->mu, err);
        lethe_factor_unref(factor);
    }
    return rc;
}

/* One accepted step; *moved is 0 when there is none. */
static enum lethe_err advance(struct newton *t, int *moved, struct lethe_error *err)
{
    const struct lethe_curvature_options options = {0};
    struct lethe_train_report *report = t->report;
    lethe_curvature_release(&t->h);
    enum lethe_err rc =
        lethe_curvature_make(&t->h, t->hessian, t->problem, t->w, &t->all, &options, t->watch, err);
    *moved = 0;
    for (int k = 0; !rc && !*moved && k < TRIES; k++) {
        double value = 0, along = 0;
        rc = solve(t, err);
        memcpy(t->trial, t->w, t->entries * sizeof *t->trial);
        for (size_t i = 0; !rc && i < t->size; i++) {
            t->trial[t->all.index[i]] += t->step[i];
            along += t->gradient[t->all.index[i]] * t->step[i];
        }
        if (!rc)
            rc = lethe_problem_value(t->problem, &value, t->slope, t->trial, t->watch, err);
        report->evaluations++;
        if (rc == LETHE_ENUM) { /* too far: not a number there */
            rc = LETHE_OK;
            value = HUGE_VAL;
        }
        double norm = lethe_dnorm(t->step, t->size);
        double promised = -along / 2 + t->mu * norm * norm / 2, noise = 1e-14 * fabs(report->value);
        double rho = (report->value - value + noise) / (promised + noise);
        *moved = !rc && rho > 0.1;
        if (*moved) {
            memcpy(t->w, t->trial, t->entries * sizeof *t->w);
            memcpy(t->gradient, t->slope, t->size * sizeof *t->gradient);
            report->value = value;
            report->gradient = largest(t->gradient, t->size);
            report->iterations++;
        }
        if (rho < 0.25)
            stiffen(t);
        else if (rho > 0.75)
            t->mu = t->mu > 1e-7 ? t->mu / 8 : 0;
    }
    return rc;
}

enum lethe_err lethe_newton(double *w, double *gradient, struct lethe_train_report *report,
                            struct lethe_problem *problem, double tolerance,
                            struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_graph *graph = lethe_problem_graph(problem);
    struct newton t = {.problem = problem,
                       .report = report,
                       .size = lethe_graph_size(graph),
                       .entries = lethe_graph_size(graph) + lethe_graph_buffers(graph),
                       .w = w,
                       .gradient = gradient,
                       .watch = watch};
    int moved = 1;
    t.step = lethe_alloc(t.size, sizeof *t.step);
    t.trial = lethe_alloc(t.entries, sizeof *t.trial);
    t.slope = lethe_alloc(t.size, sizeof *t.slope);
    enum lethe_err rc = LETHE_OK;
    if (!t.step || !t.trial || !t.slope)
        rc = lethe_fail_memory(err, "a step", 2 * t.size + t.entries, sizeof *t.step);
    if (!rc)
        rc = lethe_curvature_find(&t.hessian, "hessian", err);
    if (!rc)
        rc = lethe_blanket_all(&t.all, graph, err);
    for (int k = 0; !rc && moved && k < STEPS && report->gradient > tolerance; k++)
        rc = advance(&t, &moved, err);
    lethe_curvature_release(&t.h);
    lethe_blanket_release(&t.all);
    lethe_free(t.step);
    lethe_free(t.trial);
    lethe_free(t.slope);
    return rc;
}
