/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/nn.h"
#include "lethe/rng.h"
#include "nn/exec.h"

enum { N = 7, IN = 5, HIDDEN = 6, OUT = 4, SIZE = IN * HIDDEN + HIDDEN + HIDDEN * OUT + OUT };

struct net {
    struct lethe_graph *graph;
    double w[SIZE], x[N * IN];
    int labels[N];
};

static void make(struct net *net, const char *activation)
{
    const size_t widths[] = {IN, HIDDEN, OUT};
    struct lethe_error err = {0};
    assert_int_equal(lethe_graph_mlp(&net->graph, widths, 3, activation, &err), LETHE_OK);
    assert_int_equal(lethe_graph_size(net->graph), SIZE);
    lethe_graph_init(net->graph, 3, net->w);
    struct lethe_rng rng;
    lethe_rng_init(&rng, 1, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < N * IN; i++)
        net->x[i] = lethe_rng_normal(&rng);
    for (size_t i = 0; i < SIZE; i++) /* biases, too */
        net->w[i] += 0.1 * lethe_rng_normal(&rng);
    for (size_t i = 0; i < N; i++)
        net->labels[i] = (int)lethe_rng_below(&rng, OUT);
}

static void tangents_meet_differences(void **state)
{
    (void)state;
    struct net net;
    make(&net, "tanh");
    const double *inputs[] = {net.x};
    double v[SIZE], moved[SIZE], up[N * OUT], down[N * OUT], t[N * OUT];
    const double h = 1e-6;
    for (size_t i = 0; i < SIZE; i++)
        v[i] = sin((double)i);
    struct lethe_exec *exec = lethe_exec_new(net.graph, LETHE_F64, N, NULL);
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < SIZE; i++)
            moved[i] = net.w[i] + (side ? -h : h) * v[i];
        lethe_exec_weights(exec, moved);
        lethe_exec_forward(exec, side ? down : up, inputs, N, NULL);
    }
    lethe_exec_weights(exec, net.w);
    lethe_exec_forward(exec, t, inputs, N, NULL);
    assert_int_equal(lethe_exec_jvp(exec, t, v, NULL), LETHE_OK);
    for (size_t i = 0; i < N * OUT; i++)
        assert_true(fabs(t[i] - (up[i] - down[i]) / (2 * h)) < 1e-8);
    lethe_exec_free(exec);
    lethe_graph_unref(net.graph);
}

static void pre_activations_are_before_the_activation(void **state)
{
    (void)state;
    struct net net;
    make(&net, "relu");
    const double *inputs[] = {net.x};
    double logits[N * OUT], z[N * HIDDEN], top[N * OUT];
    struct lethe_exec *exec = lethe_exec_new(net.graph, LETHE_F64, N, NULL);
    lethe_exec_weights(exec, net.w);
    lethe_exec_forward(exec, logits, inputs, N, NULL);
    lethe_exec_preact(exec, 0, z);
    lethe_exec_preact(exec, 1, top);
    assert_memory_equal(top, logits, sizeof top);
    double sum = net.w[IN * HIDDEN + 1];
    for (size_t i = 0; i < IN; i++)
        sum += net.w[IN + i] * net.x[2 * IN + i];
    assert_true(fabs(z[2 * HIDDEN + 1] - sum) < 1e-14);
    lethe_exec_free(exec);
    lethe_graph_unref(net.graph);
}

static void wrong_requests_are_refused(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    struct lethe_graph *graph = NULL;
    const size_t widths[] = {3, 2};
    assert_int_equal(lethe_graph_mlp(&graph, widths, 2, "swish", &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "swish"));
    assert_int_equal(lethe_graph_mlp(&graph, widths, 1, "tanh", &err), LETHE_EARG);
    assert_null(graph);
    assert_int_equal(lethe_graph_mlp(&graph, widths, 2, "tanh", &err), LETHE_OK);
    double x[3] = {0}, z[2], w[8] = {0};
    const double *inputs[] = {x};
    struct lethe_exec *exec = lethe_exec_new(graph, LETHE_F64, 1, &err);
    lethe_exec_weights(exec, w);
    assert_int_equal(lethe_exec_forward(exec, z, inputs, 2, &err), LETHE_EARG);
    assert_int_equal(lethe_exec_forward(exec, z, inputs, 0, &err), LETHE_EARG);
    assert_int_equal(lethe_exec_backward(exec, NULL, z, &err), LETHE_EBUG);
    lethe_exec_free(exec);
    lethe_graph_unref(graph);
}

