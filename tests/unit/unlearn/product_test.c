/* SPDX-License-Identifier: MIT
 * Products against matrices, and the solves made of them against Cholesky's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/support/blobs.h"
#include "lethe/rng.h"
#include "lethe/update.h"
#include "unlearn/krylov.h"

enum { SAMPLES = 90, FORGET = 4 };

/* A random network on random clouds, a random blanket of it, and what a removal needs. */
struct fixture {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_problem *forget, *retain;
    struct lethe_blanket blanket;
    struct lethe_curvature curvature;
    struct lethe_removal removal;
    struct lethe_product *product;
    double *w;
};

static void open_fixture(struct fixture *f, uint64_t seed, const char *name, double decay)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 77, 0);
    const size_t in = 3 + lethe_rng_below(&rng, 4), classes = 2 + lethe_rng_below(&rng, 3);
    const size_t widths[] = {in, 3 + lethe_rng_below(&rng, 6), 2 + lethe_rng_below(&rng, 4),
                             classes, 0};
    const struct lethe_curvature_options options = {.seed = seed};
    const struct lethe_curvature_method *method = NULL;
    size_t ids[SAMPLES], units[64];
    for (size_t i = 0; i < SAMPLES; i++)
        ids[i] = i;
    f->graph = blobs_net(widths);
    f->data = blobs(SAMPLES, in, classes, seed);
    f->forget = blobs_problem(f->graph, f->data, ids, FORGET, decay);
    f->retain = blobs_problem(f->graph, f->data, ids + FORGET, SAMPLES - FORGET, decay);
    f->w = lethe_alloc(lethe_graph_size(f->graph), sizeof *f->w);
    lethe_graph_init(f->graph, seed, f->w);
    for (size_t i = 0; i < lethe_graph_size(f->graph); i++)
        f->w[i] = 2 * f->w[i] + 0.3 * lethe_rng_normal(&rng);
    const size_t total = lethe_unit_total(f->graph);
    for (size_t k = 0; k < total; k++)
        units[k] = k;
    lethe_rng_shuffle(&rng, units, total);
    assert_int_equal(
        lethe_blanket_init(&f->blanket, f->graph, units, 1 + lethe_rng_below(&rng, total), NULL),
        LETHE_OK);
    assert_int_equal(lethe_curvature_find(&method, name, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_make(&f->curvature, method, f->retain, f->w, &f->blanket,
                                          &options, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(
        lethe_removal_init(&f->removal, f->forget, f->retain, f->w, SAMPLES, NULL, NULL), LETHE_OK);
    const struct lethe_product_spec spec = {.method = method,
                                            .problem = f->retain,
                                            .w = f->w,
                                            .blanket = &f->blanket,
                                            .units = f->blanket.count,
                                            .seed = seed};
    assert_int_equal(lethe_product_new(&f->product, &spec, NULL), LETHE_OK);
    assert_int_equal(lethe_product_size(f->product), f->curvature.size);
}

static void close_fixture(struct fixture *f)
{
    lethe_product_free(f->product);
    lethe_removal_release(&f->removal);
    lethe_curvature_release(&f->curvature);
    lethe_blanket_release(&f->blanket);
    lethe_problem_free(f->forget);
    lethe_problem_free(f->retain);
    lethe_dataset_unref(f->data);
    lethe_graph_unref(f->graph);
    lethe_free(f->w);
}

static double entry(const struct fixture *f, size_t r, size_t q)
{
    return f->curvature.matrix[(r > q ? r : q) * f->curvature.size + (r > q ? q : r)];
}

static double largest_entry(const struct fixture *f)
{
    double most = 0;
    for (size_t r = 0; r < f->curvature.size; r++)
        most = fmax(most, fabs(entry(f, r, r)));
    return most;
}

static uint64_t cases(uint64_t all)
{
    const char *share = getenv("LETHE_TEST_SHARE");
    return share && atoi(share) > 1 ? all / 4 + 1 : all;
}

static void a_product_is_the_matrix_times_the_vector(void **state)
{
    (void)state;
    static const char *const names[] = {"ggn", "fisher", "hessian"};
    for (uint64_t seed = 0; seed < cases(60); seed++) {
        struct fixture f;
        open_fixture(&f, seed, names[seed % 3], seed % 2 ? 0.02 : 0);
        const size_t n = f.curvature.size;
        double *v = lethe_alloc(n, sizeof *v), *out = lethe_alloc(n, sizeof *out), norm = 0;
        for (size_t i = 0; i < n; i++)
            norm += pow(v[i] = sin(2.385 * (double)(i + seed)), 2);
        assert_int_equal(lethe_product_apply(f.product, out, v, NULL, NULL), LETHE_OK);
        for (size_t r = 0; r < n; r++) {
            double want = 0;
            for (size_t q = 0; q < n; q++)
                want += entry(&f, r, q) * v[q];
            assert_true(fabs(out[r] - want) <
                        (seed % 3 == 2 ? 1e-7 : 1e-12) * (1 + largest_entry(&f)) * sqrt(norm));
        }
        memset(v, 0, n * sizeof *v);
        assert_int_equal(lethe_product_apply(f.product, out, v, NULL, NULL), LETHE_OK);
        for (size_t r = 0; r < n; r++)
            assert_true(out[r] == 0);
        lethe_free(v);
        lethe_free(out);
        close_fixture(&f);
    }
}

static void the_diagonal_is_that_of_ggn(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < cases(12); seed++) {
        struct fixture f;
        open_fixture(&f, seed, "ggn", 0.02);
        double *d = lethe_alloc(f.curvature.size, sizeof *d);
        assert_int_equal(lethe_product_diagonal(f.product, d, NULL, NULL), LETHE_OK);
        for (size_t i = 0; i < f.curvature.size; i++)
            assert_true(d[i] > 0 && fabs(d[i] - entry(&f, i, i)) < 1e-5 * largest_entry(&f));
        lethe_free(d);
        close_fixture(&f);
    }
}

/* x of the dense solve beside which the others are held; 0 when the matrix is not positive. */
static int dense(double *x, const struct fixture *f, const double *b, double mu)
{
    struct lethe_factor *factor = NULL;
    memcpy(x, b, f->curvature.size * sizeof *x);
    if (lethe_factor_cholesky(&factor, &f->curvature, mu, NULL))
        return 0;
    assert_int_equal(lethe_factor_solve(factor, x, f->curvature.size, mu, NULL), LETHE_OK);
    lethe_factor_unref(factor);
    return 1;
}

static double far(const double *a, const double *b, size_t n)
{
    double square = 0, norm = 0;
    for (size_t i = 0; i < n; i++) {
        square += (a[i] - b[i]) * (a[i] - b[i]);
        norm += b[i] * b[i];
    }
    return sqrt(square / norm);
}

static void conjugate_gradients_and_lanczos_meet_the_dense_solve(void **state)
{
    (void)state;
    size_t refused = 0, solved = 0;
    for (uint64_t seed = 0; seed < cases(80); seed++) {
        struct fixture f;
        open_fixture(&f, seed, seed % 2 ? "hessian" : "ggn", 0.01);
        const size_t n = f.curvature.size;
        double *b = lethe_alloc(n, sizeof *b), *x = lethe_alloc(n, sizeof *x);
        double *want = lethe_alloc(n, sizeof *want), *scale = lethe_alloc(n, sizeof *scale), left;
        struct lethe_lanczos l = {0};
        struct lethe_error err = {0};
        for (size_t i = 0; i < n; i++)
            b[i] = f.removal.pull[f.blanket.index[i]];
        assert_int_equal(lethe_product_diagonal(f.product, scale, NULL, NULL), LETHE_OK);
        assert_int_equal(lethe_lanczos_init(&l, f.product, b, 0, n, NULL, NULL), LETHE_OK);
        for (double mu = 0; mu<5; mu = mu> 0 ? mu * 10 : 1e-3) {
            struct lethe_cg cg = {
                .mu = mu, .tolerance = 1e-10, .most = 20 * n, .scale = mu < 0.1 ? scale : NULL};
            memset(x, 0, n * sizeof *x);
            const enum lethe_err rc = lethe_conjugate_gradients(x, &cg, f.product, b, NULL, &err);
            if (!dense(want, &f, b, mu)) { /* either may stay where the matrix is positive */
                if (rc) {
                    assert_int_equal(rc, LETHE_ENUM);
                    assert_non_null(strstr(err.message, "negative curvature"));
                    refused++;
                }
                continue;
            }
            assert_int_equal(rc, LETHE_OK);
            const double close = seed % 2 ? 1e-4 : 1e-7;
            assert_true(cg.residual <= 1e-10 && far(x, want, n) < close);
            assert_int_equal(lethe_lanczos_solve(x, &left, &l, mu, NULL), LETHE_OK);
            assert_true(far(x, want, n) < close && left < 1e-3 * l.norm);
            solved++;
        }
        lethe_lanczos_release(&l);
        lethe_free(b);
        lethe_free(x);
        lethe_free(want);
        lethe_free(scale);
        close_fixture(&f);
    }
    assert_true(solved > 60 && refused > 0);
}

static void steps_without_a_matrix_are_those_with_one(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < cases(40); seed++) {
        struct fixture f;
        struct lethe_factor *whole = NULL, *lanczos = NULL;
        struct lethe_update a, b;
        const double mu = seed % 4 ? 0.01 * (double)(seed % 4) : 0;
        const enum lethe_form form = seed % 2 ? LETHE_FORM_RESIDUAL : LETHE_FORM_INFLUENCE;
        open_fixture(&f, seed, "ggn", 0.01);
        assert_int_equal(lethe_factor_cholesky(&whole, &f.curvature, mu, NULL), LETHE_OK);
        assert_int_equal(lethe_factor_lanczos(&lanczos, &f.curvature, f.product, &f.removal,
                                              &f.blanket, NULL, NULL),
                         LETHE_OK);
        assert_int_equal(
            lethe_update_make(&a, whole, &f.removal, &f.blanket, f.blanket.count, mu, form, NULL),
            LETHE_OK);
        assert_int_equal(
            lethe_update_make(&b, lanczos, &f.removal, &f.blanket, f.blanket.count, mu, form, NULL),
            LETHE_OK);
        assert_true(far(b.step, a.step, a.size) < 1e-3 && b.left < 1e-3 && a.left == 0);
        assert_true(fabs(b.unfinished_norm - a.unfinished_norm) < 1e-3 * a.unfinished_norm);
        assert_true(b.products > 0 && b.products <= 2 * b.size);
        assert_int_equal(lethe_update_refine(&b, lanczos, f.product, &f.removal, &f.blanket, 1e-11,
                                             20 * b.size, NULL, NULL),
                         LETHE_OK);
        assert_true(far(b.step, a.step, a.size) < 1e-7 && b.left <= 1e-11);
        assert_true(fabs(b.predicted - a.predicted) < 1e-7 * fabs(a.predicted));
        struct lethe_damping_hints hints;
        assert_int_equal(lethe_factor_hints(lanczos, &hints, NULL, NULL), LETHE_OK);
        assert_true(hints.lift == 0 && hints.tenth > 0);
        lethe_update_release(&a);
        lethe_update_release(&b);
        lethe_factor_unref(whole);
        lethe_factor_unref(lanczos);
        close_fixture(&f);
    }
}

