/* SPDX-License-Identifier: MIT
 * Round corners beside their formula: values, slopes, the gradient through them, and what stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/nn.h"
#include "lethe/rng.h"
#include "nn/graph.h"

enum { N = 8, IN = 3, HIDDEN = 5, OUT = 2, SIZE = IN * HIDDEN + HIDDEN + HIDDEN * OUT + OUT };

static struct lethe_graph *network(const char *activation)
{
    const size_t widths[] = {IN, HIDDEN, OUT};
    struct lethe_graph *graph = NULL;
    assert_int_equal(lethe_graph_mlp(&graph, widths, 3, activation, NULL), LETHE_OK);
    return graph;
}

/* As defined, branch by branch. */
static double corner(double x, double e)
{
    return x <= -e ? 0 : x >= e ? x : (x + e) * (x + e) / (4 * e);
}

static double slope(double x, double e)
{
    return x <= -e ? 0 : x >= e ? 1 : (x + e) / (2 * e);
}

/* One input, one unit, weight 1: logits (r(x), -r(x)). */
static void a_corner_is_the_formula(void **state)
{
    (void)state;
    const size_t widths[] = {1, 1, 2};
    const double e = 0.25, w[] = {1, 0, 1, -1, 0, 0}, v[] = {0, 1, 0, 0, 0, 0};
    const double x[] = {-3, -e, -0.2, 0, 0.1, e, 0.3, 1e6};
    const double *inputs[] = {x};
    double *made_w = NULL, logits[2 * N], tangent[2 * N];
    struct lethe_graph *sharp = NULL, *made = NULL;
    assert_int_equal(lethe_graph_mlp(&sharp, widths, 3, "relu", NULL), LETHE_OK);
    assert_int_equal(lethe_graph_smooth(&made, &made_w, sharp, w, e, NULL), LETHE_OK);
    assert_memory_equal(made_w, w, sizeof w);
    struct lethe_exec *exec = lethe_exec_new(made, LETHE_F64, N, NULL);
    lethe_exec_weights(exec, made_w);
    assert_int_equal(lethe_exec_forward(exec, logits, inputs, N, NULL), LETHE_OK);
    assert_int_equal(lethe_exec_jvp(exec, tangent, v, NULL), LETHE_OK); /* by the bias */
    for (size_t n = 0; n < N; n++) {
        assert_true(fabs(logits[2 * n] - corner(x[n], e)) < 1e-15 + 1e-15 * fabs(x[n]));
        assert_true(fabs(logits[2 * n + 1] + corner(x[n], e)) < 1e-15 + 1e-15 * fabs(x[n]));
        assert_true(fabs(tangent[2 * n] - slope(x[n], e)) < 1e-15);
    }
    lethe_exec_free(exec);
    lethe_free(made_w);
    lethe_graph_unref(made);
    lethe_graph_unref(sharp);
}

static void draw(double *x, size_t n, uint64_t stream)
{
    struct lethe_rng rng;
    lethe_rng_init(&rng, 7, LETHE_RNG_TEST, stream, 0);
    for (size_t i = 0; i < n; i++)
        x[i] = lethe_rng_normal(&rng);
}

/* Thousands of random inputs, weights and widths beside the two layers written out. */
static void a_network_is_its_layers(void **state)
{
    (void)state;
    struct lethe_graph *sharp = network("relu");
    for (uint64_t round = 0; round < 500; round++) {
        double w[SIZE], x[N * IN], logits[N * OUT], *made_w = NULL;
        const double *inputs[] = {x}, e = 0.01 * (double)(1 + round % 100);
        const int labels[N] = {0, 1, 1, 0, 1, 0, 0, 1};
        struct lethe_graph *made = NULL;
        draw(w, SIZE, 2 * round);
        draw(x, N * IN, 2 * round + 1);
        assert_int_equal(lethe_graph_smooth(&made, &made_w, sharp, w, e, NULL), LETHE_OK);
        struct lethe_exec *exec = lethe_exec_new(made, LETHE_F64, N, NULL);
        lethe_exec_weights(exec, w);
        lethe_exec_forward(exec, logits, inputs, N, NULL);
        const double *b = w + IN * HIDDEN, *v = b + HIDDEN, *c = v + HIDDEN * OUT;
        for (size_t n = 0; n < N; n++)
            for (size_t o = 0; o < OUT; o++) {
                double sum = c[o];
                for (size_t h = 0; h < HIDDEN; h++) {
                    double z = b[h];
                    for (size_t i = 0; i < IN; i++)
                        z += w[h * IN + i] * x[n * IN + i];
                    sum += v[o * HIDDEN + h] * corner(z, e);
                }
                assert_true(fabs(sum - logits[n * OUT + o]) < 1e-12);
            }
        double worst = 1;
        if (round % 50 == 0) {
            assert_int_equal(lethe_gradient_check(&worst, made, w, inputs, labels, N, SIZE, NULL),
                             LETHE_OK);
            assert_true(worst < 1e-5);
        }
        lethe_exec_free(exec);
        lethe_free(made_w);
        lethe_graph_unref(made);
    }
    lethe_graph_unref(sharp);
}

