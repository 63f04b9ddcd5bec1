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
#include "tensor/blas.h"

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
    const size_t some = 1 + lethe_rng_below(&rng, total); /* every fifth time all, in any order */
    assert_int_equal(
        lethe_blanket_init(&f->blanket, f->graph, units, seed % 5 ? some : total, NULL), LETHE_OK);
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
                                            .seed = seed,
                                            .dtype = LETHE_F64};
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

/* Bit for bit out, the product with v, from vectors in the order of w; only where P is all of it.
 */
static void same_in_order(const struct fixture *f, const double *out, const double *v)
{
    const size_t n = lethe_graph_size(f->graph), *index = f->blanket.index;
    double *moved = lethe_alloc(n, sizeof *moved), *made = lethe_alloc(n, sizeof *made);
    const int all = f->curvature.size == n;
    for (size_t i = 0; i < f->curvature.size; i++)
        moved[index[i]] = v[i];
    assert_int_equal(lethe_product_holds_all(f->product), all);
    assert_int_equal(lethe_product_operator_all(f->product).times != NULL, all);
    assert_int_equal(lethe_product_apply_all(f->product, made, moved, NULL, NULL),
                     all ? LETHE_OK : LETHE_EBUG);
    for (size_t i = 0; all && i < n; i++)
        assert_true(made[index[i]] == out[i]);
    lethe_free(moved);
    lethe_free(made);
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
        same_in_order(&f, out, v);
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

static double far(const double *a, const double *b, size_t n)
{
    double square = 0, norm = 0;
    for (size_t i = 0; i < n; i++) {
        square += (a[i] - b[i]) * (a[i] - b[i]);
        norm += b[i] * b[i];
    }
    return sqrt(square / norm);
}

/* What a step by products is made from, with the residual in charge of the end. */
static struct lethe_factor_products by_products(struct fixture *f, struct lethe_ekfac *ekfac)
{
    return (struct lethe_factor_products){.name = "ggn",
                                          .h = lethe_product_operator(f->product),
                                          .all = lethe_product_operator_all(f->product),
                                          .ekfac = ekfac,
                                          .removal = &f->removal,
                                          .blanket = &f->blanket,
                                          .units = f->blanket.count,
                                          .w = f->w,
                                          .tolerance = 1e-9,
                                          .decay = 0.01,
                                          .most = 1000};
}

static struct lethe_ekfac *ekfac_of(struct fixture *f)
{
    struct lethe_ekfac *ekfac = NULL;
    const struct lethe_ekfac_spec spec = {.problem = f->retain, .w = f->w};
    assert_int_equal(lethe_ekfac_new(&ekfac, &spec, NULL, NULL), LETHE_OK);
    return ekfac;
}

static void steps_without_a_matrix_are_those_with_one(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < cases(40); seed++) {
        struct fixture f;
        struct lethe_factor *whole = NULL, *products = NULL;
        struct lethe_update a, b;
        const double mu = seed % 4 ? 0.01 * (double)(seed % 4) : 0;
        const enum lethe_form form = seed % 2 ? LETHE_FORM_RESIDUAL : LETHE_FORM_INFLUENCE;
        open_fixture(&f, seed, "ggn", 0.01);
        struct lethe_ekfac *ekfac = seed % 3 ? ekfac_of(&f) : NULL;
        struct lethe_factor_products spec = by_products(&f, ekfac);
        spec.mu = mu;
        spec.memory = seed % 5 ? 0 : 1; /* nothing fits: one damping */
        assert_int_equal(lethe_factor_cholesky(&whole, &f.curvature, mu, NULL), LETHE_OK);
        assert_int_equal(lethe_factor_by_products(&products, &spec, NULL, NULL), LETHE_OK);
        assert_int_equal(lethe_factor_serves(products, f.curvature.size, mu + 1), seed % 5 != 0);
        assert_int_equal(
            lethe_update_make(&a, whole, &f.removal, &f.blanket, f.blanket.count, mu, form, NULL),
            LETHE_OK);
        assert_int_equal(lethe_update_make(&b, products, &f.removal, &f.blanket, f.blanket.count,
                                           mu, form, NULL),
                         LETHE_OK);
        assert_true(far(b.step, a.step, a.size) < 1e-2 && b.left < 1e-2 && a.left == 0);
        assert_true(mu > 0 || far(b.step, a.step, a.size) < 1e-5);
        assert_true(fabs(b.unfinished_norm - a.unfinished_norm) < 1e-2 * a.unfinished_norm);
        assert_true(fabs(b.reached - a.reached) < 1e-2 * a.reached);
        assert_true(fabs(b.predicted - a.predicted) < 1e-2 * fabs(a.predicted));
        assert_true(b.products > 0);
        struct lethe_damping_hints hints;
        if (ekfac && seed % 5) {
            assert_int_equal(lethe_factor_hints(products, &hints, NULL, NULL), LETHE_OK);
            assert_true(hints.lift == 0 && hints.tenth > 0);
        }
        lethe_update_release(&a);
        lethe_update_release(&b);
        lethe_factor_unref(whole);
        lethe_factor_unref(products);
        lethe_ekfac_unref(ekfac);
        close_fixture(&f);
    }
}

