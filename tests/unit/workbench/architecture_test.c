/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "workbench/architecture.h"

static size_t size_of(const char *description, size_t inputs, size_t classes)
{
    struct lethe_graph *graph;
    assert_int_equal(lethe_architecture_make(&graph, description, NULL, inputs, classes, NULL),
                     LETHE_OK);
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
    assert_int_equal(lethe_architecture_make(&graph, "mlp:4-4", NULL, 5, 3, NULL), LETHE_OK);
    lethe_architecture_text(text, graph);
    assert_string_equal(text, "5-4-4-3");
    lethe_graph_unref(graph);
    struct lethe_error err;
    assert_int_equal(lethe_architecture_make(&graph, "mlp:4-3", NULL, 5, 3, &err), LETHE_EARG);
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
                                        "mlp:64-32-11",
                                        "mlp:5-10",
                                        "mlp:32-16-10",
                                        "mlp:1-2-3-4-5-6-7-8-9-1-2-3-4-5-6-7-8-9-"
                                        "1-2-3-4-5-6-7-8-9-1-2-3-4-5-6-7-8-9"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct lethe_graph *graph;
        struct lethe_error err;
        assert_int_equal(lethe_architecture_make(&graph, wrong[i], NULL, 64, 10, &err), LETHE_EARG);
        assert_non_null(strstr(err.message, wrong[i]));
    }
    struct lethe_error err;
    struct lethe_graph *graph;
    assert_int_equal(lethe_architecture_make(&graph, "logreg", NULL, 0, 0, &err), LETHE_EARG);
    assert_int_equal(lethe_architecture_make(&graph, "mlp:5", "swish", 64, 10, &err), LETHE_EARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_and_inner_widths_make_the_same_network),
        cmocka_unit_test(wrong_descriptions_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
