/* SPDX-License-Identifier: MIT
 * Leverages against Jacobians column by column and an inverse by elimination. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/support/blobs.h"
#include "lethe/leverage.h"

enum { SAMPLES = 31, CLASSES = 3 };
static const size_t widths[] = {5, 4, CLASSES, 0};

struct fixture {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_problem *problem;
    struct lethe_blanket blanket;
    struct lethe_curvature curvature;
    double w[64];
};

static void open_fixture(struct fixture *f)
{
    const struct lethe_curvature_options options = {0};
    const struct lethe_curvature_method *ggn = NULL;
    f->graph = blobs_net(widths);
    f->data = blobs(SAMPLES, 5, CLASSES, 4);
    f->problem = blobs_problem(f->graph, f->data, NULL, SAMPLES, 0.01);
    assert_true(lethe_graph_size(f->graph) <= 64);
    lethe_graph_init(f->graph, 3, f->w);
    assert_int_equal(lethe_blanket_all(&f->blanket, f->graph, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_find(&ggn, "ggn", NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_make(&f->curvature, ggn, f->problem, f->w, &f->blanket,
                                          &options, NULL, NULL),
                     LETHE_OK);
}

static void close_fixture(struct fixture *f)
{
    lethe_curvature_release(&f->curvature);
    lethe_blanket_release(&f->blanket);
    lethe_problem_free(f->problem);
    lethe_dataset_unref(f->data);
    lethe_graph_unref(f->graph);
}

/* B_i (CLASSES, size) in the blanket's order, by directional derivatives. */
static void slow_rows(struct fixture *f, double *b, size_t sample, size_t size)
{
    double logits[SAMPLES * CLASSES], p[SAMPLES * CLASSES], column[SAMPLES * CLASSES], v[64] = {0};
    size_t first, n;
    lethe_problem_weights(f->problem, f->w);
    assert_int_equal(lethe_problem_forward(f->problem, 0, logits, &first, &n, NULL), LETHE_OK);
    lethe_softmax(p, logits, n, CLASSES);
    const double *own = p + sample * CLASSES;
    for (size_t j = 0; j < size; j++) {
        v[f->blanket.index[j]] = 1;
        assert_int_equal(lethe_exec_jvp(lethe_problem_exec(f->problem), column, v, NULL), LETHE_OK);
        v[f->blanket.index[j]] = 0;
        const double *jac = column + sample * CLASSES;
        double mean = 0;
        for (size_t c = 0; c < CLASSES; c++)
            mean += own[c] * jac[c];
        for (size_t c = 0; c < CLASSES; c++)
            b[c * size + j] = sqrt(own[c]) * (jac[c] - mean);
    }
}

/* Trace and largest eigenvalue (power iteration) of B (H + mu)^-1 B' / n. */
static void slow_leverage(double *h, double *trace, const double *b,
                          const struct lethe_factor *factor, size_t size, double mu)
{
    double m[CLASSES * CLASSES], x[64], v[CLASSES] = {1, 0.7, 0.4};
    *trace = 0;
    for (size_t c = 0; c < CLASSES; c++) {
        memcpy(x, b + c * size, size * sizeof *x);
        assert_int_equal(lethe_factor_solve(factor, x, size, mu, NULL), LETHE_OK);
        for (size_t k = 0; k < CLASSES; k++) {
            m[c * CLASSES + k] = 0;
            for (size_t j = 0; j < size; j++)
                m[c * CLASSES + k] += x[j] * b[k * size + j] / SAMPLES;
        }
        *trace += m[c * CLASSES + c];
    }
    for (int i = 0; i < 3000; i++) {
        double next[CLASSES] = {0}, square = 0;
        for (size_t c = 0; c < CLASSES; c++)
            for (size_t k = 0; k < CLASSES; k++)
                next[c] += m[c * CLASSES + k] * v[k];
        for (size_t c = 0; c < CLASSES; c++)
            square += next[c] * next[c];
        *h = sqrt(square);
        for (size_t c = 0; c < CLASSES; c++)
            v[c] = next[c] / *h;
    }
}

