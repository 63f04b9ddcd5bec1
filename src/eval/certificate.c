/* SPDX-License-Identifier: MIT
 * Noise of a certified removal (Sekhari et al., NeurIPS 2021):
 *   gamma = 2 M L^2 m^2 / (lambda^3 n^2),  sigma = (gamma / eps) sqrt(2 ln(1.25 / delta)),
 * the exponent 3 following from M / (2 lambda) (2 m L / (lambda n))^2. For softmax regression with
 * |(x, 1)| <= B: L = sqrt(2) B + lambda |w|, M = 0.2722 B^3. For eps > 1, where the classical
 * calibration is not valid, the analytic Gaussian mechanism (Balle and Wang, ICML 2018).
 * Check: n 1437, m 1, B 4.893, w 0, eps 1, delta 1e-5: sigma 7.2e-3 at lambda 1, 7.2e3 at 0.01;
 * analytic: sensitivity 1, eps 1, delta 1e-5 gives 3.7306. */
#include "lethe/certificate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "eval/interval.h"

static const struct {
    unsigned gap;
    const char *words, *cure;
} conditions[] = {
    {LETHE_CERT_NOT_CONVEX, "the model is not softmax regression", NULL},
    {LETHE_CERT_NO_DECAY, "the training had no weight decay", NULL},
    {LETHE_CERT_NOT_A_MINIMISER, "the training did not end at a minimum", "train continue"},
    {LETHE_CERT_EARLIER, "samples were removed before, in steps of their own", NULL},
    {LETHE_CERT_TOO_MANY, "more than half of the samples are removed", NULL},
    {LETHE_CERT_BLANKET, "the step moves a part of the parameters", "blanket all"},
    {LETHE_CERT_FORM, "the step is not in the influence form", "form influence"},
    {LETHE_CERT_STEPS, "there is more than one step", "update steps=1"},
    {LETHE_CERT_DAMPED, "damping is not 0", "damping 0"},
    {LETHE_CERT_CURVATURE, "the curvature is not the exact Hessian", "curvature hessian"},
    {LETHE_CERT_SAMPLES, "the curvature is not that of all retained samples",
     "curvature samples=#"},
    {LETHE_CERT_ESTIMATE, "the curvature is an estimate from drawn labels", "curvature hessian"},
    {LETHE_CERT_DIFFERENCES, "the curvature is an estimate from differences", NULL},
    {LETHE_CERT_SOLVE, "the step is solved up to a residual only", NULL},
};

unsigned lethe_certificate_condition(struct lethe_certificate_condition *condition,
                                     const struct lethe_certificate *certificate, size_t k)
{
    if (k >= sizeof conditions / sizeof *conditions)
        return 0;
    const char *cure = conditions[k].cure ? conditions[k].cure : "";
    const char *number = strchr(cure, '#'); /* stands for the retained samples */
    condition->gap = conditions[k].gap;
    condition->fails = conditions[k].words;
    snprintf(condition->cure, sizeof condition->cure, "%.*s",
             number ? (int)(number - cure) : (int)strlen(cure), cure);
    if (number)
        snprintf(condition->cure + strlen(condition->cure),
                 sizeof condition->cure - strlen(condition->cure), "%zu", certificate->retained);
    return condition->gap;
}

/* delta that noise of sd 1 / t gives to a query of sensitivity 1. */
static double gaussian_delta(double t, double eps)
{
    double half = t / 2, shift = eps / t;
    return lethe_normal_cdf(half - shift) - exp(eps) * lethe_normal_cdf(-half - shift);
}

double lethe_analytic_gaussian(double sensitivity, double eps, double delta)
{
    double low = 0, high = 1; /* of sensitivity / sigma; delta grows with it */
    while (gaussian_delta(high, eps) < delta)
        high *= 2;
    for (int i = 0; i < 100; i++) {
        double middle = 0.5 * (low + high);
        if (gaussian_delta(middle, eps) <= delta)
            low = middle;
        else
            high = middle;
    }
    return sensitivity / low;
}

static enum lethe_err check(const struct lethe_certificate_input *in, struct lethe_error *err)
{
    if (!(in->eps > 0 && in->eps <= 100))
        return lethe_fail(err, LETHE_EARG, "eps is %g; it must lie in (0, 100]", in->eps);
    if (!(in->delta > 0 && in->delta < 1))
        return lethe_fail(err, LETHE_EARG, "delta is %g; it must lie in (0, 1)", in->delta);
    if (!(in->lambda >= 0))
        return lethe_fail(err, LETHE_EARG,
                          "a certificate needs the weight decay of the training, 0 or more, not %g",
                          in->lambda);
    if (!in->n || !in->m || !in->dim)
        return lethe_fail(err, LETHE_EARG, "a certificate needs samples removed: %zu of %zu", in->m,
                          in->n);
    return LETHE_OK;
}

enum lethe_err lethe_certificate_measure(struct lethe_certificate *certificate,
                                         const struct lethe_certificate_input *in,
                                         struct lethe_error *err)
{
    enum lethe_err code = check(in, err);
    if (code)
        return code;
    double n = (double)in->n, m = (double)in->m, dim = (double)in->dim;
    struct lethe_certificate c = {
        .gaps = in->gaps | (2 * in->m > in->n ? LETHE_CERT_TOO_MANY : 0) |
                (in->lambda > 0 ? 0 : LETHE_CERT_NO_DECAY),
        .retained = in->n > in->m ? in->n - in->m : 0,
        .lipschitz = sqrt(2) * in->bound + in->lambda * in->weight_norm,
        .hessian_lipschitz = 0.2722 * pow(in->bound, 3),
    };
    double one = 2 * c.hessian_lipschitz * c.lipschitz * c.lipschitz / pow(in->lambda, 3) / (n * n);
    double per_gamma = in->eps <= 1 ? sqrt(2 * log(1.25 / in->delta)) / in->eps
                                    : lethe_analytic_gaussian(1, in->eps, in->delta);
    c.gamma = one * m * m;
    c.sigma = c.gamma * per_gamma;
    c.step_to_noise = in->step_norm / (c.sigma * sqrt(dim));
    c.m_max = fmin(n / 2, sqrt(in->excess / (c.lipschitz * sqrt(dim) * one * per_gamma)));
    if (!(in->lambda > 0))
        c.gamma = c.sigma = c.step_to_noise = c.m_max = NAN;
    *certificate = c;
    return LETHE_OK;
}

void lethe_certificate_words(char *text, size_t size, const struct lethe_certificate *certificate)
{
    if (!certificate->gaps) {
        snprintf(text, size, "%s",
                 certificate->step_to_noise >= 1
                     ? "holds"
                     : "holds, useless: the noise is larger than the step");
        return;
    }
    size_t used = (size_t)snprintf(text, size, "void: ");
    struct lethe_certificate_condition c;
    const char *between = "";
    for (size_t k = 0; lethe_certificate_condition(&c, certificate, k) && used < size; k++) {
        if (!(certificate->gaps & c.gap))
            continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s", between, c.fails);
        if (*c.cure && used < size)
            used += (size_t)snprintf(text + used, size - used, " ('%s')", c.cure);
        between = "; ";
    }
}
