/* SPDX-License-Identifier: MIT
 * Preconditioned conjugate gradients, masks and subspaces against dense solves, on networks of
 * every kind and on random sets of parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "tensor/lapack.h"
#include "tests/support/nets.h"
#include "unlearn/subspace.h"

enum { SAMPLES = 40, FORGET = 3 };
static const double decay = 0.003;

/* A random set P of a network's parameters, and the curvature of the retained samples on it. */
struct fixture {
    struct net net;
    struct lethe_problem *retain, *forget;
    struct lethe_ekfac *ekfac;
    struct lethe_blanket set; /* bare: index and offset only */
    size_t ends[2], size;
    struct lethe_product *product;
    struct lethe_mask mask;
    struct lethe_forecast forecast;
    double *matrix, *b, *x, *want; /* (size, size), (size) ... */
};

static struct lethe_problem *over(const struct net *net, size_t first, size_t count)
{
    size_t ids[SAMPLES];
    struct lethe_problem *problem = NULL;
    for (size_t i = 0; i < count; i++)
        ids[i] = first + i;
    const struct lethe_problem_spec spec = {.graph = net->graph,
                                            .data = net->data,
                                            .ids = ids,
                                            .count = count,
                                            .decay = decay,
                                            .dtype = LETHE_F64};
    assert_int_equal(lethe_problem_new(&problem, &spec, NULL), LETHE_OK);
    return problem;
}

static void fill_matrix(struct fixture *f)
{
    const size_t n = f->size;
    double *v = lethe_alloc_zero(n, sizeof *v), *out = lethe_alloc(n, sizeof *out);
    for (size_t j = 0; j < n; j++) {
        v[j] = 1;
        assert_int_equal(lethe_product_apply(f->product, out, v, NULL, NULL), LETHE_OK);
        v[j] = 0;
        for (size_t i = 0; i < n; i++)
            f->matrix[i * n + j] = out[i];
    }
    lethe_free(v);
    lethe_free(out);
}

/* share: of the parameters in P; 1: all of them. */
static struct fixture *open_fixture(enum net_kind kind, uint64_t seed, const char *name,
                                    double share)
{
    struct fixture *f = lethe_alloc_zero(1, sizeof *f);
    struct lethe_rng rng;
    f->net = net_open(kind, SAMPLES, seed);
    f->retain = over(&f->net, FORGET, SAMPLES - FORGET);
    f->forget = over(&f->net, 0, FORGET);
    const size_t all = lethe_graph_size(f->net.graph);
    size_t *index = lethe_alloc(all, sizeof *index);
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 88, 0);
    for (size_t i = 0; i < all; i++)
        index[i] = i;
    lethe_rng_shuffle(&rng, index, all);
    f->size = share < 1 ? 1 + (size_t)(share * (double)all) : all;
    f->ends[1] = f->size;
    f->set = (struct lethe_blanket){.count = 1, .offset = f->ends, .index = index};
    const struct lethe_ekfac_spec made = {.problem = f->retain, .w = f->net.w};
    assert_int_equal(lethe_ekfac_new(&f->ekfac, &made, NULL, NULL), LETHE_OK);
    struct lethe_product_spec spec = {
        .problem = f->retain, .w = f->net.w, .blanket = &f->set, .units = 1, .dtype = LETHE_F64};
    assert_int_equal(lethe_curvature_find(&spec.method, name, NULL), LETHE_OK);
    assert_int_equal(lethe_product_new(&f->product, &spec, NULL), LETHE_OK);
    assert_int_equal(lethe_mask_init(&f->mask, f->ekfac, index, f->size, NULL), LETHE_OK);
    assert_int_equal(lethe_forecast_init(&f->forecast, f->forget, f->net.w, index, f->size, NULL),
                     LETHE_OK);
    f->matrix = lethe_alloc(f->size * f->size, sizeof *f->matrix);
    f->b = lethe_alloc(3 * f->size, sizeof *f->b);
    f->x = f->b + f->size;
    f->want = f->x + f->size;
    for (size_t i = 0; i < f->size; i++)
        f->b[i] = 0.1 * lethe_rng_normal(&rng);
    fill_matrix(f);
    return f;
}

