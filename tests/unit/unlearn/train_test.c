/* SPDX-License-Identifier: MIT
 * Training ends where it says, the same way every time, and can be cancelled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/support/blobs.h"
#include "lethe/curvature.h"
#include "lethe/onnx.h"
#include "lethe/retrain.h"
#include "lethe/update.h"

static const size_t regression[] = {4, 3, 0};
enum { N = 90 };

struct fixture {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_problem *problem;
    size_t size;
    double *w, *v;
};

static void open_fixture(struct fixture *f)
{
    f->graph = blobs_net(regression);
    f->data = blobs(N, 4, 3, 2);
    f->problem = blobs_problem(f->graph, f->data, NULL, N, 0.01);
    f->size = lethe_graph_size(f->graph);
    f->w = lethe_alloc(f->size, sizeof *f->w);
    f->v = lethe_alloc(f->size, sizeof *f->v);
    lethe_graph_init(f->graph, 7, f->w);
    lethe_graph_init(f->graph, 7, f->v);
}

static void close_fixture(struct fixture *f)
{
    lethe_problem_free(f->problem);
    lethe_dataset_unref(f->data);
    lethe_graph_unref(f->graph);
    lethe_free(f->w);
    lethe_free(f->v);
}

static double distance(const struct fixture *f)
{
    double worst = 0;
    for (size_t i = 0; i < f->size; i++)
        worst = fmax(worst, fabs(f->w[i] - f->v[i]));
    return worst;
}

static void every_method_finds_the_minimum_and_repeats_itself(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_train_report a, b;
    open_fixture(&f);
    struct lethe_train_options lbfgs = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    assert_int_equal(lethe_train(f.w, &a, f.problem, &lbfgs, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_train(f.v, &b, f.problem, &lbfgs, NULL, NULL), LETHE_OK);
    assert_true(a.converged && a.gradient <= 1e-7 && a.iterations == b.iterations);
    assert_memory_equal(f.w, f.v, f.size * sizeof *f.w);
    for (int m = LETHE_TRAIN_SGD; m <= LETHE_TRAIN_ADAM; m++) {
        struct lethe_train_options o = lethe_train_defaults((enum lethe_train_method)m);
        double first[32];
        o.iterations = 150;
        o.batch = 16;
        o.rate = m == LETHE_TRAIN_SGD ? 0.1 : 0.02;
        o.seed = 3;
        lethe_graph_init(f.graph, 7, f.v);
        assert_int_equal(lethe_train(f.v, &b, f.problem, &o, NULL, NULL), LETHE_OK);
        assert_true(b.value < a.value + 1e-3 && distance(&f) < 0.2);
        assert_true(f.size <= 32 && b.iterations == 150);
        memcpy(first, f.v, f.size * sizeof *first);
        lethe_graph_init(f.graph, 7, f.v);
        assert_int_equal(lethe_train(f.v, &b, f.problem, &o, NULL, NULL), LETHE_OK);
        assert_memory_equal(first, f.v, f.size * sizeof *first);
        o.seed = 4;
        lethe_graph_init(f.graph, 7, f.v);
        assert_int_equal(lethe_train(f.v, &b, f.problem, &o, NULL, NULL), LETHE_OK);
        assert_memory_not_equal(first, f.v, f.size * sizeof *first);
    }
    close_fixture(&f);
}

static void tolerance_and_schedules_are_obeyed(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_train_report r;
    open_fixture(&f);
    struct lethe_train_options o = lethe_train_defaults(LETHE_TRAIN_SGD);
    o.iterations = 2000;
    o.batch = N; /* whole batches: plain gradient descent */
    o.schedule = LETHE_RATE_CONSTANT;
    o.tolerance = 1e-3;
    assert_int_equal(lethe_train(f.w, &r, f.problem, &o, NULL, NULL), LETHE_OK);
    assert_true(r.converged && r.gradient <= 1e-3 && r.iterations < 2000);
    o.schedule = LETHE_RATE_STEP;
    o.drop_every = 1;
    o.drop = 1e-9; /* only the first epoch moves */
    o.iterations = 20;
    o.momentum = 0;
    o.tolerance = 0;
    lethe_graph_init(f.graph, 7, f.w);
    assert_int_equal(lethe_train(f.w, &r, f.problem, &o, NULL, NULL), LETHE_OK);
    assert_false(r.converged);
    o.iterations = 1;
    assert_int_equal(lethe_train(f.v, &r, f.problem, &o, NULL, NULL), LETHE_OK);
    assert_true(distance(&f) < 1e-8);
    struct lethe_train_options few = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    few.iterations = 3;
    lethe_graph_init(f.graph, 7, f.w);
    assert_int_equal(lethe_train(f.w, &r, f.problem, &few, NULL, NULL), LETHE_OK);
    assert_true(!r.converged && r.iterations == 3);
    close_fixture(&f);
}

