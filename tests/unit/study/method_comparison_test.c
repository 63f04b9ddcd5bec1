/* SPDX-License-Identifier: MIT
 * The table of methods: every row is its method run alone and measured, retraining has mean and sd,
 * parameters that are set hold, what runs away fails its row alone, and nothing that chooses ever
 * reads the half of the held-out samples for reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "removal/stage_method.h"
#include "study/method_comparison.h"
#include "tests/support/cloud_world.h"

enum { COLDS = 4 };

struct fixture {
    struct cloud_world world;
    struct lethe_settings settings;
    struct lethe_comparison_base base;
    struct lethe_retrained *colds[COLDS];
    struct lethe_method_comparison *table;
};

static void open_fixture(struct fixture *f, const size_t *report, size_t count)
{
    *f = (struct fixture){.table = lethe_alloc_zero(1, sizeof *f->table)};
    assert_non_null(f->table);
    cloud_open(&f->world, report, count);
    lethe_settings_init(&f->settings);
    assert_int_equal(lethe_settings_put(&f->settings, LETHE_SET_BLANKET, "all", NULL), 0);
    assert_int_equal(lethe_settings_put(&f->settings, LETHE_SET_PERTURB_COUNT, "50", NULL), 0);
}

static void prepare(struct fixture *f)
{
    struct lethe_snapshot *s = f->world.snapshot;
    struct lethe_rng rng;
    const size_t size = lethe_graph_size(s->graph);
    assert_int_equal(lethe_comparison_base_init(&f->base, s, &f->settings, NULL, NULL, NULL), 0);
    assert_int_equal(lethe_comparison_base_prepare(&f->base, NULL, NULL, NULL), LETHE_OK);
    lethe_rng_init(&rng, 2, LETHE_RNG_TEST, 0, 0);
    for (size_t k = 0; k < COLDS; k++) { /* any models will do */
        struct lethe_warm_weights one = {.w = lethe_alloc(size, sizeof(double))},
                                  same = {.w = (double *)s->w};
        one.report.seconds = (double)k;
        for (size_t i = 0; i < size; i++)
            one.w[i] = s->w[i] + 0.3 * lethe_rng_normal(&rng);
        assert_int_equal(lethe_retrained_of(&f->colds[k], s, &one, &same, NULL, NULL), LETHE_OK);
    }
}

static enum lethe_err run(struct fixture *f, size_t colds, int tuned, int masks)
{
    const struct lethe_method_comparison_options options = {
        .tuned = tuned, .masks = masks, .trials = 3};
    return lethe_method_comparison_run(f->table, &f->base, f->colds, colds, &f->world.training,
                                       &options, NULL, NULL);
}

static void close_fixture(struct fixture *f)
{
    for (size_t k = 0; k < COLDS; k++)
        lethe_retrained_unref(f->colds[k]);
    lethe_comparison_base_release(&f->base);
    cloud_close(&f->world);
    lethe_free(f->table);
}

static void same_figures(const struct lethe_variant *a, const struct lethe_variant *b)
{
    for (int k = 0; k < LETHE_METHOD_FIGURES; k++) {
        const double x = lethe_method_figure(a, (enum lethe_method_figure)k),
                     y = lethe_method_figure(b, (enum lethe_method_figure)k);
        if (!(isnan(x) && isnan(y)) && !(fabs(x - y) <= 1e-9 * (1 + fabs(y))))
            fail_msg("%s, %s: %.12g is not %.12g", a->name,
                     lethe_method_figure_name((enum lethe_method_figure)k), x, y);
    }
}