/* A step with EKFAC's matrix in the curvature, and that matrix on its parameters. */
struct mixed {
    struct fixture f;
    struct lethe_ekfac *ekfac;
    struct lethe_factor *factor;
    struct lethe_mask mask;
    struct lethe_update u;
};

/* shrink: EKFAC's share, 1: the estimate by EKFAC alone. */
static void open_mixed(struct mixed *m, uint64_t seed, double shrink, double mu)
{
    *m = (struct mixed){.factor = NULL};
    open_fixture(&m->f, seed, "ggn", 0.01);
    m->ekfac = ekfac_of(&m->f);
    struct lethe_factor_products spec = by_products(&m->f, m->ekfac);
    spec.shrink = shrink < 1 ? shrink : 0;
    assert_int_equal(shrink < 1 ? lethe_factor_by_products(&m->factor, &spec, NULL, NULL)
                                : lethe_factor_by_ekfac(&m->factor, &spec, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_update_make(&m->u, m->factor, &m->f.removal, &m->f.blanket,
                                       m->f.blanket.count, mu, LETHE_FORM_INFLUENCE, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_mask_init(&m->mask, m->ekfac, m->f.blanket.index, m->u.size, NULL),
                     LETHE_OK);
}

/* The matrix times the step, in `product`, is what pulls. */
static void close_mixed(struct mixed *m, const double *product, double relative)
{
    const struct lethe_removal *removal = &m->f.removal;
    for (size_t i = 0; i < m->u.size; i++)
        assert_true(fabs(product[i] - removal->pull[m->f.blanket.index[i]]) <
                    relative * lethe_dnorm(removal->pull, removal->size));
    lethe_mask_release(&m->mask);
    lethe_update_release(&m->u);
    lethe_factor_unref(m->factor);
    lethe_ekfac_unref(m->ekfac);
    close_fixture(&m->f);
}

/* With EKFAC's own matrix in the place of the curvature, the estimate is the step. */
static void an_estimate_is_the_step_of_ekfacs_block(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < cases(12); seed++) {
        struct mixed m;
        open_mixed(&m, seed, 1, 0.02);
        assert_true(lethe_factor_is_estimate(m.factor));
        assert_int_equal(m.u.products, 0);
        assert_int_equal(lethe_mask_times(&m.mask, m.u.step, m.u.step, 0.03, NULL), LETHE_OK);
        close_mixed(&m, m.u.step, 1e-5);
    }
}

/* With a share of EKFAC the step is that of the mixed matrix. */
static void few_samples_are_shrunk_towards_ekfac(void **state)
{
    (void)state;
    const double share = 0.2385;
    for (uint64_t seed = 0; seed < cases(12); seed++) {
        struct mixed m;
        open_mixed(&m, seed, share, 0);
        double *a = lethe_alloc(2 * m.u.size, sizeof *a), *b = a + m.u.size;
        assert_int_equal(lethe_mask_times(&m.mask, a, m.u.step, 0.01, NULL), LETHE_OK);
        assert_int_equal(lethe_product_apply(m.f.product, b, m.u.step, NULL, NULL), LETHE_OK);
        for (size_t i = 0; i < m.u.size; i++)
            a[i] = share * a[i] + (1 - share) * b[i];
        close_mixed(&m, a, 1e-6);
        lethe_free(a);
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
    struct lethe_ekfac *ekfac = ekfac_of(&f);
    const struct lethe_factor_products how = by_products(&f, ekfac);
    assert_int_equal(lethe_factor_by_products(&factor, &how, &watch, &err), LETHE_ECANCEL);
    enum lethe_err rc = LETHE_ENOMEM, estimated = LETHE_ENOMEM;
    for (long n = 0; rc == LETHE_ENOMEM; n++) {
        lethe_alloc_fail_after(n);
        rc = lethe_factor_by_products(&factor, &how, NULL, &err);
        lethe_alloc_fail_after(-1);
    }
    assert_int_equal(rc, LETHE_OK);
    lethe_factor_unref(factor);
    for (long n = 0; estimated == LETHE_ENOMEM; n++) {
        lethe_alloc_fail_after(n);
        estimated = lethe_factor_by_ekfac(&factor, &how, &err);
        lethe_alloc_fail_after(-1);
    }
    assert_int_equal(estimated, LETHE_OK);
    lethe_factor_unref(factor);
    lethe_ekfac_unref(ekfac);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_is_the_matrix_times_the_vector),
        cmocka_unit_test(the_diagonal_is_that_of_ggn),
        cmocka_unit_test(steps_without_a_matrix_are_those_with_one),
        cmocka_unit_test(an_estimate_is_the_step_of_ekfacs_block),
        cmocka_unit_test(few_samples_are_shrunk_towards_ekfac),
        cmocka_unit_test(failures_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
