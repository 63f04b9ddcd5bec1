/* SPDX-License-Identifier: MIT
 * What a step does to the logits of some samples, to first order: one pass forward is kept, each
 * forecast is a directional derivative along it. */
#include "base/alloc.h"
#include "lethe/pcg.h"

struct samples {
    struct lethe_exec *exec;
    size_t size;
    const size_t *index;
    double *v; /* (parameters) 0 between calls */
};

static enum lethe_err predict(void *self, double *z, const double *x, struct lethe_error *err)
{
    const struct samples *s = self;
    if (!s->index)
        return lethe_exec_jvp(s->exec, z, x, err);
    for (size_t i = 0; i < s->size; i++)
        s->v[s->index[i]] = x[i];
    enum lethe_err rc = lethe_exec_jvp(s->exec, z, s->v, err);
    for (size_t i = 0; i < s->size; i++)
        s->v[s->index[i]] = 0;
    return rc;
}

static void free_samples(struct samples *s)
{
    if (!s)
        return;
    lethe_free(s->v);
    lethe_free(s);
}

enum lethe_err lethe_forecast_init(struct lethe_forecast *forecast, struct lethe_problem *problem,
                                   const double *w, const size_t *index, size_t size,
                                   struct lethe_error *err)
{
    const size_t count = lethe_problem_count(problem);
    const size_t logits = count * lethe_graph_classes(lethe_problem_graph(problem));
    size_t first, n;
    if (lethe_problem_batches(problem) != 1)
        return lethe_fail(err, LETHE_EARG, "a forecast of %zu samples: they must be one batch",
                          count);
    struct samples *s = lethe_alloc_zero(1, sizeof *s);
    double *z = lethe_alloc(logits, sizeof *z);
    if (s && index)
        s->v = lethe_alloc_zero(lethe_problem_size(problem), sizeof *s->v);
    enum lethe_err rc = LETHE_OK;
    if (!s || !z || (index && !s->v))
        rc = lethe_fail_memory(err, "a forecast", logits + size, sizeof *z);
    if (!rc) {
        s->exec = lethe_problem_exec(problem);
        s->size = size;
        s->index = index;
        lethe_problem_weights(problem, w);
        rc = lethe_problem_forward(problem, 0, z, &first, &n, err);
    }
    lethe_free(z);
    if (rc)
        free_samples(s);
    else
        *forecast = (struct lethe_forecast){.count = logits, .self = s, .predict = predict};
    return rc;
}

void lethe_forecast_release(struct lethe_forecast *forecast)
{
    free_samples(forecast->self);
    *forecast = (struct lethe_forecast){0};
}
