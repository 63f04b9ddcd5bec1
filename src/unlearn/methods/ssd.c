/* SPDX-License-Identifier: MIT
 * Selective synaptic dampening: weights that matter much more to the forget samples than to all
 * training samples S are made smaller, in one go and without training.
 *     I_D(i) = mean over the mini-batches of D of (grad of mean CE)_i^2
 *     w_i <- w_i * min(lambda I_S(i) / I_U(i), 1)   where I_U(i) > alpha I_S(i)
 * Source: Foster, Schoepf, Brintrup, AAAI 2024: alpha 10, lambda 1; mini-batches of 64 as in its
 * program (batch=1 is the diagonal of the empirical Fisher, as the paper writes it). S = U and R.
 */
#include <math.h>

#include "base/alloc.h"
#include "unlearn/methods/rows.h"

enum { ALPHA, LAMBDA, BATCH };

static const struct lethe_unlearn_param params[] = {
    {"alpha", "how many times more a weight must matter to U", 10, 0.5, 100, 0, 1e9,
     LETHE_UNLEARN_SCALE},
    {"lambda", "how much is left of a weight", 1, 0.01, 5, 0, 1e9, LETHE_UNLEARN_SCALE},
    LETHE_PARAM_BATCH(64)};

static enum lethe_err importance(double *sum, struct lethe_student *student, const double *w,
                                 size_t count, size_t done, struct lethe_error *err)
{
    const size_t batches = lethe_unlearn_batches(count, student->batch);
    for (size_t b = 0; b < batches; b++) {
        const size_t at = b * student->batch, left = count - at;
        double value;
        for (size_t i = 0; i < student->batch && i < left; i++)
            student->order[i] = at + i;
        enum lethe_err code = lethe_watch_step(student->watch, "weighing", (long)(done + b),
                                               (long)student->total, err);
        if (!code)
            code = lethe_problem_value_at(student->problem, &value, student->gradient, w,
                                          student->order,
                                          left < student->batch ? left : student->batch, NULL, err);
        if (code)
            return code;
        for (size_t i = 0; i < student->size; i++)
            sum[i] += student->gradient[i] * student->gradient[i] / (double)batches;
    }
    return LETHE_OK;
}

static enum lethe_err run(struct lethe_student *student, double *w, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    const double alpha = in->values.at[ALPHA], lambda = in->values.at[LAMBDA];
    double *all = lethe_alloc_zero(2 * student->size, sizeof *all);
    double *forget = all ? all + student->size : NULL;
    const size_t first = lethe_unlearn_batches(student->forget, student->batch);
    enum lethe_err code = LETHE_OK;
    student->total = first + lethe_unlearn_batches(student->count, student->batch);
    if (!all)
        code = lethe_fail_memory(err, "importances", 2 * student->size, sizeof *all);
    if (!code)
        code = importance(forget, student, w, student->forget, 0, err);
    if (!code)
        code = importance(all, student, w, student->count, first, err);
    for (size_t i = 0; !code && i < student->size; i++)
        if ((!student->may || student->may[i]) && forget[i] > alpha * all[i])
            w[i] *= fmin(lambda * all[i] / forget[i], 1);
    lethe_free(all);
    return code;
}

const struct lethe_unlearn_method lethe_unlearn_ssd = {
    .name = "ssd",
    .summary = "dampen the weights that matter to U alone (selective synaptic dampening)",
    .formula =
        "w_i <- w_i min(lambda I_S / I_U, 1) where I_U > alpha I_S; I: mean squared gradient",
    .source = "Foster et al., AAAI 2024",
    .params = params,
    .count = LETHE_PARAM_COUNT(params),
    .run = run,
};
