/* SPDX-License-Identifier: MIT
 * Units of every kind of layer: their parameters share out those of the layer's tensors, their
 * gradients by single samples are those of batches of one, which are checked against differences,
 * and what is captured of them is what the loss depends on. */
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
#include "nn/exec.h"
#include "tests/support/nets.h"

enum { SAMPLES = 5, CLASSES = 3 };

struct fixture {
    struct net net;
    struct lethe_exec *exec;
    const double *inputs[1];
    size_t width, size;
    double *x, *logits, *slope, *grad;
};

static struct fixture open_fixture(enum net_kind kind)
{
    struct fixture f = {.net = net_open(kind, SAMPLES, 17)};
    f.size = lethe_graph_size(f.net.graph);
    f.width = lethe_graph_input_width(f.net.graph, 0);
    f.x = malloc(SAMPLES * f.width * sizeof *f.x);
    lethe_dataset_batch(f.net.data, f.x, NULL, (const size_t[]){0, 1, 2, 3, 4}, SAMPLES);
    f.inputs[0] = f.x;
    f.logits = malloc(SAMPLES * CLASSES * sizeof *f.logits);
    f.slope = malloc(SAMPLES * CLASSES * sizeof *f.slope);
    f.grad = malloc(f.size * sizeof *f.grad);
    f.exec = lethe_exec_new(f.net.graph, LETHE_F64, SAMPLES, NULL);
    assert_non_null(f.exec);
    lethe_exec_weights(f.exec, f.net.w);
    return f;
}

static void close_fixture(struct fixture *f)
{
    lethe_exec_free(f->exec);
    net_close(&f->net);
    free(f->x);
    free(f->logits);
    free(f->slope);
    free(f->grad);
}

/* The gradient by sample i alone, in f->grad. */
static void alone(struct fixture *f, size_t i)
{
    const double *x[] = {f->inputs[0] + i * f->width};
    const int label = (int)(i % CLASSES);
    double loss, slope[CLASSES], logits[CLASSES];
    assert_int_equal(lethe_exec_forward(f->exec, logits, x, 1, NULL), LETHE_OK);
    lethe_cross_entropy(&loss, slope, logits, &label, 1, CLASSES, 1);
    memset(f->grad, 0, f->size * sizeof *f->grad);
    assert_int_equal(lethe_exec_gradient(f->exec, f->grad, slope, NULL), LETHE_OK);
}

/* All samples forward and backward. */
static void together(struct fixture *f)
{
    double losses[SAMPLES];
    int labels[SAMPLES];
    for (int i = 0; i < SAMPLES; i++)
        labels[i] = i % CLASSES;
    assert_int_equal(lethe_exec_forward(f->exec, f->logits, f->inputs, SAMPLES, NULL), LETHE_OK);
    lethe_cross_entropy(losses, f->slope, f->logits, labels, SAMPLES, CLASSES, 1);
    assert_int_equal(lethe_exec_backward(f->exec, NULL, f->slope, NULL), LETHE_OK);
}

/* Each entry of w is one unit's or a group's, once. */
static void units_share_out(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_ALL; kind++) {
        struct net net = net_open((enum net_kind)kind, 2, 3);
        const size_t size = lethe_graph_size(net.graph);
        unsigned char *seen = calloc(size, 1);
        for (size_t l = 0; l < lethe_graph_layer_count(net.graph); l++) {
            const struct lethe_layer *layer = lethe_graph_layer(net.graph, l);
            size_t *index = malloc(layer->unit_params * sizeof *index);
            for (size_t u = 0; u < layer->units; u++) {
                lethe_graph_unit_params(net.graph, l, u, index);
                for (size_t i = 0; i < layer->unit_params; i++) {
                    assert_true(index[i] < size);
                    assert_int_equal(seen[index[i]]++, 0);
                }
            }
            free(index);
        }
        for (size_t p = 0; p < lethe_graph_param_count(net.graph); p++) {
            const struct lethe_param *param = lethe_graph_param(net.graph, p);
            for (size_t i = 0; param->trainable && i < param->size; i++)
                assert_int_equal(seen[param->offset + i], param->layer >= 0);
        }
        free(seen);
        net_close(&net);
    }
}

