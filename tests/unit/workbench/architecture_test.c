/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "workbench/architecture.h"

static enum lethe_err make(struct lethe_graph **graph, const char *description,
                           const char *activation, size_t inputs, size_t classes,
                           struct lethe_error *err)
{
    const struct lethe_samples_shape data = {.inputs = inputs, .classes = classes};
    return lethe_architecture_make(graph, description, activation, &data, err);
}

static size_t size_of(const char *description, size_t inputs, size_t classes)
{
    struct lethe_graph *graph;
    assert_int_equal(make(&graph, description, NULL, inputs, classes, NULL), LETHE_OK);
    size_t size = lethe_graph_size(graph);
    lethe_graph_unref(graph);
    return size;
}

static void whole_and_inner_widths_make_the_same_network(void **state)
{
    (void)state;
    assert_int_equal(size_of("mlp:64-32-16-10", 64, 10), 2778);
    assert_int_equal(size_of("mlp:32-16", 64, 10), 2778);
    assert_int_equal(size_of("mlp:64-32-16-10", 0, 0), 2778);
    assert_int_equal(size_of("logreg", 64, 10), 650);
    assert_int_equal(size_of("mlp:10", 64, 10), 64 * 10 + 10 + 10 * 10 + 10); /* one hidden layer */
    assert_int_equal(size_of("mlp:4-4", 5, 3), 5 * 4 + 4 + 4 * 4 + 4 + 4 * 3 + 3);
    char text[200];
    struct lethe_graph *graph;
    assert_int_equal(make(&graph, "mlp:4-4", NULL, 5, 3, NULL), LETHE_OK);
    lethe_architecture_text(text, "mlp:4-4", graph);
    assert_string_equal(text, "5-4-4-3");
    lethe_graph_unref(graph);
    struct lethe_error err;
    assert_int_equal(make(&graph, "mlp:4-3", NULL, 5, 3, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "write mlp:5-3, or with all of them as hidden layers "
                                        "mlp:5-4-3-3"));
}

static void wrong_descriptions_are_refused_by_name(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "mlp:",
                                        "mlp:3-",
                                        "mlp:-3",
                                        "mlp:0",
                                        "mlp:3-x",
                                        "cnn9",
                                        "cnn:",
                                        "cnn:8q",
                                        "cnn:8pp",
                                        "cnn:8p-",
                                        "cnn:-8",
                                        "cnn:0p",
                                        "resnet:16",
                                        "resnet:16x",
                                        "resnet:16x0",
                                        "resnet:16x1p",
                                        "mobilenet:8",
                                        "mobilenet:8x1pp",
                                        "densenet:4x1p",
                                        "densenet:4x0",
                                        "text:64",
                                        "text:64x",
                                        "text:x2",
                                        "text:64x2x",
                                        "mlp:64-32-11",
                                        "mlp:5-10",
                                        "mlp:32-16-10",
                                        "mlp:1-2-3-4-5-6-7-8-9-1-2-3-4-5-6-7-8-9-"
                                        "1-2-3-4-5-6-7-8-9-1-2-3-4-5-6-7-8-9"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct lethe_graph *graph;
        struct lethe_error err;
        assert_int_equal(make(&graph, wrong[i], NULL, 64, 10, &err), LETHE_EARG);
        assert_non_null(strstr(err.message, wrong[i]));
    }
    struct lethe_error err;
    struct lethe_graph *graph;
    assert_int_equal(make(&graph, "logreg", NULL, 0, 0, &err), LETHE_EARG);
    assert_int_equal(make(&graph, "mlp:5", "swish", 64, 10, &err), LETHE_EARG);
}

static size_t images(struct lethe_graph **graph, const char *description)
{
    const struct lethe_samples_shape data = {
        .inputs = 3 * 12 * 10, .classes = 7, .channels = 3, .rows = 12, .columns = 10};
    assert_int_equal(lethe_architecture_make(graph, description, NULL, &data, NULL), LETHE_OK);
    return lethe_graph_size(*graph);
}

