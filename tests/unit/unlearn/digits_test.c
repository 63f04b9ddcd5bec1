/* SPDX-License-Identifier: MIT
 * Acceptance on softmax regression: one Newton step from a minimum recovers nearly all of what
 * retraining changes, and damping as large as the weight decay loses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/eval.h"
#include "lethe/retrain.h"
#include "lethe/update.h"
#include "tests/support/digits.h"

/* Recovery on all training samples after forgetting 17, or 0 to 19. */
static double recovery(const struct digits *digits, double decay, size_t m, double mu)
{
    const size_t widths[] = {64, DIGITS_CLASSES};
    const struct lethe_curvature_options options = {0};
    const struct lethe_curvature_method *hessian = NULL;
    size_t gone[20], kept[DIGITS_TRAIN];
    for (size_t k = 0; k < m; k++)
        gone[k] = m == 1 ? 17 : k;
    digits_without(kept, DIGITS_TRAIN, gone, m);
    struct lethe_graph *graph = NULL;
    assert_int_equal(lethe_graph_mlp(&graph, widths, 2, "tanh", NULL), LETHE_OK);
    struct lethe_problem *all = digits_problem(graph, digits->train, NULL, DIGITS_TRAIN, decay);
    struct lethe_problem *forget = digits_problem(graph, digits->train, gone, m, decay);
    struct lethe_problem *retain =
        digits_problem(graph, digits->train, kept, DIGITS_TRAIN - m, decay);
    size_t size = lethe_graph_size(graph), cells = (size_t)DIGITS_TRAIN * DIGITS_CLASSES;
    double *w[4], *z[4]; /* before, now, retrained, control */
    struct lethe_train_report report;
    struct lethe_train_options train = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    for (size_t k = 0; k < 4; k++) {
        w[k] = lethe_alloc(size, sizeof **w);
        z[k] = lethe_alloc(cells, sizeof **z);
    }
    assert_int_equal(lethe_retrain_cold(w[0], &report, all, &train, 1, NULL, NULL), LETHE_OK);
    assert_true(report.converged);
    for (size_t k = 1; k < 4; k++)
        memcpy(w[k], w[0], size * sizeof **w);
    assert_int_equal(lethe_retrain_warm(w[2], &report, retain, NULL, NULL, NULL), LETHE_OK);
    assert_true(report.converged);
    assert_int_equal(lethe_retrain_warm(w[3], &report, all, NULL, NULL, NULL), LETHE_OK);
    struct lethe_blanket blanket;
    struct lethe_curvature curvature;
    struct lethe_factor *factor = NULL;
    struct lethe_removal removal;
    struct lethe_update update;
    assert_int_equal(lethe_blanket_all(&blanket, graph, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_find(&hessian, "hessian", NULL), LETHE_OK);
    assert_int_equal(
        lethe_curvature_make(&curvature, hessian, retain, w[0], &blanket, &options, NULL, NULL),
        LETHE_OK);
    assert_int_equal(lethe_factor_cholesky(&factor, &curvature, mu, NULL), LETHE_OK);
    assert_int_equal(lethe_removal_init(&removal, forget, retain, w[0], DIGITS_TRAIN, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_update_make(&update, factor, &removal, &blanket, blanket.count, mu,
                                       LETHE_FORM_AUTO, NULL),
                     LETHE_OK);
    assert_int_equal(update.form, LETHE_FORM_RESIDUAL);
    lethe_update_apply(w[1], &update, &blanket);
    for (size_t k = 0; k < 4; k++)
        assert_int_equal(lethe_problem_logits(all, z[k], w[k], NULL, NULL), LETHE_OK);
    const struct lethe_recovery_input input = {.old = z[0],
                                               .now = z[1],
                                               .retrain = z[2],
                                               .control = z[3],
                                               .n = DIGITS_TRAIN,
                                               .classes = DIGITS_CLASSES};
    struct lethe_recovery result;
    lethe_recovery_measure(&result, &input);
    assert_int_equal(result.verdict, LETHE_RECOVERY_OK);
    lethe_update_release(&update);
    lethe_removal_release(&removal);
    lethe_factor_unref(factor);
    lethe_curvature_release(&curvature);
    lethe_blanket_release(&blanket);
    for (size_t k = 0; k < 4; k++) {
        lethe_free(w[k]);
        lethe_free(z[k]);
    }
    lethe_problem_free(all);
    lethe_problem_free(forget);
    lethe_problem_free(retain);
    lethe_graph_unref(graph);
    return result.value;
}

static void one_step_recovers_what_retraining_changes(void **state)
{
    (void)state;
    struct digits digits;
    if (!digits_open(&digits, 0)) {
        printf("skipped: the digits are not here\n");
        return;
    }
    assert_true(recovery(&digits, 1e-2, 1, 0) >= 0.99);
    assert_true(recovery(&digits, 1e-2, 20, 0) >= 0.98);
    assert_true(recovery(&digits, 1e-3, 1, 0) >= 0.97);
    assert_true(recovery(&digits, 1e-3, 20, 0) >= 0.93);
    assert_true(recovery(&digits, 1e-2, 20, 1e-2) < 0.8);
    digits_close(&digits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_step_recovers_what_retraining_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
