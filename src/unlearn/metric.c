/* SPDX-License-Identifier: MIT
 * The Gauss-Newton metric: never indefinite, and with weight decay never singular. */
#include "unlearn/metric.h"

#include "base/alloc.h"

enum lethe_err lethe_metric_refresh(struct lethe_metric *metric, struct lethe_problem *problem,
                                    const double *w, struct lethe_watch *watch,
                                    struct lethe_error *err)
{
    const struct lethe_curvature_options options = {0};
    const struct lethe_curvature_method *ggn = NULL;
    struct lethe_curvature c = {0};
    struct lethe_factor *fresh = NULL;
    size_t size = lethe_problem_size(problem);
    enum lethe_err rc = lethe_curvature_find(&ggn, "ggn", err);
    if (!rc && !metric->turned) {
        metric->turned = lethe_alloc(size, sizeof *metric->turned);
        if (!metric->turned)
            return lethe_fail_memory(err, "a metric", size, sizeof *metric->turned);
        rc = lethe_blanket_all(&metric->all, lethe_problem_graph(problem), err);
    }
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

void lethe_metric_apply(const void *context, double *x)
{
    const struct lethe_metric *metric = context;
    size_t size = metric->all.offset[metric->all.count];
    for (size_t i = 0; i < size; i++)
        metric->turned[i] = x[metric->all.index[i]];
    (void)lethe_factor_solve(metric->factor, metric->turned, size, 0, NULL);
    for (size_t i = 0; i < size; i++)
        x[metric->all.index[i]] = metric->turned[i];
}

void lethe_metric_release(struct lethe_metric *metric)
{
    lethe_blanket_release(&metric->all);
    lethe_factor_unref(metric->factor);
    lethe_free(metric->turned);
    *metric = (struct lethe_metric){0};
}