static void close_fixture(struct fixture *f)
{
    lethe_forecast_release(&f->forecast);
    lethe_mask_release(&f->mask);
    lethe_product_free(f->product);
    lethe_ekfac_unref(f->ekfac);
    lethe_problem_free(f->retain);
    lethe_problem_free(f->forget);
    lethe_free(f->set.index);
    lethe_free(f->matrix);
    lethe_free(f->b);
    net_close(&f->net);
    lethe_free(f);
}

/* want = (H + mu I)^-1 b, dense; 0 when that is not positive definite. */
static int dense(struct fixture *f, double mu)
{
    const size_t n = f->size;
    double *m = lethe_alloc(n * n, sizeof *m);
    for (size_t i = 0; i < n * n; i++)
        m[i] = f->matrix[i] + (i % (n + 1) == 0 ? mu : 0);
    memcpy(f->want, f->b, n * sizeof *f->want);
    const int ok = lethe_cholesky(m, n, NULL, NULL) == LETHE_OK;
    if (ok)
        lethe_cholesky_solve(f->want, m, n, n);
    lethe_free(m);
    return ok;
}

static double distance(const double *a, const double *b, size_t n)
{
    double off = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        off += (a[i] - b[i]) * (a[i] - b[i]);
        all += b[i] * b[i];
    }
    return sqrt(off / all);
}

static struct lethe_pcg solver(struct fixture *f, double mu)
{
    return (struct lethe_pcg){.h = lethe_product_operator(f->product),
                              .mask = &f->mask,
                              .mu = mu,
                              .decay = decay,
                              .tolerance = 1e-11,
                              .most = 400};
}

static void it_solves_what_a_matrix_solves(void **state)
{
    (void)state;
    static const double shares[] = {1, 0.5, 0.12}, dampings[] = {0, 0.02, 2.385};
    for (int kind = 0; kind < NET_ALL; kind++)
        for (size_t k = 0; k < (kind < NET_KINDS ? 9 : 3); k++) {
            struct fixture *f = open_fixture((enum net_kind)kind, k, "ggn", shares[k % 3]);
            struct lethe_pcg pcg = solver(f, dampings[k / 3]);
            assert_true(dense(f, pcg.mu));
            memset(f->x, 0, f->size * sizeof *f->x);
            assert_int_equal(lethe_pcg(f->x, &pcg, f->b, NULL, NULL), LETHE_OK);
            assert_true(pcg.residual <= 1e-11 && distance(f->x, f->want, f->size) < 1e-8);
            assert_true(pcg.curvature > 0 && isnan(pcg.moved));
            pcg.mask = NULL;
            memset(f->x, 0, f->size * sizeof *f->x);
            assert_int_equal(lethe_pcg(f->x, &pcg, f->b, NULL, NULL), LETHE_OK);
            assert_true(distance(f->x, f->want, f->size) < 1e-8);
            close_fixture(f);
        }
}

/* mask_times against EKFAC's own matrix, and the solve against that. */
static void masks_are_blocks_of_the_whole(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++)
        for (uint64_t seed = 0; seed < 3; seed++) {
            struct fixture *f = open_fixture((enum net_kind)kind, seed, "ggn", seed ? 0.3 : 1);
            const size_t all = lethe_graph_size(f->net.graph), n = f->size;
            double *v = lethe_alloc(all, sizeof *v);
            for (size_t j = 0; j < n; j++) {
                memset(v, 0, all * sizeof *v);
                v[f->set.index[j]] = 1;
                assert_int_equal(lethe_ekfac_times(f->ekfac, v, 0.02, NULL), LETHE_OK);
                for (size_t i = 0; i < n; i++)
                    f->matrix[i * n + j] = v[f->set.index[i]];
            }
            assert_true(dense(f, 0));
            assert_int_equal(lethe_mask_times(&f->mask, f->x, f->want, 0.02, NULL), LETHE_OK);
            assert_true(distance(f->x, f->b, n) < 1e-9);
            assert_int_equal(lethe_mask_solve(&f->mask, f->x, f->b, 0.02, NULL, NULL), LETHE_OK);
            assert_true(distance(f->x, f->want, n) < (seed ? 1e-4 : 1e-9));
            assert_int_equal(f->mask.whole, seed == 0);
            lethe_free(v);
            close_fixture(f);
        }
}