static void cold_retraining_depends_on_its_seed_only(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_train_report r;
    open_fixture(&f);
    struct lethe_train_options o = lethe_train_defaults(LETHE_TRAIN_ADAM);
    o.iterations = 2;
    assert_int_equal(lethe_retrain_cold(f.w, &r, f.problem, &o, 11, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_retrain_cold(f.v, &r, f.problem, &o, 11, NULL, NULL), LETHE_OK);
    assert_memory_equal(f.w, f.v, f.size * sizeof *f.w);
    assert_int_equal(lethe_retrain_cold(f.v, &r, f.problem, &o, 12, NULL, NULL), LETHE_OK);
    assert_true(distance(&f) > 0.01);
    close_fixture(&f);
}

static void warm_retraining_of_a_deep_net_converges_and_repeats_itself(void **state)
{
    (void)state;
    const size_t deep[] = {4, 7, 5, 3, 0};
    struct lethe_graph *graph = blobs_net(deep);
    struct lethe_dataset *data = blobs(N, 4, 3, 2);
    struct lethe_problem *problem = blobs_problem(graph, data, NULL, N, 1e-3);
    size_t size = lethe_graph_size(graph);
    double *w = lethe_alloc(2 * size, sizeof *w), value, *g = lethe_alloc(size, sizeof *g);
    for (size_t k = 0; k < 2; k++) {
        struct lethe_train_report r;
        lethe_graph_init(graph, 4, w + k * size);
        assert_int_equal(lethe_retrain_warm(w + k * size, &r, problem, NULL, NULL, NULL), LETHE_OK);
        assert_true(r.converged && r.gradient <= 1e-7);
    }
    assert_memory_equal(w, w + size, size * sizeof *w);
    assert_int_equal(lethe_problem_value(problem, &value, g, w, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < size; i++)
        assert_true(fabs(g[i]) <= 1e-7);
    lethe_free(w);
    lethe_free(g);
    lethe_problem_free(problem);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
}

/* Overlapping clouds whose inputs have very different sizes, as pixels have. */
static struct lethe_dataset *uneven(size_t n, size_t width)
{
    struct lethe_dataset *even = blobs(n, width, 4, 2), *data = NULL;
    double *x = lethe_alloc(n * width, sizeof *x);
    int *labels = lethe_alloc(n, sizeof *labels);
    size_t *ids = lethe_alloc(n, sizeof *ids);
    for (size_t i = 0; i < n; i++)
        ids[i] = i;
    lethe_dataset_batch(even, x, labels, ids, n);
    for (size_t i = 0; i < n; i++) {
        labels[i] = (labels[i] + (i % 7 == 0)) % 4;
        for (size_t k = 0; k < width; k++)
            x[i * width + k] *= pow(10, 1 - 2.5 * (double)k / (double)width);
    }
    assert_int_equal(lethe_dataset_from(&data, x, labels, n, width, NULL), LETHE_OK);
    lethe_dataset_unref(even);
    lethe_free(x);
    lethe_free(labels);
    lethe_free(ids);
    return data;
}

/* Too large for a matrix: the metric is made of Kronecker factors. Once training has found its way,
 * half the iterations go farther. */
static void a_metric_of_factors_saves_iterations(void **state)
{
    (void)state;
    const size_t wide[] = {60, 70, 4, 0};
    struct lethe_graph *graph = blobs_net(wide);
    struct lethe_dataset *data = uneven(400, 60);
    struct lethe_problem *problem = blobs_problem(graph, data, NULL, 400, 1e-3);
    size_t size = lethe_graph_size(graph);
    double *w = lethe_alloc(2 * size, sizeof *w);
    struct lethe_train_report plain, metric;
    struct lethe_train_options o = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    assert_true(size > LETHE_CURVATURE_DENSE);
    o.tolerance = 0;
    o.iterations = 150;
    lethe_graph_init(graph, 4, w);
    assert_int_equal(lethe_train(w, &plain, problem, &o, NULL, NULL), LETHE_OK);
    const double start = plain.value;
    memcpy(w + size, w, size * sizeof *w);
    o.iterations = 200;
    assert_int_equal(lethe_train(w, &plain, problem, &o, NULL, NULL), LETHE_OK);
    o.metric = LETHE_TRAIN_METRIC;
    o.iterations = 100;
    assert_int_equal(lethe_train(w + size, &metric, problem, &o, NULL, NULL), LETHE_OK);
    assert_true(start - metric.value > 1.1 * (start - plain.value));
    lethe_free(w);
    lethe_problem_free(problem);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
}

/* The matrix of all samples' factor at a damping; 1,000 leaves little of it. */
static struct lethe_factor *factor_at(const struct fixture *f, double mu)
{
    const struct lethe_curvature_options options = {0};
    const struct lethe_curvature_method *ggn = NULL;
    struct lethe_factor *factor = NULL;
    struct lethe_blanket all = {0};
    struct lethe_curvature c;
    assert_int_equal(lethe_blanket_all(&all, f->graph, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_find(&ggn, "ggn", NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_make(&c, ggn, f->problem, f->w, &all, &options, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_factor_cholesky(&factor, &c, mu, NULL), LETHE_OK);
    lethe_curvature_release(&c);
    lethe_blanket_release(&all);
    return factor;
}

/* A metric that is given leads where one that is measured does, and is what it is worth. */
static void a_metric_may_be_given(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_train_report measured, good, poor;
    struct lethe_train_options o = lethe_retrain_defaults();
    size_t kept[N];
    open_fixture(&f);
    assert_int_equal(lethe_train(f.w, &measured, f.problem, &o, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < N - 1; i++)
        kept[i] = i + 1;
    struct lethe_problem *without = blobs_problem(f.graph, f.data, kept, N - 1, 0.01);
    struct lethe_factor *factors[2] = {factor_at(&f, 0), factor_at(&f, 1e3)};
    double *start = lethe_alloc(f.size, sizeof *start);
    memcpy(start, f.w, f.size * sizeof *start);
    assert_int_equal(lethe_train(f.w, &measured, without, &o, NULL, NULL), LETHE_OK);
    o.metric = 10000;
    for (int k = 0; k < 2; k++) {
        memcpy(f.v, start, f.size * sizeof *start);
        o.first_metric = factors[k];
        assert_int_equal(lethe_train(f.v, k ? &poor : &good, without, &o, NULL, NULL), LETHE_OK);
        assert_true(distance(&f) <= 1e-5);
    }
    assert_true(measured.converged && good.converged && poor.converged);
    assert_true(good.iterations < poor.iterations);
    lethe_free(start);
    for (int k = 0; k < 2; k++)
        lethe_factor_unref(factors[k]);
    lethe_problem_free(without);
    close_fixture(&f);
}

static void cancelling_and_bad_options_are_errors(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_train_report r;
    struct lethe_watch watch;
    struct lethe_error err;
    enum lethe_train_method method;
    open_fixture(&f);
    lethe_watch_init(&watch);
    lethe_watch_cancel(&watch);
    for (int m = LETHE_TRAIN_LBFGS; m <= LETHE_TRAIN_ADAM; m++) {
        struct lethe_train_options o = lethe_train_defaults((enum lethe_train_method)m);
        assert_int_equal(lethe_train(f.w, &r, f.problem, &o, &watch, &err), LETHE_ECANCEL);
        assert_int_equal(lethe_train_method_find(&method, lethe_train_method_name(o.method), &err),
                         LETHE_OK);
        assert_int_equal(method, m);
        enum lethe_err rc = LETHE_ENOMEM;
        o.iterations = 1;
        for (long n = 0; rc == LETHE_ENOMEM; n++) {
            lethe_alloc_fail_after(n);
            rc = lethe_train(f.w, &r, f.problem, &o, NULL, &err);
        }
        lethe_alloc_fail_after(-1);
        assert_int_equal(rc, LETHE_OK);
    }
    assert_int_equal(lethe_train_method_find(&method, "adagrad", &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "lbfgs, sgd or adam"));
    struct lethe_train_options bad = lethe_train_defaults(LETHE_TRAIN_SGD);
    bad.rate = 0;
    assert_int_equal(lethe_train(f.w, &r, f.problem, &bad, NULL, &err), LETHE_EARG);
    bad.rate = 0.1;
    bad.momentum = 1;
    assert_int_equal(lethe_train(f.w, &r, f.problem, &bad, NULL, &err), LETHE_EARG);
    bad.momentum = 0;
    bad.batch = 0;
    assert_int_equal(lethe_train(f.w, &r, f.problem, &bad, NULL, &err), LETHE_EARG);
    bad.batch = 8;
    bad.tolerance = -1;
    assert_int_equal(lethe_train(f.w, &r, f.problem, &bad, NULL, &err), LETHE_EARG);
    close_fixture(&f);
}

static void a_recipe_is_followed_where_a_minimum_is_out_of_reach(void **state)
{
    (void)state;
    const struct lethe_train_options sgd = lethe_train_defaults(LETHE_TRAIN_SGD);
    const struct lethe_train_options lbfgs = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    struct lethe_graph *linear = blobs_net(regression), *convolutions = NULL;
    double *w = NULL;
    assert_int_equal(lethe_onnx_load(&convolutions, &w, "tests/fuzz/seeds/onnx/cnn.onnx", NULL),
                     LETHE_OK);
    assert_true(lethe_retrain_by_recipe(convolutions, &sgd));
    assert_false(lethe_retrain_by_recipe(convolutions, &lbfgs));
    assert_false(lethe_retrain_by_recipe(linear, &sgd));
    lethe_graph_unref(convolutions);
    lethe_graph_unref(linear);
    lethe_free(w);
}

/* In one batch of all samples, leaving some out is training on the others; in mini-batches nothing
 * of them is felt, and without marks every bit is as it was. */
static void left_out_samples_are_not_felt(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_train_report a, b;
    unsigned char none[N] = {0}, some[N] = {0};
    size_t rest[N], kept = 0;
    open_fixture(&f);
    for (size_t i = 0; i < N; i++) {
        some[i] = i % 7 == 2;
        if (!some[i])
            rest[kept++] = i;
    }
    struct lethe_problem *others = blobs_problem(f.graph, f.data, rest, kept, 0.01);
    struct lethe_train_options o = lethe_train_defaults(LETHE_TRAIN_SGD);
    o.iterations = 20;
    o.batch = N;
    o.left_out = some;
    assert_int_equal(lethe_train(f.w, &a, f.problem, &o, NULL, NULL), LETHE_OK);
    o.left_out = NULL;
    assert_int_equal(lethe_train(f.v, &b, others, &o, NULL, NULL), LETHE_OK);
    assert_true(distance(&f) < 1e-12 && fabs(a.value - b.value) < 1e-12);
    assert_true(fabs(a.gradient - b.gradient) < 1e-12);
    o.batch = 16;
    lethe_graph_init(f.graph, 7, f.w);
    lethe_graph_init(f.graph, 7, f.v);
    assert_int_equal(lethe_train(f.w, &a, f.problem, &o, NULL, NULL), LETHE_OK);
    o.left_out = none;
    assert_int_equal(lethe_train(f.v, &b, f.problem, &o, NULL, NULL), LETHE_OK);
    assert_memory_equal(f.w, f.v, f.size * sizeof *f.w);
    o.left_out = some;
    lethe_graph_init(f.graph, 7, f.v);
    assert_int_equal(lethe_train(f.v, &b, f.problem, &o, NULL, NULL), LETHE_OK);
    assert_true(distance(&f) > 1e-6);
    memset(some, 1, sizeof some); /* most batches are empty */
    some[4] = 0;
    o.batch = 1;
    o.iterations = 1;
    lethe_graph_init(f.graph, 7, f.v);
    assert_int_equal(lethe_train(f.v, &b, f.problem, &o, NULL, NULL), LETHE_OK);
    assert_true(isfinite(b.value));
    o = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    o.left_out = some;
    assert_int_equal(lethe_train(f.v, &b, f.problem, &o, NULL, NULL), LETHE_EARG);
    lethe_problem_free(others);
    close_fixture(&f);
}

/* Gradient descent on s x^2 / 2 goes 1 - prod (1 - rate s) of the way; T predicts how far. */
static void time_is_the_sum_of_the_rates(void **state)
{
    (void)state;
    struct lethe_train_options o = lethe_train_defaults(LETHE_TRAIN_SGD);
    o.batch = 8;
    o.iterations = 5;
    o.rate = 0.01;
    o.momentum = 0.9;
    o.schedule = LETHE_RATE_CONSTANT;
    assert_true(fabs(lethe_train_time(&o, 24) - 5 * 3 * 0.1) < 1e-12);
    assert_true(fabs(lethe_train_time(&o, 25) - 5 * 4 * 0.1) < 1e-12); /* a last short batch */
    o.schedule = LETHE_RATE_COSINE;
    assert_true(fabs(lethe_train_time(&o, 8000) / (5 * 1000 * 0.1) - 0.5) < 1e-3);
    o.schedule = LETHE_RATE_STEP;
    o.drop_every = 2;
    o.drop = 0.5;
    assert_true(fabs(lethe_train_time(&o, 24) - 3 * 0.1 * (2 + 2 * 0.5 + 0.25)) < 1e-12);
    assert_true(lethe_train_time(&o, 0) == 0);
    o.method = LETHE_TRAIN_ADAM;
    assert_true(lethe_train_time(&o, 24) == 0);
    o.method = LETHE_TRAIN_LBFGS;
    assert_true(lethe_train_time(&o, 24) == 0);
    for (double s = 0.05; s < 1; s *= 2) { /* within the error of 1 - exp(-x) for x / (1 + x) */
        double x = 1, velocity = 0;
        o = (struct lethe_train_options){.method = LETHE_TRAIN_SGD,
                                         .batch = 1,
                                         .iterations = 400,
                                         .rate = 0.01,
                                         .momentum = 0.9};
        for (int step = 0; step < 400; step++) {
            velocity = 0.9 * velocity + s * x;
            x -= 0.01 * velocity;
        }
        const double mu = 1 / lethe_train_time(&o, 1), damped = s / (s + mu);
        assert_true(fabs((1 - x) - damped) < 0.21);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(left_out_samples_are_not_felt),
        cmocka_unit_test(time_is_the_sum_of_the_rates),
        cmocka_unit_test(every_method_finds_the_minimum_and_repeats_itself),
        cmocka_unit_test(tolerance_and_schedules_are_obeyed),
        cmocka_unit_test(cold_retraining_depends_on_its_seed_only),
        cmocka_unit_test(warm_retraining_of_a_deep_net_converges_and_repeats_itself),
        cmocka_unit_test(a_metric_of_factors_saves_iterations),
        cmocka_unit_test(a_metric_may_be_given),
        cmocka_unit_test(a_recipe_is_followed_where_a_minimum_is_out_of_reach),
        cmocka_unit_test(cancelling_and_bad_options_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
