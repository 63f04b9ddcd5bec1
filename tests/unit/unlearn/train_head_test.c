/* SPDX-License-Identifier: MIT
 * Training the last layer alone ends where the gradient by its entries is 0, and nothing else has
 * moved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/digits.h"
#include "unlearn/train_head.h"

static void only_the_last_layer_is_trained(void **state)
{
    (void)state;
    struct digits digits;
    if (!digits_open(&digits, 0))
        skip();
    const size_t widths[] = {64, 12, 10};
    struct lethe_graph *graph = NULL;
    struct lethe_train_report report;
    struct lethe_error err = {0};
    struct lethe_train_options options = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    assert_int_equal(lethe_graph_mlp(&graph, widths, 3, "tanh", NULL), LETHE_OK);
    size_t size = lethe_graph_size(graph), last = size - 10 * 13;
    double *w = malloc(3 * size * sizeof *w), *kept = w + size, *gradient = kept + size, value;
    lethe_graph_init(graph, 5, w);
    memcpy(kept, w, size * sizeof *w);
    struct lethe_problem *problem = digits_problem(graph, digits.train, NULL, DIGITS_TRAIN, 1e-2);
    if (lethe_train_head(w, &report, problem, &options, NULL, &err))
        fail_msg("%s", err.message);
    assert_true(report.converged);
    assert_memory_equal(w, kept, last * sizeof *w);
    assert_int_equal(lethe_problem_value(problem, &value, gradient, w, NULL, &err), LETHE_OK);
    for (size_t i = last; i < size; i++)
        assert_true(fabs(gradient[i]) < 2e-7);
    double elsewhere = 0;
    for (size_t i = 0; i < last; i++)
        elsewhere = fmax(elsewhere, fabs(gradient[i]));
    assert_true(elsewhere > 1e-3);
    lethe_problem_free(problem);
    lethe_graph_unref(graph);
    digits_close(&digits);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_last_layer_is_trained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