static void failures_are_errors(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_error err = {0};
    struct lethe_product *none = NULL;
    struct lethe_watch watch;
    open_fixture(&f, 3, "ggn", 0.01);
    const struct lethe_curvature_method *kfac = NULL;
    assert_int_equal(lethe_curvature_find(&kfac, "kfac", NULL), LETHE_OK);
    struct lethe_product_spec spec = {
        .method = kfac, .problem = f.retain, .w = f.w, .blanket = &f.blanket, .units = 1};
    assert_int_equal(lethe_product_new(&none, &spec, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "'kfac' has no products"));
    const struct lethe_curvature_options options = {0};
    struct lethe_curvature frame;
    assert_int_equal(
        lethe_curvature_frame(&frame, kfac, f.retain, f.w, &f.blanket, &options, NULL, &err),
        LETHE_EARG);
    assert_non_null(strstr(err.message, "needs a matrix, of at most 4000 parameters"));
    struct lethe_factor *factor = NULL;
    assert_int_equal(lethe_curvature_frame(&frame, f.curvature.method, f.retain, f.w, &f.blanket,
                                           &options, NULL, NULL),
                     LETHE_OK);
    assert_null(frame.matrix);
    assert_int_equal(lethe_factor_cholesky(&factor, &frame, 0, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "have no matrix"));
    lethe_curvature_release(&frame);
    lethe_watch_init(&watch);
    lethe_watch_cancel(&watch);
    assert_int_equal(lethe_factor_lanczos(&factor, &f.curvature, f.product, &f.removal, &f.blanket,
                                          &watch, &err),
                     LETHE_ECANCEL);
    enum lethe_err rc = LETHE_ENOMEM;
    for (long n = 0; rc == LETHE_ENOMEM; n++) {
        lethe_alloc_fail_after(n);
        rc = lethe_factor_lanczos(&factor, &f.curvature, f.product, &f.removal, &f.blanket, NULL,
                                  &err);
        lethe_alloc_fail_after(-1);
    }
    assert_int_equal(rc, LETHE_OK);
    struct lethe_update u;
    assert_int_equal(lethe_update_make(&u, factor, &f.removal, &f.blanket, f.blanket.count, 0,
                                       LETHE_FORM_AUTO, NULL),
                     LETHE_OK);
    assert_int_equal(
        lethe_update_refine(&u, factor, f.product, &f.removal, &f.blanket, 1e-15, 3, &watch, &err),
        LETHE_ECANCEL);
    lethe_update_release(&u);
    lethe_factor_unref(factor);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_is_the_matrix_times_the_vector),
        cmocka_unit_test(the_diagonal_is_that_of_ggn),
        cmocka_unit_test(conjugate_gradients_and_lanczos_meet_the_dense_solve),
        cmocka_unit_test(steps_without_a_matrix_are_those_with_one),
        cmocka_unit_test(failures_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