static void what_is_no_corner_stays(void **state)
{
    (void)state;
    struct lethe_graph *sharp = network("relu"), *other = network("tanh"), *made, *again;
    struct lethe_error err = {0};
    double w[SIZE], drawn[SIZE], *first = NULL, *second = NULL;
    draw(w, SIZE, 3);
    assert_true(lethe_graph_corner(sharp) == 0 && isnan(lethe_graph_corner(other)));
    assert_int_equal(lethe_graph_smooth(&made, &first, other, w, 0.1, &err), LETHE_EARG);
    assert_int_equal(lethe_graph_smooth(&made, &first, sharp, w, 0, &err), LETHE_EARG);
    assert_int_equal(lethe_graph_smooth(&made, &first, sharp, w, (double)NAN, &err), LETHE_EARG);
    assert_int_equal(lethe_graph_smooth(&made, &first, sharp, w, 0.1, &err), LETHE_OK);
    assert_int_equal(lethe_graph_smooth(&again, &second, made, first, 0.5, &err), LETHE_OK);
    assert_true(fabs(lethe_graph_corner(made) - 0.1) < 1e-16);
    assert_true(fabs(lethe_graph_corner(again) - 0.5) < 1e-16);
    assert_int_equal(lethe_graph_size(again), SIZE);
    assert_memory_equal(second, w, sizeof w);
    assert_int_equal(lethe_graph_layer_count(again), 2);
    assert_string_equal(lethe_graph_layer(again, 0)->name, "fc1");
    lethe_graph_init(sharp, 5, drawn); /* He's variance for both */
    lethe_graph_init(again, 5, first);
    assert_memory_equal(first, drawn, sizeof drawn);
    lethe_free(first);
    lethe_free(second);
    lethe_graph_unref(made);
    lethe_graph_unref(again);
    lethe_graph_unref(sharp);
    lethe_graph_unref(other);
}

/* A file may hold anything under the names of a corner's constants. */
static void other_tensors_of_its_names_are_no_corner(void **state)
{
    (void)state;
    const double two[] = {0.1, 0.4}, wrong[] = {(double)NAN, -1, 0, (double)INFINITY};
    for (size_t k = 0; k < 6; k++) {
        struct lethe_graph *graph = lethe_graph_new(LETHE_F64, 14);
        struct lethe_shape row = {.ndim = 2, .dims = {0, 3}}, matrix = {.ndim = 2, .dims = {3, 3}};
        struct lethe_shape odd = {.ndim = 1, .dims = {k < 2 ? 2 * k : 1}}; /* none, two, one */
        struct lethe_tensor_value tensor = {.name = "smooth.width",
                                            .elem = LETHE_ELEM_DOUBLE,
                                            .shape = odd,
                                            .data = k < 2 ? two : &wrong[k - 2]};
        size_t in[2], id;
        struct lethe_node product = {
            .name = "", .type = "MatMul", .in = in, .in_count = 2, .out_count = 1};
        struct lethe_node relu = {
            .name = "", .type = "Relu", .in = &id, .in_count = 1, .out_count = 1};
        const char *names[] = {"z", "y"};
        assert_int_equal(lethe_graph_add_input(graph, &in[0], "x", LETHE_ELEM_DOUBLE, &row), 0);
        assert_int_equal(lethe_graph_add_zeros(graph, &in[1], "w", &matrix), 0);
        assert_int_equal(lethe_graph_add_tensor(graph, &id, &tensor), 0);
        tensor.name = "smooth.four";
        assert_int_equal(lethe_graph_add_tensor(graph, &id, &tensor), 0);
        assert_int_equal(lethe_graph_add_node(graph, &id, &product, names), 0);
        assert_int_equal(lethe_graph_add_node(graph, &id, &relu, names + 1), 0);
        assert_int_equal(lethe_graph_add_output(graph, id), 0);
        double *w = NULL, *made_w = NULL;
        struct lethe_graph *made = NULL;
        assert_int_equal(lethe_graph_finish(graph, &w, NULL), LETHE_OK);
        assert_true(lethe_graph_corner(graph) == 0);
        assert_int_equal(lethe_graph_smooth(&made, &made_w, graph, w, 0.5, NULL), LETHE_OK);
        assert_true(fabs(lethe_graph_corner(made) - 0.5) < 1e-16);
        lethe_free(w);
        lethe_free(made_w);
        lethe_graph_unref(made);
        lethe_graph_unref(graph);
    }
}

static void running_out_of_memory_leaks_nothing(void **state)
{
    (void)state;
    struct lethe_graph *sharp = network("relu"), *made = NULL;
    double w[SIZE], *made_w = NULL;
    draw(w, SIZE, 4);
    enum lethe_err rc = LETHE_ENOMEM;
    for (long n = 0; rc; n++) {
        struct lethe_error err = {0};
        lethe_alloc_fail_after(n);
        rc = lethe_graph_smooth(&made, &made_w, sharp, w, 0.1, &err);
        lethe_alloc_fail_after(-1);
        assert_true(rc == LETHE_OK || (rc == LETHE_ENOMEM && n < 2000));
    }
    lethe_free(made_w);
    lethe_graph_unref(made);
    lethe_graph_unref(sharp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_corner_is_the_formula),
        cmocka_unit_test(a_network_is_its_layers),
        cmocka_unit_test(what_is_no_corner_stays),
        cmocka_unit_test(other_tensors_of_its_names_are_no_corner),
        cmocka_unit_test(running_out_of_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