static void running_out_of_memory_leaks_nothing(void **state)
{
    (void)state;
    const size_t widths[] = {3, 4, 2};
    int done = 0;
    for (long after = 0; after < 200 && !done; after++) {
        struct lethe_graph *graph = NULL;
        struct lethe_error err = {0};
        lethe_alloc_fail_after(after);
        enum lethe_err code = lethe_graph_mlp(&graph, widths, 3, "tanh", &err);
        struct lethe_exec *exec = code ? NULL : lethe_exec_new(graph, LETHE_F32, 4, &err);
        done = exec != NULL;
        lethe_alloc_fail_after(-1);
        assert_true(done || err.code == LETHE_ENOMEM);
        lethe_exec_free(exec);
        lethe_graph_unref(graph);
    }
    assert_true(done);
}

static void only_what_changed_is_computed_again(void **state)
{
    (void)state;
    for (int dtype = LETHE_F32; dtype <= LETHE_F64; dtype++) {
        struct net net;
        make(&net, "tanh");
        const double *inputs[] = {net.x};
        double again[N * OUT], whole[N * OUT];
        struct lethe_exec *exec = lethe_exec_new(net.graph, (enum lethe_dtype)dtype, N, NULL);
        assert_int_equal(lethe_exec_reforward(exec, again, net.w, NULL), LETHE_EBUG);
        lethe_exec_weights(exec, net.w);
        lethe_exec_forward(exec, whole, inputs, N, NULL);
        assert_int_equal(exec->ran, 3);
        const size_t changed[] = {SIZE - 1, IN * HIDDEN + 2, 0}, calls[] = {1, 3, 3};
        for (size_t k = 0; k < 3; k++) {
            net.w[changed[k]] += 0.5;
            assert_int_equal(lethe_exec_reforward(exec, again, net.w, NULL), LETHE_OK);
            assert_int_equal(exec->ran, calls[k]);
            lethe_exec_forward(exec, whole, inputs, N, NULL);
            assert_memory_equal(again, whole, sizeof whole);
        }
        assert_int_equal(lethe_exec_reforward(exec, again, net.w, NULL), LETHE_OK);
        assert_int_equal(exec->ran, 0);
        assert_memory_equal(again, whole, sizeof whole);
        lethe_exec_free(exec);
        lethe_graph_unref(net.graph);
    }
}

static void a_head_classifies_what_comes_out(void **state)
{
    (void)state;
    struct net net;
    make(&net, "relu");
    struct lethe_error err = {0};
    struct lethe_graph *made = NULL;
    double *w = NULL, features[N * OUT], logits[N * 3];
    const double *inputs[] = {net.x};
    assert_int_equal(lethe_graph_head(&made, &w, net.graph, net.w, 1, 5, &err), LETHE_EARG);
    assert_int_equal(lethe_graph_head(&made, &w, net.graph, net.w, 3, 5, &err), LETHE_OK);
    assert_int_equal(lethe_graph_classes(made), 3);
    assert_int_equal(lethe_graph_size(made), SIZE + 3 * OUT + 3);
    assert_memory_equal(w, net.w, SIZE * sizeof *w);
    const struct lethe_layer *head = lethe_graph_layer(made, 2);
    assert_string_equal(head->name, "head");
    struct lethe_exec *below = lethe_exec_new(net.graph, LETHE_F64, N, NULL);
    struct lethe_exec *whole = lethe_exec_new(made, LETHE_F64, N, NULL);
    lethe_exec_weights(below, net.w);
    lethe_exec_weights(whole, w);
    lethe_exec_forward(below, features, inputs, N, NULL);
    lethe_exec_forward(whole, logits, inputs, N, NULL);
    for (size_t n = 0; n < N; n++)
        for (size_t c = 0; c < 3; c++) {
            double sum = w[SIZE + 3 * OUT + c];
            for (size_t k = 0; k < OUT; k++)
                sum += w[SIZE + c * OUT + k] * features[n * OUT + k];
            assert_true(fabs(sum - logits[n * 3 + c]) < 1e-14 && w[SIZE + c * OUT] != 0);
        }
    struct lethe_graph *third = NULL;
    double *none = NULL;
    assert_int_equal(lethe_graph_head(&third, &none, made, w, 3, 5, &err), LETHE_EARG);
    assert_null(third);
    lethe_exec_free(below);
    lethe_exec_free(whole);
    lethe_free(w);
    lethe_graph_unref(made);
    lethe_graph_unref(net.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tangents_meet_differences),
        cmocka_unit_test(pre_activations_are_before_the_activation),
        cmocka_unit_test(wrong_requests_are_refused),
        cmocka_unit_test(only_what_changed_is_computed_again),
        cmocka_unit_test(a_head_classifies_what_comes_out),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
