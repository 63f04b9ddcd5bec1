/* SPDX-License-Identifier: MIT
 * Fisher forgetting: noise on every weight, the more the less the retained samples depend on it.
 *     F_i = mean over R of sum_c p_c (d CE(x, c) / d w_i)^2      (diagonal of the true Fisher)
 *     w_i <- w_i + sqrt(alpha * min(1 / (F_i + 1e-8), cap)) * N(0, 1)
 * Source: Golatkar, Achille, Soatto, CVPR 2020, and its program: alpha 3e-6, cap 1e3, F over all of
 * R; here over `samples` of them, drawn from the seed (0: all, a backward pass for each sample and
 * class). The program's factors for the last layer and for biases are left out. */
#include <math.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "unlearn/methods/rows.h"

enum { ALPHA, CAP, SAMPLES };

static const struct lethe_unlearn_param params[] = {
    {"alpha", "scale of the noise", 3e-6, 1e-9, 1e-2, 0, 1e6, LETHE_UNLEARN_SCALE},
    {"cap", "largest 1 / F", 1e3, 1e2, 1e5, 1e-9, 1e12, LETHE_UNLEARN_SCALE},
    {"samples", "retained samples of F, 0: all", 1000, 100, 2000, 0, 1e9,
     LETHE_UNLEARN_WHOLE | LETHE_UNLEARN_SCALE}};

/* Adds one sample's share of F. */
static enum lethe_err add(double *fisher, struct lethe_student *student, double *w, size_t row,
                          double weight, struct lethe_error *err)
{
    double *p = student->work;
    enum lethe_err code = lethe_student_forward(student, w, &row, 1, err);
    if (code)
        return code;
    lethe_softmax(p, student->logits, 1, student->classes);
    for (size_t c = 0; c < student->classes; c++) {
        for (size_t k = 0; k < student->classes; k++)
            student->slope[k] = p[k] - (k == c);
        for (size_t i = 0; i < student->size; i++)
            student->gradient[i] = 0;
        code = lethe_student_backward(student, err);
        if (code)
            return code;
        for (size_t i = 0; i < student->size; i++)
            fisher[i] += weight * p[c] * student->gradient[i] * student->gradient[i];
    }
    return LETHE_OK;
}

static enum lethe_err measure(double *fisher, struct lethe_student *student, double *w,
                              struct lethe_error *err)
{
    const size_t retained = student->count - student->forget,
                 wanted = lethe_unlearn_whole(student->input, SAMPLES);
    const size_t count = wanted && wanted < retained ? wanted : retained;
    lethe_student_shuffle(student, student->forget, retained, 0, LETHE_STREAM_SUBSET);
    for (size_t i = 0; i < count; i++) {
        enum lethe_err code =
            lethe_watch_step(student->watch, "weighing", (long)i, (long)count, err);
        if (!code)
            code = add(fisher, student, w, student->order[i], 1 / (double)count, err);
        if (code)
            return code;
    }
    return LETHE_OK;
}

static enum lethe_err run(struct lethe_student *student, double *w, struct lethe_error *err)
{
    const struct lethe_unlearn_input *in = student->input;
    const double alpha = in->values.at[ALPHA], cap = in->values.at[CAP];
    struct lethe_rng rng;
    student->inference = 1;
    double *fisher = lethe_alloc_zero(student->size, sizeof *fisher);
    enum lethe_err code =
        fisher ? measure(fisher, student, w, err)
               : lethe_fail_memory(err, "the Fisher information", student->size, sizeof(double));
    lethe_rng_init(&rng, in->seed, LETHE_RNG_UNLEARN, 0, LETHE_STREAM_NOISE);
    for (size_t i = 0; !code && i < student->size; i++) {
        const double drawn = lethe_rng_normal(&rng);
        if (!student->may || student->may[i])
            w[i] += sqrt(alpha * fmin(1 / (fisher[i] + 1e-8), cap)) * drawn;
    }
    lethe_free(fisher);
    return code;
}

const struct lethe_unlearn_method lethe_unlearn_fisher = {
    .name = "fisher",
    .summary = "noise on the weights, scaled by the inverse Fisher information of R",
    .formula = "w_i <- w_i + sqrt(alpha min(1 / F_i, cap)) N(0, 1), F_i = E_R sum_c p_c g_i(c)^2",
    .source = "Golatkar et al., CVPR 2020",
    .params = params,
    .count = LETHE_PARAM_COUNT(params),
    .needs_retained = 1,
    .run = run,
};