static void every_row_is_its_method_alone(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_variant before = {0};
    const struct lethe_unlearn_method *method;
    open_fixture(&f, NULL, 0);
    assert_int_equal(lethe_settings_put(&f.settings, LETHE_SET_METHOD, "scrub", NULL), 0);
    assert_int_equal(
        lethe_settings_put(&f.settings, LETHE_SET_METHOD_WITH, "rate=0.02,epochs=3", NULL), 0);
    prepare(&f);
    double *head = lethe_comparison_base_weights(&f.base, NULL);
    assert_int_equal(run(&f, COLDS, 0, 0), LETHE_OK);
    assert_memory_equal(head, f.base.snapshot->w,
                        lethe_graph_size(f.base.snapshot->graph) * sizeof *head);
    lethe_free(head);
    size_t n = 0;
    for (; (method = lethe_unlearn_method_at(n)); n++) {
        const struct lethe_method_trial *row = &f.table->row[n];
        struct lethe_variant alone = {.mu = NAN};
        struct lethe_unlearn_report report;
        size_t units;
        assert_string_equal(row->variant.name, method->name);
        assert_false(row->variant.failed || row->tuned);
        assert_int_equal(lethe_method_trial_published(row), strcmp(method->name, "scrub") != 0);
        if (!method->run)
            continue;
        double *w = lethe_comparison_base_weights(&f.base, NULL);
        assert_int_equal(lethe_method_weights(w, &report, &units, f.base.snapshot, &row->settings,
                                              NULL, 1, NULL, NULL),
                         LETHE_OK);
        assert_int_equal(lethe_variant_measure(&alone, &f.base, w, NULL, NULL), LETHE_OK);
        same_figures(&row->variant, &alone);
        assert_int_equal(row->variant.parameters, report.touched);
        assert_true(row->score == lethe_method_score(&row->variant));
        assert_true(row->score ==
                    row->variant.kl_forget + row->variant.kl_retain + row->variant.kl_heldout);
        lethe_free(w);
        /* what is set for the method that is set; all others as published */
        const char *with = row->settings.text[LETHE_SET_METHOD_WITH];
        if (!strcmp(method->name, "scrub"))
            assert_non_null(strstr(with, "epochs=3,max.epochs=3,rate=0.02"));
        else {
            struct lethe_unlearn_values usual;
            char text[LETHE_UNLEARN_TEXT];
            lethe_unlearn_defaults(&usual, method);
            lethe_unlearn_write(text, &usual, method);
            assert_string_equal(with, text);
        }
    }
    assert_int_equal(f.table->count, n);
    assert_int_equal(lethe_variant_measure(&before, &f.base, f.base.snapshot->w, NULL, NULL), 0);
    same_figures(&f.table->before, &before);
    close_fixture(&f);
}

static void retraining_has_mean_and_sd(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_variant v[COLDS] = {{.mu = 0}};
    open_fixture(&f, NULL, 0);
    prepare(&f);
    assert_int_equal(run(&f, COLDS, 0, 0), LETHE_OK);
    for (size_t i = 0; i < COLDS; i++)
        assert_int_equal(lethe_variant_measure(&v[i], &f.base, f.colds[i]->w, NULL, NULL), 0);
    for (int k = 0; k < LETHE_METHOD_FIGURES; k++) {
        const enum lethe_method_figure figure = (enum lethe_method_figure)k;
        double sum = 0, square = 0;
        for (size_t i = 0; i < COLDS; i++)
            sum += lethe_method_figure(&v[i], figure) / COLDS;
        for (size_t i = 0; i < COLDS; i++)
            square += pow(lethe_method_figure(&v[i], figure) - sum, 2) / (COLDS - 1);
        assert_true(fabs(f.table->mean[k] - sum) < 1e-9 * (1 + fabs(sum)));
        assert_true(fabs(f.table->sd[k] - sqrt(square)) < 1e-9 * (1 + sqrt(square)));
        const double z = lethe_method_z(f.table, &f.table->before, figure);
        const double off = lethe_method_figure(&f.table->before, figure) - sum;
        assert_true(square > 0 ? fabs(z - off / sqrt(square)) < 1e-6 * (1 + fabs(z)) : isnan(z));
    }
    assert_int_equal(f.table->retrains, COLDS);
    assert_true(f.table->seconds == 1.5);         /* of 0, 1, 2 and 3 */
    assert_int_equal(run(&f, 2, 0, 0), LETHE_OK); /* two have no spread */
    assert_true(isnan(f.table->sd[0]) &&
                isnan(lethe_method_z(f.table, &f.table->before, LETHE_FIGURE_AUC)));
    close_fixture(&f);
}

static void what_runs_away_fails_its_row_alone(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, NULL, 0);
    assert_int_equal(lethe_settings_put(&f.settings, LETHE_SET_METHOD, "finetune", NULL), 0);
    assert_int_equal(
        lethe_settings_put(&f.settings, LETHE_SET_METHOD_WITH, "rate=1000,epochs=1000", NULL), 0);
    prepare(&f);
    assert_int_equal(run(&f, 0, 0, 0), LETHE_OK);
    for (size_t n = 0; n < f.table->count; n++) {
        const struct lethe_method_trial *row = &f.table->row[n];
        const int bad = !strcmp(row->variant.name, "finetune");
        assert_int_equal(row->variant.failed, bad);
        assert_int_equal(isinf(row->score), bad);
        assert_int_equal(isnan(lethe_method_figure(&row->variant, LETHE_FIGURE_AUC)), bad);
        assert_int_equal(row->variant.note[0] != '\0', bad);
    }
    close_fixture(&f);
}

