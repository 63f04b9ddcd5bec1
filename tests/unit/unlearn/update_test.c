/* SPDX-License-Identifier: MIT
 * Factors against each other, the step against retraining, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/support/blobs.h"
#include "lethe/retrain.h"
#include "lethe/update.h"

enum { N = 120, M = 3 };

/* Softmax regression trained to a minimum, and everything a removal needs. */
struct fixture {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_problem *all, *forget, *retain;
    struct lethe_blanket blanket;
    struct lethe_curvature curvature;
    struct lethe_removal removal;
    double *w;
    size_t size;
};

static void open_fixture(struct fixture *f, const size_t *widths, const char *method)
{
    size_t gone[M] = {5, 17, 60}, kept[N], left = 0;
    const struct lethe_curvature_options options = {0};
    const struct lethe_curvature_method *row = NULL;
    struct lethe_train_options train = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    struct lethe_train_report report;
    for (size_t i = 0; i < N; i++)
        if (i != 5 && i != 17 && i != 60)
            kept[left++] = i;
    f->graph = blobs_net(widths);
    f->data = blobs(N, 4, 3, 8);
    f->all = blobs_problem(f->graph, f->data, NULL, N, 0.01);
    f->forget = blobs_problem(f->graph, f->data, gone, M, 0.01);
    f->retain = blobs_problem(f->graph, f->data, kept, left, 0.01);
    f->size = lethe_graph_size(f->graph);
    f->w = lethe_alloc(f->size, sizeof *f->w);
    lethe_graph_init(f->graph, 2, f->w);
    train.tolerance = 1e-9;
    assert_int_equal(lethe_train(f->w, &report, f->all, &train, NULL, NULL), LETHE_OK);
    assert_true(report.converged);
    assert_int_equal(lethe_blanket_all(&f->blanket, f->graph, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_find(&row, method, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_make(&f->curvature, row, f->retain, f->w, &f->blanket,
                                          &options, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_removal_init(&f->removal, f->forget, f->retain, f->w, N, NULL, NULL),
                     LETHE_OK);
}

static void close_fixture(struct fixture *f)
{
    lethe_removal_release(&f->removal);
    lethe_curvature_release(&f->curvature);
    lethe_blanket_release(&f->blanket);
    lethe_problem_free(f->all);
    lethe_problem_free(f->forget);
    lethe_problem_free(f->retain);
    lethe_dataset_unref(f->data);
    lethe_graph_unref(f->graph);
    lethe_free(f->w);
}

static const size_t regression[] = {4, 3, 0};
static const size_t deep[] = {4, 6, 3, 0};

static void the_whole_step_lands_on_the_retrained_weights(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_factor *factor = NULL;
    struct lethe_update u;
    struct lethe_train_report report;
    open_fixture(&f, regression, "hessian");
    double *again = lethe_alloc(f.size, sizeof *again), far = 0, near = 0, before, after;
    assert_int_equal(lethe_factor_cholesky(&factor, &f.curvature, 0, NULL), LETHE_OK);
    assert_int_equal(lethe_update_make(&u, factor, &f.removal, &f.blanket, f.blanket.count, 0,
                                       LETHE_FORM_AUTO, NULL),
                     LETHE_OK);
    assert_int_equal(u.form, LETHE_FORM_RESIDUAL);
    assert_true(u.unfinished_norm < 1e-6 * u.influence_norm);
    memcpy(again, f.w, f.size * sizeof *again);
    assert_int_equal(lethe_retrain_warm(again, &report, f.retain, NULL, NULL, NULL), LETHE_OK);
    assert_true(report.converged && report.gradient <= 1e-7);
    for (size_t i = 0; i < f.size; i++)
        far += (again[i] - f.w[i]) * (again[i] - f.w[i]);
    assert_int_equal(lethe_problem_value(f.retain, &before, NULL, f.w, NULL, NULL), LETHE_OK);
    lethe_update_apply(f.w, &u, &f.blanket);
    assert_int_equal(lethe_problem_value(f.retain, &after, NULL, f.w, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < f.size; i++)
        near += (again[i] - f.w[i]) * (again[i] - f.w[i]);
    assert_true(sqrt(near / far) < 0.1);
    assert_true(u.predicted < 0 && fabs((after - before) / u.predicted - 1) < 0.1);
    assert_true(u.predicted_forget > 0);
    lethe_free(again);
    lethe_update_release(&u);
    lethe_factor_unref(factor);
    close_fixture(&f);
}

static void both_factors_give_the_same_step(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, deep, "ggn");
    const double dampings[] = {0, 1e-3, 0.37};
    for (size_t d = 0; d < 3; d++) {
        struct lethe_factor *whole = NULL;
        double mu = dampings[d];
        assert_int_equal(lethe_factor_cholesky(&whole, &f.curvature, mu, NULL), LETHE_OK);
        for (size_t units = 1; units <= f.blanket.count; units++) {
            struct lethe_factor *part = NULL;
            struct lethe_update a, b;
            size_t size = f.blanket.offset[units];
            assert_int_equal(lethe_factor_spectral(&part, &f.curvature, size, NULL), LETHE_OK);
            assert_true(lethe_factor_serves(part, size, 123) &&
                        lethe_factor_serves(whole, size, mu));
            assert_false(lethe_factor_serves(whole, size, mu + 1));
            assert_int_equal(lethe_update_make(&a, whole, &f.removal, &f.blanket, units, mu,
                                               LETHE_FORM_INFLUENCE, NULL),
                             LETHE_OK);
            assert_int_equal(lethe_update_make(&b, part, &f.removal, &f.blanket, units, mu,
                                               LETHE_FORM_INFLUENCE, NULL),
                             LETHE_OK);
            for (size_t i = 0; i < size; i++)
                assert_true(fabs(a.step[i] - b.step[i]) < 1e-9 * (1 + a.norm));
            lethe_update_release(&a);
            lethe_update_release(&b);
            lethe_factor_unref(part);
        }
        lethe_factor_unref(whole);
    }
    close_fixture(&f);
}

static void spectrum_gives_freedom_and_hints(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_factor *factor = NULL;
    struct lethe_spectrum s;
    struct lethe_damping_hints hints;
    open_fixture(&f, deep, "ggn");
    assert_int_equal(lethe_factor_spectral(&factor, &f.curvature, f.size, NULL), LETHE_OK);
    assert_true(lethe_factor_spectrum(factor, &s));
    assert_true(s.smallest > 0.0099 && s.largest < 10);
    double none = lethe_spectrum_freedom(&s, 0), some = lethe_spectrum_freedom(&s, 0.1);
    assert_true(none < (double)f.size && some < none && some > 0);
    assert_int_equal(lethe_factor_hints(factor, &hints, f.removal.pull, NULL), LETHE_OK);
    assert_true(hints.lift == 0 && hints.smallest == s.smallest &&
                fabs(hints.tenth - 0.1 * s.mean) < 1e-15);
    assert_true(hints.corner >= 0);
    lethe_factor_unref(factor);
    close_fixture(&f);
}

/* Of an indefinite matrix the smallest eigenvalue keeps its sign, and lift is what undoes it. */
static void hints_tell_the_sign(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_factor *factor = NULL;
    struct lethe_spectrum s;
    struct lethe_damping_hints hints;
    open_fixture(&f, deep, "hessian");
    f.curvature.matrix[0] -= 5;
    assert_int_equal(lethe_factor_spectral(&factor, &f.curvature, f.size, NULL), LETHE_OK);
    assert_true(lethe_factor_spectrum(factor, &s));
    assert_int_equal(lethe_factor_hints(factor, &hints, f.removal.pull, NULL), LETHE_OK);
    assert_true(hints.smallest == s.smallest && s.smallest < -4);
    assert_true(hints.lift == -s.smallest);
    lethe_factor_unref(factor);
    close_fixture(&f);
}

static void damping_follows_the_ratio(void **state)
{
    (void)state;
    assert_true(lethe_damping_next(1, 0.1, 7) == 1.5 && lethe_damping_next(1, 0.5, 7) == 1);
    assert_true(lethe_damping_next(1, 592, 7) == 1.5);
    assert_true(fabs(lethe_damping_next(1, 0.9, 7) - 2.0 / 3) < 1e-15);
    /* from 0: a good model stays undamped, a bad one is damped by its scale and by how bad it is */
    assert_true(lethe_damping_next(0, 0.5, 7) == 0 && lethe_damping_next(0, 1, 7) == 0);
    double last = 0;
    for (int k = 0; k < 6; k++) {
        const double rho[] = {0.2, 0, -0.5, -3, -40, -1e6};
        const double mu = lethe_damping_next(0, rho[k], 7);
        /* the step of length t against its model, which misses by the third power */
        const double t = 7 / (7 + mu), model = 2 * t - t * t;
        const double actual = model - (1 - rho[k]) * t * t * t;
        assert_true(mu > last && fabs(actual / model - 0.75) < 1e-9);
        assert_true(fabs(lethe_damping_next(0, rho[k], 14) - 2 * mu) < 1e-12 * mu);
        last = mu;
    }
    assert_true(lethe_damping_next(0, 592, 7) > lethe_damping_next(0, 2, 7));
    assert_true(isnan(lethe_damping_next(0, 0, NAN)) && isnan(lethe_damping_next(0, 0, 0)));
    assert_true(lethe_step_curvature(-8, 4) == 1 && isnan(lethe_step_curvature(-8, 0)));
}

static void auto_form_follows_the_unfinished_part(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_factor *factor = NULL;
    struct lethe_update u;
    struct lethe_error err;
    open_fixture(&f, regression, "ggn");
    f.w[0] += 0.3; /* training is not finished here */
    lethe_removal_release(&f.removal);
    assert_int_equal(lethe_removal_init(&f.removal, f.forget, f.retain, f.w, N, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_factor_cholesky(&factor, &f.curvature, 0, NULL), LETHE_OK);
    assert_int_equal(
        lethe_update_make(&u, factor, &f.removal, &f.blanket, 2, 0, LETHE_FORM_AUTO, NULL),
        LETHE_OK);
    assert_int_equal(u.form, LETHE_FORM_INFLUENCE);
    assert_true(u.unfinished_norm > 0.1 * u.influence_norm);
    lethe_update_release(&u);
    lethe_free(f.removal.residual); /* some of R is not present */
    f.removal.residual = NULL;
    assert_int_equal(
        lethe_update_make(&u, factor, &f.removal, &f.blanket, 2, 0, LETHE_FORM_AUTO, NULL),
        LETHE_OK);
    assert_true(u.form == LETHE_FORM_INFLUENCE && isnan(u.predicted) && isnan(u.unfinished_norm));
    lethe_update_release(&u);
    assert_int_equal(
        lethe_update_make(&u, factor, &f.removal, &f.blanket, 2, 0, LETHE_FORM_RESIDUAL, &err),
        LETHE_EARG);
    assert_non_null(strstr(err.message, "form influence"));
    assert_int_equal(
        lethe_update_make(&u, factor, &f.removal, &f.blanket, 99, 0, LETHE_FORM_AUTO, &err),
        LETHE_EARG);
    assert_int_equal(lethe_factor_solve(factor, f.w, 5, -1, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "0 or more"));
    lethe_factor_unref(factor);
    close_fixture(&f);
}

static void indefinite_curvature_names_its_eigenvalue(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_factor *factor = NULL;
    struct lethe_error err;
    open_fixture(&f, regression, "hessian");
    f.curvature.matrix[0] -= 5;
    assert_int_equal(lethe_factor_cholesky(&factor, &f.curvature, 0, &err), LETHE_ENUM);
    assert_non_null(strstr(err.message, "indefinite: its smallest eigenvalue is -4."));
    assert_int_equal(lethe_factor_cholesky(&factor, &f.curvature, 5, &err), LETHE_OK);
    lethe_factor_unref(factor);
    close_fixture(&f);
}

static void forgetting_everything_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_removal r;
    struct lethe_error err;
    open_fixture(&f, regression, "ggn");
    assert_int_equal(lethe_removal_init(&r, f.all, NULL, f.w, N, NULL, &err), LETHE_EARG);
    enum lethe_err rc = LETHE_ENOMEM;
    for (long n = 0; rc == LETHE_ENOMEM; n++) {
        lethe_alloc_fail_after(n);
        rc = lethe_removal_init(&r, f.forget, f.retain, f.w, N, NULL, &err);
    }
    lethe_alloc_fail_after(-1);
    assert_int_equal(rc, LETHE_OK);
    lethe_removal_release(&r);
    close_fixture(&f);
}

/* One outer product is solved without its matrix; the dense solve of the same matrix is the
 * reference. */
static void one_outer_product_needs_no_matrix(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, deep, "paper");
    struct lethe_curvature dense = f.curvature;
    dense.outer = NULL;
    for (double mu = 0; mu<2; mu = mu> 0 ? mu * 10 : 1e-3) {
        struct lethe_factor *outer = NULL, *whole = NULL;
        assert_int_equal(lethe_factor_cholesky(&outer, &f.curvature, 0.1, NULL), LETHE_OK);
        assert_int_equal(lethe_factor_cholesky(&whole, &dense, mu, NULL), LETHE_OK);
        for (size_t units = 1; units <= f.blanket.count; units++) {
            struct lethe_update a, b;
            assert_int_equal(lethe_update_make(&a, outer, &f.removal, &f.blanket, units, mu,
                                               LETHE_FORM_INFLUENCE, NULL),
                             LETHE_OK);
            assert_int_equal(lethe_update_make(&b, whole, &f.removal, &f.blanket, units, mu,
                                               LETHE_FORM_INFLUENCE, NULL),
                             LETHE_OK);
            for (size_t i = 0; i < a.size; i++)
                assert_true(fabs(a.step[i] - b.step[i]) < 1e-8 * b.norm);
            lethe_update_release(&a);
            lethe_update_release(&b);
        }
        struct lethe_factor *spectral = NULL;
        struct lethe_spectrum mine, full;
        assert_int_equal(lethe_factor_spectral(&spectral, &dense, dense.size, NULL), LETHE_OK);
        assert_true(lethe_factor_spectrum(outer, &mine) && lethe_factor_spectrum(spectral, &full));
        for (size_t i = 0; i < mine.size; i++)
            assert_true(fabs(mine.values[i] - full.values[i]) < 1e-9 * full.largest);
        lethe_factor_unref(spectral);
        lethe_factor_unref(outer);
        lethe_factor_unref(whole);
    }
    close_fixture(&f);
}

static void only_the_emulation_steps_against_its_curvature(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, deep, "paper");
    struct lethe_curvature_method method = *f.curvature.method;
    struct lethe_factor *factor = NULL;
    struct lethe_error err = {0};
    double x[64] = {0};
    f.curvature.method = &method;
    f.curvature.scale = -fabs(f.curvature.scale);
    x[0] = 1;
    assert_int_equal(lethe_factor_cholesky(&factor, &f.curvature, 0, NULL), LETHE_OK);
    assert_int_equal(lethe_factor_solve(factor, x, f.curvature.size, 0, &err), LETHE_ENUM);
    assert_non_null(strstr(err.message, "is indefinite: its smallest eigenvalue is -"));
    lethe_factor_unref(factor);
    method.emulation = 1;
    assert_int_equal(lethe_factor_cholesky(&factor, &f.curvature, 0, NULL), LETHE_OK);
    assert_int_equal(lethe_factor_solve(factor, x, f.curvature.size, 0, NULL), LETHE_OK);
    double back = f.curvature.decay * x[0];
    for (size_t i = 0; i < f.curvature.size; i++)
        back += f.curvature.scale * f.curvature.outer[0] * f.curvature.outer[i] * x[i];
    assert_true(fabs(back - 1) < 1e-9);
    lethe_factor_unref(factor);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_step_lands_on_the_retrained_weights),
        cmocka_unit_test(both_factors_give_the_same_step),
        cmocka_unit_test(one_outer_product_needs_no_matrix),
        cmocka_unit_test(only_the_emulation_steps_against_its_curvature),
        cmocka_unit_test(spectrum_gives_freedom_and_hints),
        cmocka_unit_test(hints_tell_the_sign),
        cmocka_unit_test(damping_follows_the_ratio),
        cmocka_unit_test(auto_form_follows_the_unfinished_part),
        cmocka_unit_test(indefinite_curvature_names_its_eigenvalue),
        cmocka_unit_test(forgetting_everything_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
