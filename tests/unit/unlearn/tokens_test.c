/* SPDX-License-Identifier: MIT
 * Perturbation of text: tokens are replaced by tokens, masks and special tokens stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/perturb.h"
#include "nn/graph.h"

enum { LENGTH = 5, ROWS = 40, WIDTH = 3, COPIES = 600 };

static size_t tensor(struct lethe_graph *graph, const char *name, size_t rows, size_t columns)
{
    double data[ROWS * WIDTH];
    size_t id;
    for (size_t i = 0; i < rows * columns; i++)
        data[i] = (double)((i * 7919 + 13 * columns) % 101) / 50 - 1;
    const struct lethe_tensor_value value = {.name = name,
                                             .elem = LETHE_ELEM_FLOAT,
                                             .shape = {.ndim = 2, .dims = {rows, columns}},
                                             .data = data,
                                             .initializer = 1};
    assert_int_equal(lethe_graph_add_tensor(graph, &id, &value), LETHE_OK);
    return id;
}

static size_t node(struct lethe_graph *graph, const char *type, size_t a, size_t b,
                   const struct lethe_attr *attr)
{
    size_t in[2] = {a, b}, out;
    struct lethe_node spec = {.name = type,
                              .type = type,
                              .in_count = b == LETHE_NONE ? 1 : 2,
                              .out_count = 1,
                              .in = in,
                              .attr_count = attr ? 1 : 0,
                              .attrs = attr};
    char name[32];
    const char *const names = name;
    snprintf(name, sizeof name, "%s_out", type);
    assert_int_equal(lethe_graph_add_node(graph, &out, &spec, &names), LETHE_OK);
    return out;
}

/* ids -> embedding -> flat -> logits; a mask's mean scales the logits. */
static struct lethe_graph *reader(double **w, int masked)
{
    struct lethe_graph *graph = lethe_graph_new(LETHE_F32, 14);
    const struct lethe_shape row = {.ndim = 2, .dims = {0, LENGTH}};
    const long long real = LETHE_ELEM_FLOAT;
    const struct lethe_attr to = {
        .name = "to", .type = LETHE_ATTR_INTS, .single = 1, .count = 1, .ints = &real};
    const long long one = 1;
    const struct lethe_attr across = {
        .name = "axes", .type = LETHE_ATTR_INTS, .count = 1, .ints = &one};
    size_t ids, mask = 0;
    assert_non_null(graph);
    assert_int_equal(lethe_graph_add_input(graph, &ids, "ids", LETHE_ELEM_INT64, &row), LETHE_OK);
    if (masked)
        assert_int_equal(lethe_graph_add_input(graph, &mask, "mask", LETHE_ELEM_INT64, &row),
                         LETHE_OK);
    size_t x = node(graph, "Gather", tensor(graph, "words", ROWS, WIDTH), ids, NULL);
    x = node(graph, "Flatten", x, LETHE_NONE, NULL);
    x = node(graph, "MatMul", x, tensor(graph, "out.weight", LENGTH * WIDTH, 2), NULL);
    if (masked) {
        const size_t real_mask = node(graph, "Cast", mask, LETHE_NONE, &to);
        x = node(graph, "Mul", x, node(graph, "ReduceMean", real_mask, LETHE_NONE, &across), NULL);
    }
    assert_int_equal(lethe_graph_add_output(graph, x), LETHE_OK);
    assert_int_equal(lethe_graph_finish(graph, w, NULL), LETHE_OK);
    return graph;
}

static struct lethe_dataset *text(const double *rows, size_t n, size_t width)
{
    static const int labels[] = {0, 1, 0, 1};
    struct lethe_dataset *data = NULL;
    assert_int_equal(lethe_dataset_from(&data, rows, labels, n, width, NULL), LETHE_OK);
    return data;
}

/* Loss of row x under w, the obvious way. */
static double loss_of(struct lethe_graph *graph, const double *w, const double *x, int label)
{
    struct lethe_exec *exec = lethe_exec_new(graph, LETHE_F64, 1, NULL);
    double logits[2], loss;
    const double *inputs[] = {x};
    assert_non_null(exec);
    lethe_exec_weights(exec, w);
    assert_int_equal(lethe_exec_forward(exec, logits, inputs, 1, NULL), LETHE_OK);
    lethe_cross_entropy(&loss, NULL, logits, &label, 1, 2, 1);
    lethe_exec_free(exec);
    return loss;
}