static struct lethe_subspace_spec grown(struct fixture *f)
{
    return (struct lethe_subspace_spec){.h = lethe_product_operator(f->product),
                                        .mask = &f->mask,
                                        .decay = decay,
                                        .b = {f->b, NULL},
                                        .tolerance = 1e-7,
                                        .most = 1000};
}

static void a_subspace_serves_every_damping(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++)
        for (size_t k = 0; k < 3; k++) {
            struct fixture *f = open_fixture((enum net_kind)kind, k, "ggn", k ? 0.4 : 1);
            struct lethe_subspace_spec spec = grown(f);
            struct lethe_subspace s;
            double left;
            assert_int_equal(lethe_subspace_init(&s, &spec, NULL, NULL), LETHE_OK);
            for (double mu = 1e-7; mu < 1e3; mu *= 23.85) {
                assert_true(dense(f, mu));
                assert_int_equal(lethe_subspace_solve(f->x, &left, &s, 0, mu, NULL), LETHE_OK);
                assert_true(distance(f->x, f->want, f->size) < 0.02);
                assert_true(left < 0.02 * s.norm[0]);
            }
            lethe_subspace_release(&s);
            close_fixture(f);
        }
}

static void residuals_are_told_truly(void **state)
{
    (void)state;
    struct fixture *f = open_fixture(NET_CONV, 4, "ggn", 1);
    struct lethe_subspace_spec spec = grown(f);
    double left, *second = lethe_alloc(2 * f->size, sizeof *second), *out = second + f->size;
    for (size_t i = 0; i < f->size; i++)
        second[i] = 0.02 * sin(2.385 * (double)i);
    spec.b[1] = second;
    for (spec.most = 4; spec.most < 40; spec.most += 9) {
        struct lethe_subspace s;
        assert_int_equal(lethe_subspace_init(&s, &spec, NULL, NULL), LETHE_OK);
        assert_true(s.count == spec.most);
        for (int side = 0; side < 2; side++)
            for (double mu = 0; mu < 1; mu += 0.3) {
                double want = 0;
                assert_int_equal(lethe_subspace_solve(f->x, &left, &s, side, mu, NULL), LETHE_OK);
                assert_int_equal(lethe_product_apply(f->product, out, f->x, NULL, NULL), LETHE_OK);
                for (size_t i = 0; i < f->size; i++)
                    want += pow(spec.b[side][i] - out[i] - mu * f->x[i], 2);
                assert_true(fabs(left - sqrt(want)) < 1e-6 * s.norm[side]);
            }
        lethe_subspace_release(&s);
    }
    lethe_free(second);
    close_fixture(f);
}

static void it_stops_when_the_forecast_settles(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++) {
        struct fixture *f = open_fixture((enum net_kind)kind, 6, "ggn", 1);
        struct lethe_pcg pcg = solver(f, 0), exact = pcg;
        double *z = lethe_alloc(2 * f->forecast.count, sizeof *z), *w = z + f->forecast.count;
        pcg.forecast = f->forecast;
        pcg.settled = 0.01;
        memset(f->x, 0, f->size * sizeof *f->x);
        assert_int_equal(lethe_pcg(f->x, &pcg, f->b, NULL, NULL), LETHE_OK);
        assert_true(pcg.moved < 0.01 || pcg.residual < 1e-11);
        assert_int_equal(f->forecast.predict(f->forecast.self, z, f->x, NULL), LETHE_OK);
        memset(f->x, 0, f->size * sizeof *f->x);
        assert_int_equal(lethe_pcg(f->x, &exact, f->b, NULL, NULL), LETHE_OK);
        assert_int_equal(f->forecast.predict(f->forecast.self, w, f->x, NULL), LETHE_OK);
        assert_true(distance(z, w, f->forecast.count) < 0.15);
        assert_true(pcg.iterations < exact.iterations);
        struct lethe_subspace_spec spec = grown(f);
        struct lethe_subspace few;
        double left;
        spec.forecast = f->forecast;
        spec.settled = 0.01;
        assert_int_equal(lethe_subspace_init(&few, &spec, NULL, NULL), LETHE_OK);
        assert_int_equal(lethe_subspace_solve(f->x, &left, &few, 0, 0, NULL), LETHE_OK);
        assert_int_equal(f->forecast.predict(f->forecast.self, z, f->x, NULL), LETHE_OK);
        assert_true(distance(z, w, f->forecast.count) < 0.15);
        assert_true(few.count < exact.iterations);
        lethe_subspace_release(&few);
        lethe_free(z);
        close_fixture(f);
    }
}