/* Every method that takes a mask, on every selector's: no other weight moves, and a mask of all of
 * them, or none, is the method itself. */
static void a_set_method_is_masked_by_every_order(void **state)
{
    (void)state;
    const struct lethe_unlearn_method *method;
    size_t masked = 0;
    for (size_t n = 1; (method = lethe_unlearn_method_at(n)); n++) {
        struct fixture f;
        if (method->masked != LETHE_MASK_MAY)
            continue;
        open_fixture(&f, NULL, 0);
        assert_int_equal(lethe_settings_put(&f.settings, LETHE_SET_METHOD, method->name, NULL), 0);
        prepare(&f);
        const size_t half = lethe_graph_size(f.base.snapshot->graph) / 2;
        assert_int_equal(run(&f, 0, 0, 1), LETHE_OK);
        assert_string_equal(lethe_method_trial_mask(&f.table->row[0]), "none");
        for (size_t k = 1; k < f.table->count; k++) {
            const struct lethe_method_trial *row = &f.table->row[k];
            assert_string_equal(row->variant.name, method->name);
            assert_false(row->variant.failed);
            if (!strcmp(lethe_method_trial_mask(row), "full"))
                same_figures(&row->variant, &f.table->row[0].variant);
            else
                assert_true(row->variant.parameters <= half + 1);
        }
        close_fixture(&f);
        masked++;
    }
    assert_int_equal(masked, 7);
}

/* The longest numbers of every parameter have room, and read back the same. */
static void written_values_have_room(void **state)
{
    (void)state;
    const struct lethe_unlearn_method *method;
    size_t longest = 0;
    for (size_t n = 0; (method = lethe_unlearn_method_at(n)); n++) {
        struct lethe_unlearn_values values, back;
        struct lethe_settings settings;
        char text[LETHE_UNLEARN_TEXT];
        lethe_unlearn_defaults(&values, method);
        for (size_t k = 0; k < method->count; k++) {
            const struct lethe_unlearn_param *p = &method->params[k];
            const double least = fmax(p->least, 1e-12), most = fmin(p->most, 1e5);
            const double between = least + (most - least) * 1.2345678901234567e-5;
            values.at[k] = p->flags & LETHE_UNLEARN_WHOLE ? p->most : between;
        }
        if (method->masked)
            memset(values.mask, 'x', sizeof values.mask - 1);
        lethe_unlearn_write(text, &values, method);
        struct lethe_error err = {0};
        if (lethe_unlearn_read(&back, method, text, &err))
            fail_msg("%s: %s", text, err.message);
        assert_memory_equal(back.at, values.at, sizeof back.at);
        longest = strlen(text) > longest ? strlen(text) : longest;
        assert_string_equal(back.mask, values.mask);
        if (!method->count)
            continue;
        if (method->masked) /* one there is */
            assert_int_equal(lethe_unlearn_put(&values, method, "mask", "lastlayer", NULL), 0);
        lethe_unlearn_write(text, &values, method);
        lethe_settings_init(&settings);
        assert_int_equal(lethe_settings_put(&settings, LETHE_SET_METHOD, method->name, NULL), 0);
        if (lethe_settings_put(&settings, LETHE_SET_METHOD_WITH, text, &err))
            fail_msg("%s: %s", text, err.message);
        assert_string_equal(settings.text[LETHE_SET_METHOD_WITH], text);
    }
    assert_in_range(longest, 225, LETHE_UNLEARN_TEXT - 2); /* 224 was too little */
}

static void masks_are_salun_on_every_order(void **state)
{
    (void)state;
    struct fixture f;
    size_t selectors = 0;
    const struct lethe_select_method *methods = lethe_select_methods(&selectors);
    open_fixture(&f, NULL, 0);
    prepare(&f);
    assert_int_equal(run(&f, 0, 0, 1), LETHE_OK);
    assert_int_equal(f.table->count, selectors + 1);
    const size_t half = lethe_graph_size(f.base.snapshot->graph) / 2;
    for (size_t k = 0; k < f.table->count; k++) {
        const char *with = f.table->row[k].settings.text[LETHE_SET_METHOD_WITH];
        const char *name = k ? methods[k - 1].name : "saliency";
        assert_string_equal(strstr(with, "mask=") + strlen("mask="), name);
        assert_false(f.table->row[k].variant.failed);
        if (strcmp(name, "full") != 0)
            assert_true(f.table->row[k].variant.parameters <= half + 1);
        else
            assert_true(f.table->row[k].variant.parameters > half + 1);
    }
    close_fixture(&f);
}

