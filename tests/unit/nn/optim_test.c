/* SPDX-License-Identifier: MIT
 * Minimisers on functions whose minimum is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/alloc.h"
#include "nn/optim.h"

static double largest(const double *g, size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = fmax(worst, fabs(g[i]));
    return worst;
}

static double rosenbrock(const double *w, double *g, size_t n)
{
    (void)n;
    double a = 1 - w[0], b = w[1] - w[0] * w[0];
    g[0] = -2 * a - 400 * w[0] * b;
    g[1] = 200 * b;
    return a * a + 100 * b * b;
}

/* Ill-conditioned (1e4), with log cosh so that it is not a quadratic, minimum 1.25 at k / 7. */
static double valley(const double *w, double *g, size_t n)
{
    double f = 1.25;
    for (size_t k = 0; k < n; k++) {
        double weight = pow(10, 4.0 * (double)k / (double)(n - 1) - 2), x = w[k] - (double)k / 7;
        f += weight * (0.5 * x * x + log(cosh(x)));
        g[k] = weight * (x + tanh(x));
    }
    return f;
}

typedef double function(const double *w, double *g, size_t n);

/* The second derivatives of the valley far from its minimum, times *context. */
static void weak_metric(const void *context, double *x)
{
    for (size_t k = 0; k < 64; k++)
        x[k] /= *(const double *)context * pow(10, 4.0 * (double)k / 63 - 2);
}

/* metric NULL: none. *evaluations (may be NULL): how often f was asked. */
static size_t minimise_in(const double *metric, size_t *asked, function *f, double *w, size_t n,
                          double tolerance)
{
    struct lethe_lbfgs opt;
    double g[64];
    assert_int_equal(lethe_lbfgs_init(&opt, n, 10, NULL), LETHE_OK);
    opt.metric = metric ? weak_metric : NULL;
    opt.metric_context = metric;
    opt.rough = 1;
    size_t iterations = 0, evaluations = 1;
    double value = f(w, g, n), before = value;
    while (largest(g, n) > tolerance) {
        enum lethe_lbfgs_ask ask = lethe_lbfgs_next(&opt, w, value, g);
        assert_int_not_equal(ask, LETHE_LBFGS_STALLED);
        if (ask == LETHE_LBFGS_EVALUATE) {
            value = f(w, g, n);
            assert_true(++evaluations < 5000);
        } else {
            assert_true(value <= before + 1e-13 * fabs(before));
            before = value;
            iterations++;
        }
    }
    lethe_lbfgs_release(&opt);
    if (asked)
        *asked = evaluations;
    return iterations;
}

static size_t minimise(function *f, double *w, size_t n, double tolerance)
{
    return minimise_in(NULL, NULL, f, w, n, tolerance);
}

static void lbfgs_finds_rosenbrocks_minimum(void **state)
{
    (void)state;
    double w[2] = {-1.2, 1};
    assert_true(minimise(rosenbrock, w, 2, 1e-10) < 60);
    assert_true(fabs(w[0] - 1) < 1e-9 && fabs(w[1] - 1) < 1e-9);
}

static void lbfgs_reaches_gradients_below_the_noise_of_f(void **state)
{
    (void)state;
    double w[64];
    for (size_t k = 0; k < 64; k++)
        w[k] = 2.385 * cos((double)k);
    minimise(valley, w, 64, 1e-9);
    for (size_t k = 0; k < 64; k++)
        assert_true(fabs(w[k] - (double)k / 7) < 1e-6);
}

/* A metric that is right but for a factor, be it thousands, is as good as the right one. */
static void lbfgs_finds_the_multiple_of_a_metric(void **state)
{
    (void)state;
    const double factors[] = {1, 1e-3, 0.05, 20, 1e3};
    size_t right = 0;
    for (size_t i = 0; i < 5; i++) {
        double w[64];
        size_t asked;
        for (size_t k = 0; k < 64; k++)
            w[k] = 2.385 * cos((double)k);
        size_t iterations = minimise_in(&factors[i], &asked, valley, w, 64, 1e-9);
        right = i ? right : iterations;
        assert_true(right < 40 && iterations <= right + 10 && asked <= iterations + 15);
    }
}

static double broken(const double *w, double *g, size_t n)
{
    double f = valley(w, g, n);
    for (size_t k = 0; k < n; k++)
        g[k] = -g[k];
    return f;
}

static void lbfgs_stalls_instead_of_climbing(void **state)
{
    (void)state;
    struct lethe_lbfgs opt;
    double w[4] = {1, 2, 3, 4}, g[4], value = broken(w, g, 4);
    assert_int_equal(lethe_lbfgs_init(&opt, 4, 5, NULL), LETHE_OK);
    enum lethe_lbfgs_ask ask;
    for (int calls = 0; (ask = lethe_lbfgs_next(&opt, w, value, g)) != LETHE_LBFGS_STALLED;) {
        assert_true(++calls < 200);
        value = broken(w, g, 4);
    }
    assert_true(w[0] == 1 && w[3] == 4);
    lethe_lbfgs_release(&opt);
    for (long n = 0; n < 7; n++) {
        lethe_alloc_fail_after(n);
        assert_int_equal(lethe_lbfgs_init(&opt, 4, 5, NULL), LETHE_ENOMEM);
    }
    lethe_alloc_fail_after(-1);
}

static void stochastic_steps_meet_hand_computed_values(void **state)
{
    (void)state;
    double w = 1, v = 0, g = 0.5, moments[2] = {0};
    lethe_sgd_step(&w, &v, &g, 1, 0.1, 0.9);
    assert_true(fabs(w - 0.95) < 1e-15);
    lethe_sgd_step(&w, &v, &g, 1, 0.1, 0.9);
    assert_true(fabs(w - (0.95 - 0.095)) < 1e-15);
    w = 1;
    lethe_adam_step(&w, moments, &g, 1, 0.01, 1);
    assert_true(fabs(w - (1 - 0.01 * 0.5 / (0.5 + 1e-8))) < 1e-15);
    g = -1.5;
    lethe_adam_step(&w, moments, &g, 1, 0.01, 2);
    double m = (0.9 * 0.05 - 0.15) / 0.19, u = (0.999 * 0.00025 + 0.00225) / (1 - 0.998001);
    assert_true(fabs(w - (1 - 0.01 * 0.5 / (0.5 + 1e-8) - 0.01 * m / (sqrt(u) + 1e-8))) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lbfgs_finds_rosenbrocks_minimum),
        cmocka_unit_test(lbfgs_reaches_gradients_below_the_noise_of_f),
        cmocka_unit_test(lbfgs_finds_the_multiple_of_a_metric),
        cmocka_unit_test(lbfgs_stalls_instead_of_climbing),
        cmocka_unit_test(stochastic_steps_meet_hand_computed_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
