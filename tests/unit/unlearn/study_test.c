/* SPDX-License-Identifier: MIT
 * Sample 9 of digits-mlp-mislabelled, whose label 8 is wrong, removed from the network polished to
 * |grad| < 1e-9: the figures of an independent study in numpy, to the digits it printed. Skipped
 * where the sample model is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "lethe/bundle.h"
#include "lethe/eval.h"
#include "lethe/onnx.h"
#include "lethe/retrain.h"
#include "lethe/select.h"
#include "tensor/blas.h"

enum { SAMPLE = 9, N = 1437, SIZE = 2778, CLASSES = 10 };

struct study {
    struct lethe_bundle *bundle;
    struct lethe_dataset *train, *heldout;
    struct lethe_graph *graph;
    struct lethe_problem *all, *retain, *forget;
    double *w;                 /* (SIZE) polished */
    double retrained[CLASSES]; /* probabilities of the sample after retraining */
    struct lethe_removal removal;
    struct lethe_blanket every;
    struct lethe_curvature curvature;
    double *step; /* (SIZE) by entry of w */
    struct lethe_projection *projection;
};

static struct lethe_problem *problem_over(const struct study *s, const size_t *ids, size_t count)
{
    struct lethe_problem *problem = NULL;
    const struct lethe_problem_spec spec = {.graph = s->graph,
                                            .data = s->train,
                                            .ids = ids,
                                            .count = count,
                                            .decay = s->bundle->recipe.weight_decay,
                                            .dtype = LETHE_F64};
    assert_int_equal(lethe_problem_new(&problem, &spec, NULL), LETHE_OK);
    return problem;
}

/* Probabilities of the sample at weights w. */
static void outputs(double *p, const struct study *s, const double *w)
{
    assert_int_equal(lethe_problem_logits(s->forget, p, w, NULL, NULL), LETHE_OK);
    lethe_softmax(p, p, 1, CLASSES);
}

static double kl(const struct study *s, const double *w)
{
    double q[CLASSES], sum = 0;
    outputs(q, s, w);
    for (size_t c = 0; c < CLASSES; c++)
        sum += s->retrained[c] * log(s->retrained[c] / q[c]);
    return sum;
}

static void polish_and_retrain(struct study *s)
{
    struct lethe_train_report report;
    struct lethe_train_options options = lethe_retrain_defaults();
    double *w = lethe_alloc(SIZE, sizeof *w);
    options.tolerance = 1e-9;
    assert_int_equal(lethe_train(s->w, &report, s->all, &options, NULL, NULL), LETHE_OK);
    assert_true(report.converged);
    memcpy(w, s->w, SIZE * sizeof *w);
    assert_int_equal(lethe_retrain_warm(w, &report, s->retain, &options, NULL, NULL), LETHE_OK);
    assert_true(report.converged);
    outputs(s->retrained, s, w);
    lethe_free(w);
}

