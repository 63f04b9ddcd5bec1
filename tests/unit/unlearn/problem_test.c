/* SPDX-License-Identifier: MIT
 * The objective: its gradient, its independence of batches, its refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "nn/exec.h"
#include "tests/support/blobs.h"

static const size_t widths[] = {4, 5, 3, 0};
enum { N = 41 };

static struct lethe_problem *over(struct lethe_graph *graph, struct lethe_dataset *data,
                                  const size_t *ids, size_t count, size_t batch)
{
    const struct lethe_problem_spec spec = {.graph = graph,
                                            .data = data,
                                            .ids = ids,
                                            .count = count,
                                            .decay = 0.03,
                                            .dtype = LETHE_F64,
                                            .batch = batch};
    struct lethe_problem *p = NULL;
    assert_int_equal(lethe_problem_new(&p, &spec, NULL), LETHE_OK);
    return p;
}

static void value_and_gradient_meet_their_definition(void **state)
{
    (void)state;
    struct lethe_graph *graph = blobs_net(widths);
    struct lethe_dataset *data = blobs(N, 4, 3, 1);
    struct lethe_problem *p = over(graph, data, NULL, N, 0);
    size_t size = lethe_problem_size(p);
    double *w = lethe_alloc(size, sizeof *w), *g = lethe_alloc(size, sizeof *g), value, high, low;
    double *logits = lethe_alloc(N * 3, sizeof *logits), losses[N], square = 0;
    lethe_graph_init(graph, 5, w);
    assert_int_equal(lethe_problem_value(p, &value, g, w, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_problem_logits(p, logits, w, NULL, NULL), LETHE_OK);
    double mean = lethe_cross_entropy(losses, NULL, logits, lethe_problem_labels(p), N, 3, 1) / N;
    for (size_t i = 0; i < size; i++)
        square += w[i] * w[i];
    assert_true(fabs(value - mean - 0.015 * square) < 1e-14);
    for (size_t i = 0; i < size; i++) {
        double kept = w[i];
        w[i] = kept + 1e-5;
        assert_int_equal(lethe_problem_value(p, &high, NULL, w, NULL, NULL), LETHE_OK);
        w[i] = kept - 1e-5;
        assert_int_equal(lethe_problem_value(p, &low, NULL, w, NULL, NULL), LETHE_OK);
        w[i] = kept;
        assert_true(fabs((high - low) / 2e-5 - g[i]) < 1e-9);
    }
    lethe_free(w);
    lethe_free(g);
    lethe_free(logits);
    lethe_problem_free(p);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
}

static void batches_and_subsets_add_up(void **state)
{
    (void)state;
    struct lethe_graph *graph = blobs_net(widths);
    struct lethe_dataset *data = blobs(N, 4, 3, 1);
    size_t left[20], right[21], rows[20];
    for (size_t i = 0; i < N; i++)
        if (i < 20)
            rows[i] = left[i] = 2 * i;
        else
            right[i - 20] = i < 40 ? 2 * (i - 20) + 1 : 40;
    struct lethe_problem *all = over(graph, data, NULL, N, 0),
                         *small = over(graph, data, NULL, N, 7);
    struct lethe_problem *a = over(graph, data, left, 20, 3), *b = over(graph, data, right, 21, 0);
    size_t size = lethe_problem_size(all);
    double *w = lethe_alloc(size, sizeof *w), *g = lethe_alloc(4 * size, sizeof *g), f[4], again;
    double *part = lethe_alloc(size, sizeof *part);
    lethe_graph_init(graph, 5, w);
    struct lethe_problem *each[] = {all, small, a, b};
    for (size_t k = 0; k < 4; k++)
        assert_int_equal(lethe_problem_value(each[k], &f[k], g + k * size, w, NULL, NULL),
                         LETHE_OK);
    assert_true(fabs(f[0] - f[1]) < 1e-14);
    assert_true(fabs(f[0] - (20 * f[2] + 21 * f[3]) / N) < 1e-14);
    for (size_t i = 0; i < size; i++) {
        assert_true(fabs(g[i] - g[size + i]) < 1e-14);
        assert_true(fabs(g[i] - (20 * g[2 * size + i] + 21 * g[3 * size + i]) / N) < 1e-14);
    }
    assert_int_equal(lethe_problem_value_at(small, &again, part, w, rows, 20, NULL, NULL),
                     LETHE_OK);
    assert_true(fabs(again - f[2]) < 1e-14);
    for (size_t i = 0; i < size; i++)
        assert_true(fabs(part[i] - g[2 * size + i]) < 1e-14);
    for (size_t k = 0; k < 4; k++)
        lethe_problem_free(each[k]);
    lethe_free(w);
    lethe_free(g);
    lethe_free(part);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
}

static void refusals_name_the_cause(void **state)
{
    (void)state;
    const size_t other[] = {5, 3, 0}, narrow[] = {4, 2, 0};
    struct lethe_graph *graph = blobs_net(widths), *wide = blobs_net(other);
    struct lethe_graph *two = blobs_net(narrow);
    struct lethe_dataset *data = blobs(N, 4, 3, 1);
    struct lethe_problem *p = NULL;
    struct lethe_error err = {0};
    struct lethe_problem_spec spec = {.graph = wide, .data = data, .count = N, .dtype = LETHE_F64};
    assert_int_equal(lethe_problem_new(&p, &spec, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "takes 5 numbers per sample, the data have 4"));
    spec.graph = two;
    assert_int_equal(lethe_problem_new(&p, &spec, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "sample 2 has label 2"));
    spec.graph = graph;
    spec.count = N + 1;
    assert_int_equal(lethe_problem_new(&p, &spec, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "no sample 41"));
    spec.count = 0;
    assert_int_equal(lethe_problem_new(&p, &spec, &err), LETHE_EARG);
    spec.count = N;
    spec.decay = -1;
    assert_int_equal(lethe_problem_new(&p, &spec, &err), LETHE_EARG);
    spec.decay = 0.1;
    enum lethe_err rc = LETHE_ENOMEM;
    for (long n = 0; rc == LETHE_ENOMEM; n++) {
        lethe_alloc_fail_after(n);
        rc = lethe_problem_new(&p, &spec, &err);
    }
    lethe_alloc_fail_after(-1);
    assert_int_equal(rc, LETHE_OK);
    double *w = lethe_alloc(lethe_problem_size(p), sizeof *w), value;
    lethe_graph_init(graph, 1, w);
    w[3] = NAN;
    assert_int_equal(lethe_problem_value(p, &value, NULL, w, NULL, &err), LETHE_ENUM);
    lethe_free(w);
    lethe_problem_free(p);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
    lethe_graph_unref(wide);
    lethe_graph_unref(two);
}

/* Whatever changes between one call and the next, logits have the bits a new problem gives them. */
static void logits_forget_earlier_weights(void **state)
{
    (void)state;
    struct lethe_graph *graph = blobs_net(widths);
    struct lethe_dataset *data = blobs(N, 4, 3, 1);
    struct lethe_problem *p = over(graph, data, NULL, N, 16);
    size_t size = lethe_problem_size(p), params = lethe_graph_param_count(graph), fewer = 0;
    double *w = lethe_alloc(size, sizeof *w), *z = lethe_alloc(2 * N * 3, sizeof *z);
    struct lethe_rng rng;
    lethe_rng_init(&rng, 9, LETHE_RNG_TEST, 0, 0);
    lethe_graph_init(graph, 5, w);
    for (int round = 0; round < 200; round++) {
        /* mostly the last parameters, sometimes any, now and then all or none */
        size_t kind = lethe_rng_below(&rng, 10);
        for (size_t k = 0; k < params && kind; k++) {
            const struct lethe_param *param = lethe_graph_param(graph, k);
            if (kind == 1 || (kind == 2 ? lethe_rng_below(&rng, 2) : k + 2 >= params))
                w[param->offset] += lethe_rng_normal(&rng);
        }
        struct lethe_problem *fresh = over(graph, data, NULL, N, 16);
        assert_int_equal(lethe_problem_logits(p, z, w, NULL, NULL), LETHE_OK);
        fewer += lethe_problem_exec(p)->ran < 3;
        assert_int_equal(lethe_problem_logits(fresh, z + N * 3, w, NULL, NULL), LETHE_OK);
        assert_memory_equal(z, z + N * 3, N * 3 * sizeof *z);
        if (kind == 3) { /* others may use the executor in between */
            double value, *g = lethe_alloc(size, sizeof *g);
            assert_int_equal(lethe_problem_value(p, &value, g, w, NULL, NULL), LETHE_OK);
            lethe_free(g);
        }
        lethe_problem_free(fresh);
    }
    assert_true(fewer > 50);
    lethe_free(w);
    lethe_free(z);
    lethe_problem_free(p);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value_and_gradient_meet_their_definition),
        cmocka_unit_test(batches_and_subsets_add_up),
        cmocka_unit_test(logits_forget_earlier_weights),
        cmocka_unit_test(refusals_name_the_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