static void leverages_meet_their_definition(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    const double mu = 0.003;
    struct lethe_factor *factor = NULL;
    assert_int_equal(lethe_factor_cholesky(&factor, &f.curvature, mu, NULL), LETHE_OK);
    for (size_t units = 1; units <= f.blanket.count; units += 2) {
        const size_t size = f.blanket.offset[units];
        const struct lethe_leverage_spec spec = {
            .factor = factor, .blanket = &f.blanket, .units = units, .n = SAMPLES, .mu = mu};
        double h[SAMPLES], traces[SAMPLES], b[CLASSES * 64], want, want_trace;
        assert_int_equal(lethe_leverage_measure(&(struct lethe_leverages){.h = h, .traces = traces},
                                                f.problem, f.w, &spec, NULL, NULL),
                         LETHE_OK);
        for (size_t i = 0; i < SAMPLES; i += 7) {
            slow_rows(&f, b, i, size);
            slow_leverage(&want, &want_trace, b, factor, size, mu);
            assert_true(fabs(h[i] - want) < 1e-9);
            assert_true(fabs(traces[i] - want_trace) < 1e-10);
        }
    }
    /* a spectral factor says the same, and a sample from outside counts as if it were inside */
    struct lethe_factor *spectral = NULL;
    assert_int_equal(lethe_factor_spectral(&spectral, &f.curvature, f.curvature.size, NULL),
                     LETHE_OK);
    struct lethe_leverage_spec spec = {
        .factor = factor, .blanket = &f.blanket, .units = f.blanket.count, .n = SAMPLES, .mu = mu};
    double h[SAMPLES], other[SAMPLES];
    assert_int_equal(lethe_leverage_measure(&(struct lethe_leverages){.h = h}, f.problem, f.w,
                                            &spec, NULL, NULL),
                     LETHE_OK);
    spec.factor = spectral;
    spec.outside = 1;
    assert_int_equal(lethe_leverage_measure(&(struct lethe_leverages){.h = other}, f.problem, f.w,
                                            &spec, NULL, NULL),
                     LETHE_OK);
    for (size_t i = 0; i < SAMPLES; i++)
        assert_true(fabs(h[i] / (1 + h[i]) - other[i]) < 1e-9);
    lethe_factor_unref(spectral);
    lethe_factor_unref(factor);
    close_fixture(&f);
}

static void traces_add_up_to_the_degrees_of_freedom(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    for (double mu = 0; mu<1; mu = mu> 0 ? mu * 10 : 1e-3) {
        struct lethe_factor *factor = NULL, *spectral = NULL;
        struct lethe_spectrum spectrum;
        double h[SAMPLES], traces[SAMPLES], sum = 0;
        assert_int_equal(lethe_factor_cholesky(&factor, &f.curvature, mu, NULL), LETHE_OK);
        assert_int_equal(lethe_factor_spectral(&spectral, &f.curvature, f.curvature.size, NULL),
                         LETHE_OK);
        assert_int_equal(lethe_factor_spectrum(spectral, &spectrum), 1);
        const struct lethe_leverage_spec spec = {.factor = factor,
                                                 .blanket = &f.blanket,
                                                 .units = f.blanket.count,
                                                 .n = SAMPLES,
                                                 .mu = mu};
        assert_int_equal(lethe_leverage_measure(&(struct lethe_leverages){.h = h, .traces = traces},
                                                f.problem, f.w, &spec, NULL, NULL),
                         LETHE_OK);
        for (size_t i = 0; i < SAMPLES; i++) {
            assert_true(h[i] >= 0 && h[i] < 1 && h[i] <= traces[i] + 1e-12);
            sum += traces[i];
        }
        assert_true(fabs(sum - lethe_spectrum_freedom(&spectrum, mu)) < 1e-8);
        lethe_factor_unref(factor);
        lethe_factor_unref(spectral);
    }
    close_fixture(&f);
}

static void what_cannot_be_measured_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct lethe_factor *spectral = NULL;
    struct lethe_error err = {0};
    double h[SAMPLES];
    assert_int_equal(lethe_factor_spectral(&spectral, &f.curvature, f.curvature.size, NULL),
                     LETHE_OK);
    struct lethe_leverage_spec spec = {
        .factor = spectral, .blanket = &f.blanket, .units = f.blanket.count, .n = SAMPLES};
    spec.units = f.blanket.count + 1;
    assert_int_equal(lethe_leverage_measure(&(struct lethe_leverages){.h = h}, f.problem, f.w,
                                            &spec, NULL, &err),
                     LETHE_EARG);
    assert_non_null(strstr(err.message, "8 units: the blanket has 1 to 7"));
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    lethe_watch_cancel(&watch);
    spec.units = f.blanket.count;
    assert_int_equal(lethe_leverage_measure(&(struct lethe_leverages){.h = h}, f.problem, f.w,
                                            &spec, &watch, &err),
                     LETHE_ECANCEL);
    for (long n = 0; n < 12; n++) {
        lethe_alloc_fail_after(n);
        enum lethe_err rc = lethe_leverage_measure(&(struct lethe_leverages){.h = h}, f.problem,
                                                   f.w, &spec, NULL, &err);
        lethe_alloc_fail_after(-1);
        assert_int_equal(rc, LETHE_ENOMEM);
    }
    lethe_factor_unref(spectral);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leverages_meet_their_definition),
        cmocka_unit_test(traces_add_up_to_the_degrees_of_freedom),
        cmocka_unit_test(what_cannot_be_measured_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