static void negative_curvature_is_said(void **state)
{
    (void)state;
    size_t found = 0;
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct fixture *f = open_fixture(NET_PLAIN, seed, "hessian", 1);
        struct lethe_pcg pcg = solver(f, 0);
        struct lethe_error err = {0};
        struct lethe_subspace_spec spec = grown(f);
        struct lethe_subspace s;
        double left;
        const int positive = dense(f, 0);
        memset(f->x, 0, f->size * sizeof *f->x);
        const enum lethe_err rc = lethe_pcg(f->x, &pcg, f->b, NULL, &err);
        assert_int_equal(lethe_subspace_init(&s, &spec, NULL, NULL), LETHE_OK);
        if (!positive && rc) {
            found++;
            assert_int_equal(rc, LETHE_ENUM);
            assert_non_null(strstr(err.message, "negative curvature"));
            assert_true(pcg.curvature <= 0);
            assert_true(s.values[0] < 0);
            assert_int_equal(lethe_subspace_solve(f->x, &left, &s, 0, 0, &err), LETHE_ENUM);
            assert_non_null(strstr(err.message, "negative curvature"));
        }
        /* with enough damping there is a step again */
        assert_true(dense(f, 5));
        assert_int_equal(lethe_subspace_solve(f->x, &left, &s, 0, 5, NULL), LETHE_OK);
        pcg.mu = 5;
        memset(f->x, 0, f->size * sizeof *f->x);
        assert_int_equal(lethe_pcg(f->x, &pcg, f->b, NULL, NULL), LETHE_OK);
        assert_true(distance(f->x, f->want, f->size) < 1e-6);
        lethe_subspace_release(&s);
        close_fixture(f);
    }
    assert_true(found > 0);
}

static void failures_leave_nothing_behind(void **state)
{
    (void)state;
    struct fixture *f = open_fixture(NET_PLAIN, 3, "ggn", 0.5);
    struct lethe_pcg pcg = solver(f, 0);
    struct lethe_subspace_spec spec = grown(f);
    struct lethe_subspace s;
    struct lethe_error err = {0};
    struct lethe_watch watch;
    struct lethe_forecast other;
    lethe_watch_init(&watch);
    lethe_watch_cancel(&watch);
    memset(f->x, 0, f->size * sizeof *f->x);
    assert_int_equal(lethe_pcg(f->x, &pcg, f->b, &watch, &err), LETHE_ECANCEL);
    assert_int_equal(lethe_subspace_init(&s, &spec, &watch, &err), LETHE_ECANCEL);
    for (long n = 0; n < 60; n++) {
        lethe_alloc_fail_after(n);
        const enum lethe_err a = lethe_subspace_init(&s, &spec, NULL, &err);
        lethe_alloc_fail_after(n);
        const enum lethe_err b =
            lethe_forecast_init(&other, f->forget, f->net.w, f->set.index, f->size, &err);
        lethe_alloc_fail_after(-1);
        assert_true(a == LETHE_OK || a == LETHE_ENOMEM);
        assert_true(b == LETHE_OK || b == LETHE_ENOMEM);
        if (a == LETHE_OK)
            lethe_subspace_release(&s);
        if (b == LETHE_OK)
            lethe_forecast_release(&other);
    }
    memset(f->b, 0, f->size * sizeof *f->b); /* nothing to solve: 0 */
    f->x[0] = 1;
    assert_int_equal(lethe_pcg(f->x, &pcg, f->b, NULL, NULL), LETHE_OK);
    assert_true(f->x[0] == 0);
    close_fixture(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_solves_what_a_matrix_solves),
        cmocka_unit_test(masks_are_blocks_of_the_whole),
        cmocka_unit_test(a_subspace_serves_every_damping),
        cmocka_unit_test(residuals_are_told_truly),
        cmocka_unit_test(it_stops_when_the_forecast_settles),
        cmocka_unit_test(negative_curvature_is_said),
        cmocka_unit_test(failures_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