/* The whole step, with the factor's own solve. */
static void whole_step(struct study *s)
{
    const struct lethe_curvature_options options = {0};
    const struct lethe_curvature_method *ggn = NULL;
    struct lethe_factor *factor = NULL;
    struct lethe_update update;
    assert_int_equal(lethe_removal_init(&s->removal, s->forget, s->retain, s->w, N, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_blanket_all(&s->every, s->graph, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_find(&ggn, "ggn", NULL), LETHE_OK);
    assert_int_equal(
        lethe_curvature_make(&s->curvature, ggn, s->retain, s->w, &s->every, &options, NULL, NULL),
        LETHE_OK);
    assert_int_equal(lethe_factor_cholesky(&factor, &s->curvature, 0, NULL), LETHE_OK);
    assert_int_equal(lethe_update_make(&update, factor, &s->removal, &s->every, s->every.count, 0,
                                       LETHE_FORM_RESIDUAL, NULL),
                     LETHE_OK);
    s->step = lethe_alloc_zero(SIZE, sizeof *s->step);
    lethe_update_apply(s->step, &update, &s->every);
    lethe_update_release(&update);
    lethe_factor_unref(factor);
    const struct lethe_projection_spec spec = {
        .forget = s->forget, .w = s->w, .step = s->step, .reached = s->removal.residual, .n = N};
    assert_int_equal(lethe_projection_new(&s->projection, &spec, NULL, NULL), LETHE_OK);
}

static int open_study(struct study *s)
{
    static const char path[] = "sample_models/digits-mlp-mislabelled";
    const size_t one = SAMPLE;
    size_t kept[N], count = 0;
    struct lethe_error err = {0};
    *s = (struct study){0};
    if (access(path, R_OK)) {
        printf("skipped: %s is not here\n", path);
        return 0;
    }
    assert_int_equal(lethe_bundle_load(&s->bundle, path, &err), LETHE_OK);
    assert_int_equal(lethe_bundle_data(&s->train, &s->heldout, s->bundle, &err), LETHE_OK);
    assert_int_equal(lethe_onnx_load(&s->graph, &s->w, s->bundle->model, &err), LETHE_OK);
    assert_int_equal(lethe_graph_size(s->graph), SIZE);
    for (size_t i = 0; i < N; i++)
        if (i != SAMPLE)
            kept[count++] = i;
    s->all = problem_over(s, NULL, N);
    s->retain = problem_over(s, kept, count);
    s->forget = problem_over(s, &one, 1);
    assert_int_equal(lethe_problem_labels(s->forget)[0], 8);
    polish_and_retrain(s);
    whole_step(s);
    return 1;
}

static void close_study(struct study *s)
{
    lethe_projection_unref(s->projection);
    lethe_curvature_release(&s->curvature);
    lethe_blanket_release(&s->every);
    lethe_removal_release(&s->removal);
    lethe_problem_free(s->all);
    lethe_problem_free(s->retain);
    lethe_problem_free(s->forget);
    lethe_graph_unref(s->graph);
    lethe_dataset_unref(s->train);
    lethe_dataset_unref(s->heldout);
    lethe_bundle_free(s->bundle);
    lethe_free(s->w);
    lethe_free(s->step);
}

/* `value` printed with the study's digits is `want`. */
static void check(double value, const char *format, const char *want)
{
    char text[64];
    snprintf(text, sizeof text, format, value);
    assert_string_equal(text, want);
}

static void check_whole_step(struct study *s)
{
    static const char *const want[CLASSES] = {"0.0024", "0.0028", "0.0000", "0.0402", "0.0584",
                                              "0.0940", "0.0022", "0.0685", "0.0134", "0.7182"};
    double *moved = lethe_alloc(SIZE, sizeof *moved), p[CLASSES];
    check(lethe_dnorm(s->removal.residual, SIZE), "%.6g", "0.00375099");
    check(lethe_dnorm(s->step, SIZE), "%.6g", "0.480868");
    check(lethe_ddot(s->removal.residual, s->step, SIZE) / 2, "%.5g", "0.00020843");
    check(kl(s, s->w), "%.4f", "3.3678");
    memcpy(moved, s->w, SIZE * sizeof *moved);
    lethe_daxpy(moved, 1, s->step, SIZE);
    check(kl(s, moved), "%.5f", "0.00347");
    outputs(p, s, moved);
    for (size_t c = 0; c < CLASSES; c++) {
        check(p[c], "%.4f", want[c]);
        assert_true(fabs(p[c] - s->projection->weight[c]) <= 1e-12);
    }
    lethe_free(moved);
}

/* The order of weights by the row of the table. */
static void order_of(struct lethe_selection *selection, struct study *s,
                     enum lethe_weight_order order)
{
    const struct lethe_select_method *method = NULL;
    const size_t forget = SAMPLE;
    const struct lethe_select_whole whole = {.step = s->step,
                                             .rhs = s->removal.residual,
                                             .curvature = &s->curvature,
                                             .blanket = &s->every,
                                             .projection = s->projection,
                                             .forget = s->forget};
    const struct lethe_select_input input = {.graph = s->graph,
                                             .data = s->train,
                                             .w = s->w,
                                             .forget = &forget,
                                             .m = 1,
                                             .removal = &s->removal,
                                             .curvature = s->retain,
                                             .whole = &whole};
    struct lethe_select_options options = lethe_select_defaults();
    options.order = order;
    assert_int_equal(lethe_select_find(&method, "weights", NULL), LETHE_OK);
    assert_int_equal(lethe_select(selection, method, &input, &options, NULL, NULL), LETHE_OK);
    assert_true(selection->weights && selection->order == order && selection->count == SIZE);
    assert_int_equal(selection->accepted, 278);
}

static void check_firsts(const struct lethe_selection *selection, const struct study *s,
                         const size_t *want)
{
    for (size_t k = 0; k < 8; k++)
        assert_int_equal(lethe_unit_at(s->graph, selection->picks[k].unit).index, want[k]);
}

/* ---- steps on a blanket ---------------------------------------------------------------------- */

/* Blanket, curvature over it and factors, both kinds of step on all of it. */
static void both_steps(struct study *s, const struct lethe_blanket *blanket, double *newton,
                       double *projected, double *reach)
{
    const struct lethe_curvature_options options = {0};
    struct lethe_curvature c;
    struct lethe_factor *factor = NULL;
    struct lethe_update u;
    double *w = lethe_alloc(SIZE, sizeof *w);
    assert_int_equal(lethe_curvature_make(&c, s->curvature.method, s->retain, s->w, blanket,
                                          &options, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_factor_cholesky(&factor, &c, 0, NULL), LETHE_OK);
    assert_int_equal(lethe_update_make(&u, factor, &s->removal, blanket, blanket->count, 0,
                                       LETHE_FORM_RESIDUAL, NULL),
                     LETHE_OK);
    memcpy(w, s->w, SIZE * sizeof *w);
    lethe_update_apply(w, &u, blanket);
    *newton = kl(s, w);
    *reach = -2 * u.predicted / lethe_ddot(s->removal.residual, s->step, SIZE);
    lethe_update_release(&u);
    lethe_factor_unref(factor);
    assert_int_equal(lethe_factor_outcome(&factor, &c, NULL, blanket, s->projection, s->forget,
                                          s->w, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_update_make(&u, factor, &s->removal, blanket, blanket->count, 0,
                                       LETHE_FORM_AUTO, NULL),
                     LETHE_OK);
    memcpy(w, s->w, SIZE * sizeof *w);
    lethe_update_apply(w, &u, blanket);
    *projected = kl(s, w);
    lethe_update_release(&u);
    lethe_factor_unref(factor);
    lethe_curvature_release(&c);
    lethe_free(w);
}

struct row {
    size_t k;
    const char *reach, *newton, *projected;
};

static void check_row(struct study *s, const struct lethe_selection *selection, const char *digits,
                      const struct row *row)
{
    struct lethe_blanket blanket;
    size_t *units = lethe_alloc(row->k, sizeof *units);
    double newton, projected, reach;
    for (size_t k = 0; k < row->k; k++)
        units[k] = selection->picks[k].unit;
    assert_int_equal(lethe_blanket_init(&blanket, s->graph, units, row->k, NULL), LETHE_OK);
    both_steps(s, &blanket, &newton, &projected, &reach);
    check(reach, "%.4f", row->reach);
    check(newton, "%.3f", row->newton);
    check(projected, digits, row->projected);
    if (selection->order == LETHE_WEIGHTS_GAIN) /* cumulative gain is the reach */
        assert_true(fabs(selection->picks[row->k - 1].cumulative - reach) <= 1e-8);
    lethe_blanket_release(&blanket);
    lethe_free(units);
}

static void check_orders(struct study *s)
{
    static const size_t by_gain[] = {1454, 1458, 1410, 1412, 1443, 1437, 1419, 1435};
    static const size_t by_step[] = {1443, 1435, 1412, 1454, 1187, 1442, 1179, 1459};
    static const struct row rows[3][3] = {{{28, "0.1143", "2.432", "0.836"},
                                           {120, "0.2594", "1.501", "0.256"},
                                           {278, "0.4939", "0.548", "0.0488"}},
                                          {{28, "0.1768", "2.010", "0.602"},
                                           {120, "0.3669", "1.046", "0.188"},
                                           {278, "0.5875", "0.340", "0.0320"}},
                                          {{28, "0.1730", "2.006", "0.549"},
                                           {120, "0.3463", "0.923", "0.102"},
                                           {278, "0.5772", "0.242", "0.0212"}}};
    for (size_t o = 0; o < 3; o++) {
        struct lethe_selection selection;
        order_of(&selection, s, (enum lethe_weight_order)(LETHE_WEIGHTS_STEP + o));
        if (selection.order != LETHE_WEIGHTS_KL)
            check_firsts(&selection, s, selection.order == LETHE_WEIGHTS_GAIN ? by_gain : by_step);
        for (size_t k = 0; k < 3; k++)
            check_row(s, &selection, k == 2 ? "%.4f" : "%.3f", &rows[o][k]);
        lethe_selection_release(&selection);
    }
}

/* Units in the order of gradnorm, each that fits what is left of a budget. */
static void check_units(struct study *s)
{
    static const struct {
        size_t most, size;
        const char *reach, *newton, *projected;
    } rows[] = {{120, 115, "0.1895", "1.906", "0.513"}, {280, 277, "0.2243", "1.554", "0.173"}};
    const struct lethe_select_method *method = NULL;
    const size_t forget = SAMPLE;
    const struct lethe_select_input input = {.graph = s->graph,
                                             .data = s->train,
                                             .w = s->w,
                                             .forget = &forget,
                                             .m = 1,
                                             .removal = &s->removal};
    struct lethe_select_options options = lethe_select_defaults();
    struct lethe_selection selection;
    assert_int_equal(lethe_select_find(&method, "gradnorm", NULL), LETHE_OK);
    assert_int_equal(lethe_select(&selection, method, &input, &options, NULL, NULL), LETHE_OK);
    for (size_t r = 0; r < 2; r++) {
        size_t units[64], count = 0, left = rows[r].most;
        double newton, projected, reach;
        struct lethe_blanket blanket;
        for (size_t k = 0; k < selection.count; k++) {
            const size_t params = lethe_unit_at(s->graph, selection.picks[k].unit).params;
            if (params > left)
                continue;
            left -= params;
            units[count++] = selection.picks[k].unit;
        }
        assert_int_equal(lethe_blanket_init(&blanket, s->graph, units, count, NULL), LETHE_OK);
        assert_int_equal(blanket.offset[count], rows[r].size);
        both_steps(s, &blanket, &newton, &projected, &reach);
        check(reach, "%.4f", rows[r].reach);
        check(newton, "%.3f", rows[r].newton);
        check(projected, "%.3f", rows[r].projected);
        lethe_blanket_release(&blanket);
    }
    lethe_selection_release(&selection);
}

static void the_figures_of_the_study_hold(void **state)
{
    (void)state;
    struct study s;
    if (!open_study(&s))
        return;
    check_whole_step(&s);
    check_orders(&s);
    check_units(&s);
    close_study(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_figures_of_the_study_hold)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