static void gradients_of_units(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_ALL; kind++) {
        struct fixture f = open_fixture((enum net_kind)kind);
        for (size_t l = 0; l < lethe_graph_layer_count(f.net.graph); l++) {
            const struct lethe_layer *layer = lethe_graph_layer(f.net.graph, l);
            const size_t params = layer->unit_params, units[] = {layer->units - 1, 0};
            double *rows = malloc(SAMPLES * 2 * params * sizeof *rows);
            size_t *index = malloc(params * sizeof *index);
            together(&f);
            for (int again = 0; again < 2; again++) /* what was kept for the next unit is right */
                assert_int_equal(lethe_exec_unit_grads(f.exec, rows, l, units, 2, NULL), LETHE_OK);
            for (size_t i = 0; i < SAMPLES; i++) {
                alone(&f, i);
                for (size_t k = 0; k < 2; k++) {
                    lethe_graph_unit_params(f.net.graph, l, units[k], index);
                    for (size_t p = 0; p < params; p++)
                        assert_true(fabs(rows[(i * 2 + k) * params + p] - f.grad[index[p]]) <
                                    1e-12);
                }
            }
            free(rows);
            free(index);
        }
        close_fixture(&f);
    }
}

/* The gradient of a batch beside central differences. */
static void gradients_are_right(void **state)
{
    (void)state;
    int labels[SAMPLES];
    for (int i = 0; i < SAMPLES; i++)
        labels[i] = i % CLASSES;
    for (int kind = NET_TRANSPOSED; kind <= NET_GATED; kind++) {
        struct fixture f = open_fixture((enum net_kind)kind);
        double worst = 1;
        assert_int_equal(lethe_gradient_check(&worst, f.net.graph, f.net.w, f.inputs, labels,
                                              SAMPLES, 400, NULL),
                         LETHE_OK);
        assert_true(worst < 1e-6);
        close_fixture(&f);
    }
}

/* The state of a hidden unit is what is scored: mean over steps, both directions. */
static void captures(void **state)
{
    (void)state;
    struct fixture f = open_fixture(NET_GATED);
    const struct lethe_layer *lstm = lethe_graph_layer(f.net.graph, 0);
    assert_string_equal(lstm->op, "LSTM");
    assert_int_equal(lstm->units, 6);
    assert_int_equal(lstm->gates, 4);
    assert_int_equal(lstm->positions, 4);
    assert_int_equal(lethe_graph_layer(f.net.graph, 1)->positions, 1);
    together(&f);
    double all[SAMPLES * 6], one[6], delta[SAMPLES * 6];
    lethe_exec_preact(f.exec, 0, all);
    lethe_exec_delta(f.exec, 0, delta);
    for (size_t i = 0; i < SAMPLES * 6; i++)
        assert_true(delta[i] > 0 && fabs(all[i]) < 1 && all[i] != 0);
    for (size_t i = 0; i < SAMPLES; i++) {
        const double *x[] = {f.inputs[0] + i * f.width};
        assert_int_equal(lethe_exec_forward(f.exec, f.logits, x, 1, NULL), LETHE_OK);
        lethe_exec_preact(f.exec, 0, one);
        for (size_t u = 0; u < 6; u++)
            assert_true(fabs(one[u] - all[i * 6 + u]) < 1e-14);
    }
    close_fixture(&f);
}

/* A unit that nothing reads has derivatives of 0; here the head ignores the GRU's unit 2 and so do
 * the other units' gates. */
static void dead_units(void **state)
{
    (void)state;
    struct fixture f = open_fixture(NET_GATED);
    const struct lethe_graph *graph = f.net.graph;
    for (size_t p = 0; p < lethe_graph_param_count(graph); p++) {
        const struct lethe_param *param = lethe_graph_param(graph, p);
        for (size_t i = 0; i < param->size; i++)
            if ((!strcmp(param->name, "head.weight") || !strcmp(param->name, "gru.R")) &&
                i % 4 == 2)
                f.net.w[param->offset + i] = 0;
    }
    lethe_exec_weights(f.exec, f.net.w);
    together(&f);
    double delta[SAMPLES * 4];
    lethe_exec_delta(f.exec, 1, delta);
    for (size_t i = 0; i < SAMPLES * 4; i++)
        assert_int_equal(delta[i] == 0, i % 4 == 2);
    close_fixture(&f);
}

/* A filter with one place in its image that does not cover it is no linear layer on the image. */
static void single_layers(void **state)
{
    (void)state;
    struct net net = net_open(NET_TRANSPOSED, 2, 3);
    for (size_t l = 0; l < lethe_graph_layer_count(net.graph); l++) {
        const struct lethe_layer *layer = lethe_graph_layer(net.graph, l);
        if (!strcmp(layer->op, "Conv"))
            assert_true(layer->positions == 1 && !layer->single);
        if (!strcmp(layer->op, "Gemm"))
            assert_true(layer->single);
    }
    net_close(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_share_out),     cmocka_unit_test(gradients_of_units),
        cmocka_unit_test(gradients_are_right), cmocka_unit_test(captures),
        cmocka_unit_test(dead_units),          cmocka_unit_test(single_layers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