/* 9 weights a filter and channel, scale and shift a filter, 7 classes of the last ones. */
static void filters_are_counted(void **state)
{
    (void)state;
    struct lethe_graph *graph;
    assert_int_equal(images(&graph, "cnn:4p-6"), 9 * 3 * 4 + 2 * 4 + 9 * 4 * 6 + 2 * 6 + 7 * 6 + 7);
    assert_int_equal(lethe_graph_buffers(graph), 2 * (4 + 6));
    assert_int_equal(lethe_graph_layer_count(graph), 3);
    assert_string_equal(lethe_graph_layer(graph, 1)->name, "conv2");
    assert_int_equal(lethe_graph_layer(graph, 0)->positions, 12 * 10);
    assert_int_equal(lethe_graph_layer(graph, 1)->positions, 6 * 5);
    assert_int_equal(lethe_graph_layer(graph, 1)->unit_params, 9 * 4 + 2);
    lethe_graph_unref(graph);
    size_t blocks = 9 * 3 * 4 + 2 * 4 + 2 * (9 * 4 * 4 + 2 * 4); /* first convolution, a block */
    blocks += 9 * 4 * 6 + 9 * 6 * 6 + 4 * 6 + 4 * 6 + 2 * 6;     /* and one with a shortcut */
    assert_int_equal(images(&graph, "resnet:4x1-6x1"), blocks + 7 * 6 + 7);
    assert_int_equal(lethe_graph_layer_count(graph), 7);
    lethe_graph_unref(graph);
    /* 8 filters, a block of 8 by channel and 4, one widened to 24 and narrowed to 5, 20 at the end
     */
    const size_t inverted = 9 * 3 * 8 + 2 * 8 + (9 * 8 + 2 * 8 + 8 * 4 + 2 * 4) +
                            (4 * 24 + 2 * 24 + 9 * 24 + 2 * 24 + 24 * 5 + 2 * 5) +
                            (5 * 20 + 2 * 20);
    assert_int_equal(images(&graph, "mobilenet:4x1-5x1p"), inverted + 7 * 20 + 7);
    assert_int_equal(lethe_graph_layer_count(graph), 1 + 2 + 3 + 1 + 1);
    assert_int_equal(lethe_graph_layer(graph, 4)->positions, 6 * 5);
    lethe_graph_unref(graph);
    /* 8 channels, a layer of 4 more through 16, halved to 6, and again 4 more of the 6 */
    const size_t dense = 9 * 3 * 8 + (2 * 8 + 8 * 16 + 2 * 16 + 9 * 16 * 4) + (2 * 12 + 12 * 6) +
                         (2 * 6 + 6 * 16 + 2 * 16 + 9 * 16 * 4) + 2 * 10;
    assert_int_equal(images(&graph, "densenet:4x1-4x1"), dense + 7 * 10 + 7);
    assert_int_equal(lethe_graph_layer_count(graph), 1 + 2 + 1 + 2 + 1);
    lethe_graph_unref(graph);
    struct lethe_error err;
    const struct lethe_samples_shape row = {.inputs = 64, .classes = 10};
    assert_int_equal(lethe_architecture_make(&graph, "cnn:4", NULL, &row, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "64 values in a row"));
    const struct lethe_samples_shape small = {
        .inputs = 12, .classes = 2, .channels = 1, .rows = 3, .columns = 4};
    assert_int_equal(lethe_architecture_make(&graph, "cnn:4p-4p", NULL, &small, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "1 x 2 is left"));
    assert_int_equal(lethe_architecture_make(&graph, "densenet:4x1-4x1-4x1", NULL, &small, &err),
                     LETHE_EARG);
    assert_non_null(strstr(err.message, "leave out a block"));
    assert_int_equal(lethe_architecture_make(&graph, "cnn:4p", "tanh", &small, &err), LETHE_EARG);
}

static void attention_is_counted(void **state)
{
    (void)state;
    enum { WIDE = 32, TOKENS = 50, LONG = 9, CLASSES = 5 };
    struct lethe_graph *graph;
    const struct lethe_samples_shape data = {.inputs = LONG, .classes = CLASSES, .tokens = TOKENS};
    const size_t layer = 4 * (WIDE * WIDE + WIDE) + 4 * WIDE + 4 * WIDE * WIDE + 3 * WIDE;
    assert_int_equal(lethe_architecture_make(&graph, "text:32x2", NULL, &data, NULL), LETHE_OK);
    assert_int_equal(lethe_graph_size(graph),
                     WIDE * (TOKENS + LONG) + 2 * layer + 2 * WIDE + CLASSES * WIDE + CLASSES);
    assert_int_equal(lethe_graph_layer_count(graph), 2 * 6 + 1);
    assert_string_equal(lethe_graph_layer(graph, 0)->name, "layer1.query");
    size_t rows;
    assert_int_equal(lethe_graph_input_kind(graph, 0, &rows), LETHE_INPUT_TOKENS);
    assert_int_equal(rows, TOKENS);
    lethe_graph_unref(graph);
    struct lethe_error err;
    const struct lethe_samples_shape plain = {.inputs = 9, .classes = 5};
    assert_int_equal(lethe_architecture_make(&graph, "text:32x2", NULL, &plain, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "no vocabulary"));
    assert_int_equal(lethe_architecture_make(&graph, "text:4x1", NULL, &data, &err), LETHE_EARG);
    assert_int_equal(lethe_architecture_method("text:4x1"), LETHE_TRAIN_ADAM);
    assert_int_equal(lethe_architecture_method("resnet:4x1"), LETHE_TRAIN_SGD);
    assert_int_equal(lethe_architecture_method("mobilenet:4x1"), LETHE_TRAIN_SGD);
    assert_int_equal(lethe_architecture_method("densenet:4x1"), LETHE_TRAIN_SGD);
    assert_int_equal(lethe_architecture_method("logreg"), LETHE_TRAIN_LBFGS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_and_inner_widths_make_the_same_network),
        cmocka_unit_test(wrong_descriptions_are_refused_by_name),
        cmocka_unit_test(filters_are_counted),
        cmocka_unit_test(attention_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