static void inputs_are_told_apart(void **state)
{
    (void)state;
    const size_t widths[] = {4, 3};
    struct lethe_graph *plain = NULL, *graph = reader(NULL, 1);
    size_t rows = 7;
    assert_int_equal(lethe_graph_input_kind(graph, 0, &rows), LETHE_INPUT_TOKENS);
    assert_int_equal(rows, ROWS);
    assert_int_equal(lethe_graph_input_kind(graph, 1, &rows), LETHE_INPUT_WHOLE);
    assert_int_equal(lethe_graph_mlp(&plain, widths, 2, "tanh", NULL), LETHE_OK);
    assert_int_equal(lethe_graph_input_kind(plain, 0, NULL), LETHE_INPUT_REAL);
    lethe_graph_unref(plain);
    lethe_graph_unref(graph);
}

/* One token is replaced: every copy's loss is that of the sample with one of its three words
 * changed, each word is drawn about as often as the others, and special tokens never change. */
static void words_are_replaced_by_words(void **state)
{
    (void)state;
    const double rows[] = {17, 1, 30, 5, 0};
    double *w = NULL, loss[3][ROWS];
    struct lethe_graph *graph = reader(&w, 0);
    struct lethe_dataset *data = text(rows, 1, LENGTH);
    struct lethe_perturb_options o = lethe_perturb_defaults();
    struct lethe_perturbation p;
    static const size_t places[] = {0, 2, 3};
    size_t drawn[3] = {0};
    o.count = COPIES;
    o.tokens = 1;
    o.dtype = LETHE_F64;
    for (size_t k = 0; k < 3; k++)
        for (size_t t = 2; t < ROWS; t++) {
            double x[LENGTH];
            memcpy(x, rows, sizeof x);
            x[places[k]] = (double)t;
            loss[k][t] = loss_of(graph, w, x, 0);
        }
    assert_int_equal(lethe_perturb(&p, graph, data, w, 0, &o, NULL, NULL), LETHE_OK);
    assert_true(p.loss_clean == loss_of(graph, w, rows, 0));
    for (size_t c = 0; c < COPIES; c++) {
        size_t hits = 0;
        for (size_t k = 0; k < 3; k++)
            for (size_t t = 2; t < ROWS; t++)
                if (p.loss[c] == loss[k][t] && !hits++)
                    drawn[k]++;
        assert_true(hits > 0);
    }
    for (size_t k = 0; k < 3; k++)
        assert_true(drawn[k] > COPIES / 3 - 75 && drawn[k] < COPIES / 3 + 75);
    lethe_perturbation_release(&p);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
    lethe_free(w);
}

static void masks_stay_and_sigma_does_not_matter(void **state)
{
    (void)state;
    const double rows[] = {17, 8, 30, 5, 0, 1, 1, 1, 1, 0};
    double *w = NULL;
    struct lethe_graph *graph = reader(&w, 1);
    struct lethe_dataset *data = text(rows, 1, 2 * LENGTH);
    struct lethe_perturb_options o = lethe_perturb_defaults();
    struct lethe_perturbation p, q;
    o.count = 50;
    assert_int_equal(lethe_perturb(&p, graph, data, w, 0, &o, NULL, NULL), LETHE_OK);
    o.sigma = 5;
    assert_int_equal(lethe_perturb(&q, graph, data, w, 0, &o, NULL, NULL), LETHE_OK);
    assert_memory_equal(p.loss, q.loss, o.count * sizeof *p.loss);
    lethe_perturbation_release(&q);
    o.tokens = 4;
    assert_int_equal(lethe_perturb(&q, graph, data, w, 0, &o, NULL, NULL), LETHE_OK);
    assert_memory_not_equal(p.loss, q.loss, o.count * sizeof *p.loss);
    lethe_perturbation_release(&q);
    lethe_perturbation_release(&p);
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
    lethe_free(w);
}

static void a_text_without_words_is_refused(void **state)
{
    (void)state;
    const double rows[] = {1, 1, 0, 0, 0};
    double *w = NULL;
    struct lethe_graph *graph = reader(&w, 0);
    struct lethe_dataset *data = text(rows, 1, LENGTH);
    struct lethe_perturb_options o = lethe_perturb_defaults();
    struct lethe_perturbation p;
    struct lethe_error err;
    assert_int_equal(lethe_perturb(&p, graph, data, w, 0, &o, NULL, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "sample 0 cannot be perturbed"));
    o.tokens = 0;
    assert_int_equal(lethe_perturb(&p, graph, data, w, 0, &o, NULL, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "at least 1"));
    lethe_dataset_unref(data);
    lethe_graph_unref(graph);
    lethe_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_are_told_apart),
        cmocka_unit_test(words_are_replaced_by_words),
        cmocka_unit_test(masks_stay_and_sigma_does_not_matter),
        cmocka_unit_test(a_text_without_words_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
