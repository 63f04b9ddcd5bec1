/* SPDX-License-Identifier: MIT
 * Leverages where labels are drawn: the highest are exact, so no seed changes who stands first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "lethe/curvature.h"
#include "nn/graph.h"
#include "removal/stages.h"
#include "tests/support/blobs.h"
#include "workbench/workbench.h"

enum { WIDTH = 2, CLASSES = 26, SAMPLES = 8000, TOP = 20 };

/* x * gain, then a linear layer: the gain belongs to no unit, so rows are not those of plain
 * layers, and 26 classes of 8,000 samples are too many for all of them. */
static struct lethe_graph *gained(double **w)
{
    struct lethe_graph *graph = lethe_graph_new(LETHE_F64, 17);
    const struct lethe_shape in = {.ndim = 2, .dims = {0, WIDTH}};
    const long long yes = 1;
    const struct lethe_attr turned = {.name = "transB", .single = 1, .count = 1, .ints = &yes};
    double ones[WIDTH], weights[WIDTH * CLASSES], bias[CLASSES] = {0};
    size_t x, scaled, logits, tensors[3];
    for (size_t i = 0; i < WIDTH; i++)
        ones[i] = 1;
    for (size_t i = 0; i < WIDTH * CLASSES; i++)
        weights[i] = 0.3 * sin(7.0 * (double)i);
    const struct lethe_tensor_value values[] = {
        {.name = "gain", .shape = {.ndim = 1, .dims = {WIDTH}}, .data = ones},
        {.name = "w", .shape = {.ndim = 2, .dims = {CLASSES, WIDTH}}, .data = weights},
        {.name = "b", .shape = {.ndim = 1, .dims = {CLASSES}}, .data = bias}};
    assert_non_null(graph);
    assert_int_equal(lethe_graph_add_input(graph, &x, "x", LETHE_ELEM_FLOAT, &in), LETHE_OK);
    for (size_t t = 0; t < 3; t++) {
        struct lethe_tensor_value value = values[t];
        value.elem = LETHE_ELEM_FLOAT;
        value.initializer = 1;
        assert_int_equal(lethe_graph_add_tensor(graph, &tensors[t], &value), LETHE_OK);
    }
    const char *names[] = {"scaled", "logits"};
    size_t product[] = {x, tensors[0]};
    const struct lethe_node mul = {
        .name = "scaled", .type = "Mul", .in = product, .in_count = 2, .out_count = 1};
    assert_int_equal(lethe_graph_add_node(graph, &scaled, &mul, &names[0]), LETHE_OK);
    size_t linear[] = {scaled, tensors[1], tensors[2]};
    const struct lethe_node gemm = {.name = "logits",
                                    .type = "Gemm",
                                    .in = linear,
                                    .in_count = 3,
                                    .out_count = 1,
                                    .attrs = &turned,
                                    .attr_count = 1};
    assert_int_equal(lethe_graph_add_node(graph, &logits, &gemm, &names[1]), LETHE_OK);
    assert_int_equal(lethe_graph_add_output(graph, logits), LETHE_OK);
    assert_int_equal(lethe_graph_finish(graph, w, NULL), LETHE_OK);
    return graph;
}

static void first_of(size_t *first, double *h, const struct lethe_leverage *l)
{
    *first = 0;
    for (size_t i = 1; i < l->count; i++)
        if (l->h[i] > l->h[*first])
            *first = i;
    *h = l->h[*first];
}

static struct lethe_leverage *measured(struct lethe_workbench *wb, const char *seed)
{
    struct lethe_snapshot *snapshot = NULL;
    struct lethe_blanket_curvature *curve = NULL;
    struct lethe_leverage *leverage = NULL;
    assert_int_equal(lethe_workbench_set(wb, LETHE_SET_SEED, seed, NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_snapshot(wb, &snapshot, NULL), LETHE_OK);
    assert_int_equal(
        lethe_blanket_curvature_make(&curve, snapshot, NULL, &wb->settings, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_leverage_make(&leverage, snapshot, curve, curve->blanket.count,
                                         &wb->settings, NULL, NULL),
                     LETHE_OK);
    lethe_blanket_curvature_unref(curve);
    return leverage;
}

static void no_seed_changes_who_stands_first(void **state)
{
    (void)state;
    struct lethe_workbench *wb = NULL;
    const size_t forget[] = {5, 9};
    struct lethe_leverage *l[2];
    size_t first[2];
    double h[2];
    double *w = NULL;
    struct lethe_graph *graph = gained(&w);
    struct lethe_dataset *data = blobs(SAMPLES, WIDTH, CLASSES, 4);
    assert_int_equal(lethe_workbench_new(&wb, NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_data(wb, data, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_model(wb, graph, w, 0.01, NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_set(wb, LETHE_SET_BLANKET, "all", NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_set(wb, LETHE_SET_FORM, "influence", NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_forget(wb, forget, 2, NULL), LETHE_OK);
    for (int k = 0; k < 2; k++) {
        l[k] = measured(wb, k ? "77" : "3");
        assert_true(l[k]->drawn > 0 && l[k]->drawn < CLASSES);
        assert_true(l[k]->exact >= TOP && l[k]->exact < SAMPLES);
        first_of(&first[k], &h[k], l[k]);
        assert_true(l[k]->errors[first[k]] == 0);
    }
    assert_int_equal(first[0], first[1]);
    assert_true(fabs(h[0] - h[1]) < 0.2 * h[0]); /* of curvatures from two draws of samples */
    lethe_leverage_unref(l[0]);
    lethe_leverage_unref(l[1]);
    lethe_workbench_free(wb);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
    lethe_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_seed_changes_who_stands_first)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
