/* SPDX-License-Identifier: MIT
 * Forward against a plain loop, backward and jvp against differences, captures against each other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lethe/nn.h"
#include "lethe/rng.h"

enum { N = 7, IN = 5, HIDDEN = 4, OUT = 3 };

struct net {
    struct lethe_graph *graph;
    double w[256], x[N * IN];
    const double *inputs[1];
    int labels[N];
};

static void make(struct net *net, const char *activation, uint64_t seed)
{
    const size_t widths[] = {IN, HIDDEN, OUT};
    struct lethe_error err;
    assert_int_equal(lethe_graph_mlp(&net->graph, widths, 3, activation, &err), LETHE_OK);
    lethe_graph_init(net->graph, seed, net->w);
    struct lethe_rng rng;
    lethe_rng_init(&rng, seed, LETHE_RNG_TEST, 0, 0);
    for (size_t i = 0; i < lethe_graph_size(net->graph); i++)
        net->w[i] += 0.1 * lethe_rng_normal(&rng);
    for (size_t i = 0; i < N * IN; i++)
        net->x[i] = lethe_rng_normal(&rng);
    for (size_t i = 0; i < N; i++)
        net->labels[i] = (int)lethe_rng_below(&rng, OUT);
    net->inputs[0] = net->x;
}

/* w is fc1.weight (4, 5), fc1.bias (4), fc2.weight (3, 4), fc2.bias (3). */
static void plain_forward(double *z, const double *w, const double *x)
{
    double h[HIDDEN];
    for (int j = 0; j < HIDDEN; j++) {
        double u = w[HIDDEN * IN + j];
        for (int k = 0; k < IN; k++)
            u += w[j * IN + k] * x[k];
        h[j] = tanh(u);
    }
    const double *v = w + HIDDEN * IN + HIDDEN;
    for (int c = 0; c < OUT; c++) {
        z[c] = v[OUT * HIDDEN + c];
        for (int j = 0; j < HIDDEN; j++)
            z[c] += v[c * HIDDEN + j] * h[j];
    }
}

static void forward_is_the_plain_loop(void **state)
{
    (void)state;
    struct net net;
    make(&net, "tanh", 11);
    assert_int_equal(lethe_graph_size(net.graph), 39);
    for (int dtype = LETHE_F32; dtype <= LETHE_F64; dtype++) {
        struct lethe_exec *exec = lethe_exec_new(net.graph, (enum lethe_dtype)dtype, N + 3, NULL);
        double logits[N * OUT], expected[OUT];
        lethe_exec_weights(exec, net.w);
        assert_int_equal(lethe_exec_forward(exec, logits, net.inputs, N, NULL), LETHE_OK);
        for (int i = 0; i < N; i++) {
            plain_forward(expected, net.w, net.x + i * IN);
            for (int c = 0; c < OUT; c++)
                assert_true(fabs(logits[i * OUT + c] - expected[c]) <
                            (dtype == LETHE_F32 ? 1e-5 : 1e-13));
        }
        lethe_exec_free(exec);
    }
    lethe_graph_unref(net.graph);
}

static void gradient_check_passes_for_every_activation(void **state)
{
    (void)state;
    static const char *const activations[] = {"tanh", "relu", "sigmoid"};
    for (uint64_t seed = 0; seed < 20; seed++)
        for (size_t a = 0; a < 3; a++) {
            struct net net;
            double worst = 1;
            make(&net, activations[a], seed);
            assert_int_equal(lethe_gradient_check(&worst, net.graph, net.w, net.inputs, net.labels,
                                                  N, 1000, NULL),
                             LETHE_OK);
            assert_true(worst < 1e-5);
            lethe_graph_unref(net.graph);
        }
}