/* ---- choosing ---------------------------------------------------------------------------------
 */

/* Ids that no data set has: whoever reads this half fails. */
static const size_t nobody[] = {SIZE_MAX - 2, SIZE_MAX - 1};

static void the_half_for_reports_is_never_read(void **state)
{
    (void)state;
    struct fixture f, plain;
    struct lethe_evaluation e = {0};
    struct lethe_worker_problems *worker;
    const struct lethe_unlearn_method *method;
    open_fixture(&f, nobody, 2);
    open_fixture(&plain, NULL, 0);
    prepare(&f);
    prepare(&plain);
    assert_int_equal(lethe_snapshot_worker(&worker, f.base.snapshot, NULL), LETHE_OK);
    assert_int_not_equal(lethe_evaluation_measure(&e, f.base.snapshot, worker, f.base.snapshot->w,
                                                  LETHE_SIDE_REPORT, NULL, NULL),
                         LETHE_OK); /* the trap is one */
    lethe_evaluation_release(&e);
    for (size_t n = 1; (method = lethe_unlearn_method_at(n)); n++) {
        const struct lethe_tune_options how = {.method = method, .trials = 4};
        struct lethe_tuning a = {0}, b = {0};
        assert_int_equal(lethe_tune(&a, &f.base, &f.world.training, &how, NULL, NULL), LETHE_OK);
        assert_int_equal(lethe_tune(&b, &plain.base, &plain.world.training, &how, NULL, NULL),
                         LETHE_OK);
        assert_int_equal(a.best, b.best);
        for (size_t i = 0; i < a.count; i++) {
            assert_string_equal(a.trials[i].settings.text[LETHE_SET_METHOD_WITH],
                                b.trials[i].settings.text[LETHE_SET_METHOD_WITH]);
            assert_true(a.trials[i].score == b.trials[i].score);
        }
        lethe_tuning_release(&a);
        lethe_tuning_release(&b);
    }
    assert_int_equal(run(&f, COLDS, 1, 0), LETHE_OK);
    close_fixture(&plain);
    close_fixture(&f);
}

static void a_search_never_loses_to_the_published(void **state)
{
    (void)state;
    struct fixture f;
    double published[LETHE_METHOD_ROWS] = {0};
    open_fixture(&f, NULL, 0);
    prepare(&f);
    assert_int_equal(run(&f, 0, 0, 0), LETHE_OK);
    for (size_t n = 0; n < f.table->count; n++)
        published[n] = f.table->row[n].score;
    assert_int_equal(run(&f, 0, 1, 0), LETHE_OK);
    size_t better = 0;
    for (size_t n = 0; n < f.table->count; n++) {
        assert_int_equal(f.table->row[n].tuned, n > 0); /* newton has nothing to search */
        assert_true(f.table->row[n].score <= published[n]);
        better += f.table->row[n].score < published[n];
    }
    assert_true(better >= 3);
    close_fixture(&f);
}

/* Retrains that agree but for rounding have no spread to count in: no z, which would be 1e15. */
static void rounding_is_no_spread(void **state)
{
    (void)state;
    struct lethe_method_comparison *table = lethe_alloc_zero(1, sizeof *table);
    assert_non_null(table);
    table->before.figures.attack.auc.value = 0.073;
    table->mean[LETHE_FIGURE_AUC] = 0.007;
    table->sd[LETHE_FIGURE_AUC] = 8e-18;
    assert_true(isnan(lethe_method_z(table, &table->before, LETHE_FIGURE_AUC)));
    table->sd[LETHE_FIGURE_AUC] = 0.011;
    assert_float_equal(lethe_method_z(table, &table->before, LETHE_FIGURE_AUC), 6, 1e-9);
    lethe_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_its_method_alone),
        cmocka_unit_test(retraining_has_mean_and_sd),
        cmocka_unit_test(rounding_is_no_spread),
        cmocka_unit_test(what_runs_away_fails_its_row_alone),
        cmocka_unit_test(masks_are_salun_on_every_order),
        cmocka_unit_test(a_set_method_is_masked_by_every_order),
        cmocka_unit_test(written_values_have_room),
        cmocka_unit_test(the_half_for_reports_is_never_read),
        cmocka_unit_test(a_search_never_loses_to_the_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
