/* SPDX-License-Identifier: MIT
 * The Gauss-Newton metric: never indefinite, and with weight decay never singular. Check value:
 * tests/unit/unlearn/train_test.c counts the iterations it saves. */
#include "unlearn/preconditioner.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"

enum {
    LARGEST_LAYER = 4000, /* inputs and outputs of a layer whose factors are kept */
    KRON_SAMPLES = 2000   /* the factors are measured on */
};

static const double least_shift = 1e-6; /* where there is no weight decay */

int lethe_preconditioner_possible(const struct lethe_graph *graph)
{
    struct lethe_blanket all = {0};
    for (size_t l = 0; l < lethe_graph_layer_count(graph); l++)
        if (lethe_graph_layer(graph, l)->units > LARGEST_LAYER ||
            lethe_graph_layer(graph, l)->unit_params > LARGEST_LAYER)
            return 0;
    if (lethe_blanket_all(&all, graph, NULL))
        return 0;
    const int possible = lethe_kron_possible(graph, &all);
    lethe_blanket_release(&all);
    return possible;
}

static enum lethe_err refresh_factor(struct lethe_preconditioner *metric,
                                     struct lethe_problem *problem, const double *w,
                                     struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_curvature_options options = {0};
    const struct lethe_curvature_method *ggn = NULL;
    struct lethe_curvature c = {0};
    struct lethe_factor *fresh = NULL;
    enum lethe_err rc = lethe_curvature_find(&ggn, "ggn", err);
    if (!rc)
        rc = lethe_curvature_make(&c, ggn, problem, w, &metric->all, &options, watch, err);
    if (!rc)
        rc = lethe_factor_cholesky(&fresh, &c, 0, err);
    lethe_curvature_release(&c);
    if (rc)
        return rc;
    lethe_factor_unref(metric->factor);
    metric->factor = fresh;
    return LETHE_OK;
}

static enum lethe_err refresh_kron(struct lethe_preconditioner *metric,
                                   struct lethe_problem *problem, const double *w,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_kron_spec spec = {
        .problem = problem, .w = w, .blanket = &metric->all, .most = KRON_SAMPLES, .turn = 1};
    struct lethe_kron fresh;
    enum lethe_err rc = lethe_kron_init(&fresh, &spec, watch, err);
    if (rc)
        return rc;
    lethe_kron_release(&metric->kron);
    metric->kron = fresh;
    metric->shift = fmax(lethe_problem_decay(problem), least_shift);
    if (!metric->work)
        metric->work = lethe_alloc(lethe_kron_work(&metric->kron), sizeof *metric->work);
    return metric->work ? LETHE_OK : lethe_fail_memory(err, "a metric", 1, sizeof fresh);
}

/* What does not depend on where the curvature is measured. */
static enum lethe_err open_metric(struct lethe_preconditioner *metric,
                                  struct lethe_problem *problem, struct lethe_error *err)
{
    const size_t size = lethe_problem_size(problem);
    if (metric->turned)
        return LETHE_OK;
    metric->turned = lethe_alloc(size, sizeof *metric->turned);
    if (!metric->turned)
        return lethe_fail_memory(err, "a metric", size, sizeof *metric->turned);
    return lethe_blanket_all(&metric->all, lethe_problem_graph(problem), err);
}

enum lethe_err lethe_preconditioner_adopt(struct lethe_preconditioner *metric,
                                          struct lethe_problem *problem,
                                          struct lethe_factor *factor, struct lethe_error *err)
{
    enum lethe_err rc = open_metric(metric, problem, err);
    if (!rc)
        metric->factor = lethe_factor_ref(factor);
    return rc;
}

enum lethe_err lethe_preconditioner_refresh(struct lethe_preconditioner *metric,
                                            struct lethe_problem *problem, const double *w,
                                            struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t size = lethe_problem_size(problem);
    enum lethe_err rc = open_metric(metric, problem, err);
    if (rc)
        return rc;
    return (size <= LETHE_CURVATURE_DENSE ? refresh_factor : refresh_kron)(metric, problem, w,
                                                                           watch, err);
}

void lethe_preconditioner_apply(const void *context, double *x)
{
    const struct lethe_preconditioner *metric = context;
    size_t size = metric->all.offset[metric->all.count];
    for (size_t i = 0; i < size; i++)
        metric->turned[i] = x[metric->all.index[i]];
    if (metric->factor)
        (void)lethe_factor_solve(metric->factor, metric->turned, size, 0, NULL);
    else
        lethe_kron_solve(&metric->kron, metric->turned, metric->shift, metric->work);
    for (size_t i = 0; i < size; i++)
        x[metric->all.index[i]] = metric->turned[i];
}

void lethe_preconditioner_release(struct lethe_preconditioner *metric)
{
    lethe_blanket_release(&metric->all);
    lethe_factor_unref(metric->factor);
    lethe_kron_release(&metric->kron);
    lethe_free(metric->turned);
    lethe_free(metric->work);
    *metric = (struct lethe_preconditioner){0};
}