static void jvp_is_the_transpose_of_backward(void **state)
{
    (void)state;
    struct net net;
    make(&net, "tanh", 3);
    struct lethe_exec *exec = lethe_exec_new(net.graph, LETHE_F64, N, NULL);
    double logits[N * OUT], forward[N * OUT], seed[N * OUT], v[64], grad[64];
    struct lethe_rng rng;
    lethe_rng_init(&rng, 5, LETHE_RNG_TEST, 1, 0);
    lethe_exec_weights(exec, net.w);
    for (int round = 0; round < 100; round++) {
        double left = 0, right = 0;
        for (int i = 0; i < N * OUT; i++)
            seed[i] = lethe_rng_normal(&rng);
        for (int i = 0; i < 39; i++)
            v[i] = lethe_rng_normal(&rng);
        memset(grad, 0, sizeof grad);
        lethe_exec_forward(exec, logits, net.inputs, N, NULL);
        lethe_exec_backward(exec, grad, seed, NULL);
        lethe_exec_jvp(exec, forward, v, NULL);
        for (int i = 0; i < N * OUT; i++)
            left += seed[i] * forward[i];
        for (int i = 0; i < 39; i++)
            right += grad[i] * v[i];
        assert_true(fabs(left - right) < 1e-12 * (1 + fabs(left)));
    }
    lethe_exec_free(exec);
    lethe_graph_unref(net.graph);
}

static void unit_gradients_add_up_to_the_gradient(void **state)
{
    (void)state;
    struct net net;
    make(&net, "sigmoid", 8);
    struct lethe_exec *exec = lethe_exec_new(net.graph, LETHE_F64, N, NULL);
    double logits[N * OUT], d[N * OUT], losses[N], grad[64] = {0}, units[N * 2 * 16];
    double delta[N * HIDDEN], input[N * IN];
    size_t indices[16];
    const size_t chosen[] = {2, 0};
    lethe_exec_weights(exec, net.w);
    lethe_exec_forward(exec, logits, net.inputs, N, NULL);
    lethe_cross_entropy(losses, d, logits, net.labels, N, OUT, 1);
    lethe_exec_backward(exec, grad, d, NULL);
    for (size_t layer = 0; layer < 2; layer++) {
        size_t size = lethe_graph_layer(net.graph, layer)->unit_params;
        assert_int_equal(lethe_exec_unit_grads(exec, units, layer, chosen, 2, NULL), LETHE_OK);
        for (size_t u = 0; u < 2; u++) {
            lethe_graph_unit_params(net.graph, layer, chosen[u], indices);
            for (size_t k = 0; k < size; k++) {
                double sum = 0;
                for (size_t i = 0; i < N; i++)
                    sum += units[(i * 2 + u) * size + k];
                assert_true(fabs(sum - grad[indices[k]]) < 1e-12);
            }
        }
    }
    lethe_exec_delta(exec, 0, delta);
    lethe_exec_input(exec, 0, input);
    assert_int_equal(lethe_exec_unit_grads(exec, units, 0, chosen, 1, NULL), LETHE_OK);
    for (size_t i = 0; i < N; i++)
        assert_true(fabs(units[i * 6 + 1] - delta[i * HIDDEN + 2] * input[i * IN + 1]) < 1e-14);
    lethe_exec_free(exec);
    lethe_graph_unref(net.graph);
}

static void cross_entropy_meets_its_check_value(void **state)
{
    (void)state;
    const double z[] = {1, 2, 3, 1000, 0, -1000};
    const int labels[] = {1, 0};
    double losses[2], d[6];
    lethe_cross_entropy(losses, d, z, labels, 2, 3, 1);
    assert_true(fabs(losses[0] - 1.4076059644443803) < 1e-15);
    assert_true(losses[1] == 0 && d[3] == 0);
}

static void init_is_deterministic_and_bounded(void **state)
{
    (void)state;
    struct net a, b;
    make(&a, "tanh", 2);
    make(&b, "tanh", 2);
    assert_memory_equal(a.w, b.w, 39 * sizeof(double));
    lethe_graph_init(a.graph, 2, a.w);
    for (int i = 0; i < HIDDEN * IN; i++)
        assert_true(fabs(a.w[i]) <= sqrt(6.0 / (IN + HIDDEN)) && a.w[i] != 0);
    for (int i = 0; i < HIDDEN; i++)
        assert_true(a.w[HIDDEN * IN + i] == 0);
    lethe_graph_unref(a.graph);
    lethe_graph_unref(b.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_is_the_plain_loop),
        cmocka_unit_test(gradient_check_passes_for_every_activation),
        cmocka_unit_test(jvp_is_the_transpose_of_backward),
        cmocka_unit_test(unit_gradients_add_up_to_the_gradient),
        cmocka_unit_test(cross_entropy_meets_its_check_value),
        cmocka_unit_test(init_is_deterministic_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
