/* SPDX-License-Identifier: MIT
 * The view of a real workbench: digits-mlp with one sample to forget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/methods.h"
#include "ui/fill.h"
#include "ui/view/pane.h"
#include "workbench/pipeline.h"
#include "workbench/workbench.h"

static struct lethe_workbench *wb;
static struct lethe_fill fill;

/* The weights training begins with do for looking; they depend on no trained file. */
static int make_model(struct lethe_error *err)
{
    struct lethe_graph *graph = NULL;
    const size_t widths[] = {64, 32, 16, 10};
    if (lethe_graph_mlp(&graph, widths, 4, "tanh", err) != LETHE_OK)
        return -1;
    double *w = lethe_alloc(lethe_graph_size(graph) + lethe_graph_buffers(graph), sizeof *w);
    lethe_graph_init(graph, 1, w);
    enum lethe_err code = lethe_workbench_model(wb, graph, w, 1e-3, err);
    lethe_free(w);
    lethe_graph_unref(graph);
    return code ? -1 : 0;
}

static int open_workbench(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    if (lethe_workbench_new(&wb, &err) != LETHE_OK ||
        lethe_workbench_load(wb, "sample_models/digits-mlp", &err) != LETHE_OK) {
        printf("%s\n", err.message);
        return -1;
    }
    return make_model(&err);
}

static int close_workbench(void **state)
{
    (void)state;
    lethe_fill_release(&fill);
    lethe_workbench_free(wb);
    return 0;
}

/* On this thread what a command does on a lane. */
static void preview(unsigned flags)
{
    struct lethe_error err = {0};
    struct lethe_pipeline *work = NULL;
    assert_int_equal(lethe_pipeline_preview(wb, &work, flags, &err), LETHE_OK);
    assert_int_equal(lethe_pipeline_run(work, NULL, &err), LETHE_OK);
    assert_int_equal(lethe_pipeline_adopt(wb, work, &err), LETHE_OK);
    lethe_pipeline_release(work);
}

static void a_loaded_model_is_shown(void **state)
{
    (void)state;
    const struct lethe_view *view = lethe_fill_view(&fill, wb, 0);
    assert_string_equal(view->model, wb->project.name);
    assert_int_equal(view->layer_count, 3);
    assert_int_equal(view->params, 2778);
    assert_int_equal(view->train, 1437);
    assert_int_equal(view->sample_count, 1437);
    assert_null(view->layers[0].scores);
    assert_int_equal(view->figure_count, 0);
    assert_false(view->uncommitted);
    assert_int_equal(view->picture.image.height, 8);
    assert_non_null(view->picture.image.pixels);
    assert_string_equal(view->forget, "nothing");
    assert_true(view->commit_count == 1 && view->commits[0].head);
}

static void a_preview_fills_figures_ledger_and_plots(void **state)
{
    (void)state;
    const size_t ids[] = {17, 30, 40};
    assert_int_equal(lethe_workbench_forget(wb, ids, 3, NULL), LETHE_OK);
    preview(0);
    const struct lethe_view *view = lethe_fill_view(&fill, wb, (size_t)-1);
    assert_string_equal(view->forget, "#17 #30 #40");
    assert_true(view->blanket_count > 0 && view->blanket_size > 0);
    assert_true(view->layers[2].scores[0] == view->layers[2].scores[0]);
    assert_true(view->uncommitted);
    assert_true(view->figure_count >= LETHE_FILL_FIGURES);
    assert_true(view->figures[0].now >= 0 && view->figures[0].now <= 1);
    assert_true(view->figures[0].retrain != view->figures[0].retrain); /* not known */
    assert_true(view->samples[17].forget && !view->samples[18].forget);
    double sum = 0;
    for (size_t k = 0; k < 3; k++)
        sum += view->samples[ids[k]].before;
    const struct lethe_view_figure *loss = &view->figures[2];
    assert_true(fabs(sum / 3 - loss->before) < 1e-9);
    assert_true(view->samples[1436].now > 0);
    assert_null(view->picture.caption);
    assert_true(view->plot_count >= 2);
    for (size_t k = 0; k < view->plot_count; k++)
        assert_true(view->plots[k].count > 0);
}

static void the_same_version_is_not_filled_twice(void **state)
{
    (void)state;
    const struct lethe_view_sample *samples = lethe_fill_view(&fill, wb, 3)->samples;
    assert_ptr_equal(lethe_fill_view(&fill, wb, 4)->samples, samples);
    assert_non_null(strstr(fill.view.picture.caption, "#4"));
    assert_int_equal(lethe_workbench_forget(wb, NULL, 0, NULL), LETHE_OK);
    const struct lethe_view *view = lethe_fill_view(&fill, wb, 4);
    assert_int_equal(view->figure_count, 0);
    assert_false(view->samples[17].forget);
}

/* Asks for what a pane shows, as the screen does for every frame, until it is there. */
static void look_at(enum lethe_model_view_kind kind)
{
    for (int k = 0; k < 1000 && !lethe_model_view_holds(wb, kind); k++) {
        lethe_model_view_ask(wb, kind);
        if (wb->jobs)
            lethe_jobs_wait(wb->jobs, 0, 20);
    }
    assert_true(lethe_model_view_holds(wb, kind));
}

/* Views are made for panes that are seen, of the preview there is, and made again for the next. */
static void views_follow_the_preview(void **state)
{
    (void)state;
    const size_t ids[] = {17, 30, 40};
    lethe_model_view_ask(wb, LETHE_VIEW_CLASSES); /* there is no preview */
    assert_int_equal(lethe_fill_view(&fill, wb, 17)->by_class.count, 0);
    assert_int_equal(lethe_workbench_forget(wb, ids, 3, NULL), LETHE_OK);
    preview(0);
    for (int kind = LETHE_VIEW_CLASSES; kind <= LETHE_VIEW_EMBEDDING; kind++)
        look_at((enum lethe_model_view_kind)kind);
    const struct lethe_view *view = lethe_fill_view(&fill, wb, 17);
    assert_int_equal(view->by_class.count, 10);
    assert_false(view->by_class.stale);
    double right = 0, all = 0, accuracy = 0;
    for (size_t c = 0; c < 10; c++) {
        all += (double)view->by_class.samples[c];
        accuracy += (double)view->by_class.samples[c] * view->by_class.at[LETHE_VIEW_NOW][3 * c];
        right += view->confusion.at[LETHE_VIEW_NOW][11 * c];
    }
    assert_true(fabs(accuracy - right) < 1e-9 && all > right);
    assert_true(fabs(right / all - wb->preview->now.figures.heldout.accuracy) < 1e-12);
    assert_null(view->by_class.at[LETHE_VIEW_RETRAINED]);
    assert_int_equal(view->cka.count, 3);
    assert_true(view->cka.cka[0] > 0.9 && view->cka.cka[0] <= 1 + 1e-12);
    assert_int_equal(view->embedding.mark[0], LETHE_SCATTER_FORGET);
    assert_int_equal(view->embedding.id[1], 30);
    const struct lethe_view_probabilities *p = &view->picture.probabilities;
    double sum = 0;
    for (size_t k = 0; k < p->count; k++)
        sum += p->at[LETHE_VIEW_NOW][p->order[k]];
    assert_true(p->count == 10 && fabs(sum - 1) < 1e-12);
    assert_true(fabs(log(p->at[LETHE_VIEW_NOW][p->label]) + view->samples[17].now) < 1e-9);
    assert_int_equal(lethe_workbench_set(wb, LETHE_SET_DAMPING, "1e-2", NULL), LETHE_OK);
    assert_true(lethe_fill_view(&fill, wb, 17)->embedding.stale); /* it stays meanwhile */
    preview(0);
    look_at(LETHE_VIEW_EMBEDDING);
    assert_false(lethe_fill_view(&fill, wb, 17)->embedding.stale);
    assert_int_equal(lethe_workbench_forget(wb, NULL, 0, NULL), LETHE_OK);
    assert_int_equal(lethe_fill_view(&fill, wb, 17)->embedding.count, 0);
}

/* The table of methods, nearest to retraining first, between what stands beside it; it is told when
 * it is of other samples, and goes with the trail. */
static void a_table_is_filled_by_its_score(void **state)
{
    (void)state;
    static struct lethe_method_comparison table;
    const size_t ids[] = {17, 30};
    const char *const names[] = {"newton", "finetune", "scrub"};
    const double scores[] = {2, HUGE_VAL, 0.5};
    table.count = 3;
    table.retrains = 4;
    for (size_t k = 0; k < 3; k++) {
        struct lethe_method_trial *row = &table.row[k];
        row->settings = wb->settings;
        assert_int_equal(lethe_settings_put(&row->settings, LETHE_SET_METHOD, names[k], NULL), 0);
        row->score = scores[k];
        row->variant.kl_forget = scores[k] / 2;
        row->variant.figures.attack.auc.value = 0.3;
        row->variant.failed = k == 1;
    }
    table.mean[LETHE_FIGURE_AUC] = 0.1;
    table.sd[LETHE_FIGURE_AUC] = 0.05;
    assert_int_equal(lethe_workbench_forget(wb, ids, 2, NULL), LETHE_OK);
    assert_int_equal(lethe_fill_view(&fill, wb, 0)->table.count, 0);
    assert_int_equal(lethe_trail_note_table(wb, &table, 0, NULL), LETHE_OK);
    const struct lethe_view_table *to = &lethe_fill_view(&fill, wb, 0)->table;
    static const char *const shown[] = {"(nothing done)",    "scrub",          "newton", "finetune",
                                        "(retrained, mean)", "(retrained, sd)"};
    assert_int_equal(to->count, 6);
    for (size_t k = 0; k < 6; k++)
        assert_string_equal(to->rows[k].name, shown[k]);
    assert_true(to->rows[1].figure[LETHE_VIEW_TABLE_KL_FORGET] == 0.25);
    assert_true(fabs(to->rows[1].figure[LETHE_VIEW_TABLE_Z] - 4) < 1e-12);
    assert_true(isnan(to->rows[3].figure[LETHE_VIEW_TABLE_AUC]));
    assert_true(to->rows[4].figure[LETHE_VIEW_TABLE_AUC] == 0.1 && !to->rows[4].line);
    assert_true(to->rows[2].set && !to->rows[1].set && !to->stale);
    assert_string_equal(to->rows[2].line, "method newton");
    assert_int_equal(strncmp(to->rows[1].line, "method scrub alpha=0.001,", 25), 0);
    assert_int_equal(wb->trail.count, 2); /* what failed is no place on the way */
    assert_true(!to->own && !to->tuned);
    assert_int_equal(
        lethe_settings_put(&table.row[2].settings, LETHE_SET_METHOD_WITH, "rate=0.02", NULL), 0);
    assert_int_equal(lethe_trail_note_table(wb, &table, 0, NULL), LETHE_OK);
    assert_string_equal(lethe_fill_view(&fill, wb, 0)->table.own, "scrub");
    assert_int_equal(lethe_workbench_forget(wb, ids, 1, NULL), LETHE_OK);
    assert_true(lethe_fill_view(&fill, wb, 0)->table.stale);
    lethe_trail_clear(&wb->trail);
    wb->version++;
    assert_int_equal(lethe_fill_view(&fill, wb, 0)->table.count, 0);
    assert_int_equal(lethe_workbench_forget(wb, NULL, 0, NULL), LETHE_OK);
}

/* Every number of every method has a slider: its steps ascend within what is searched, with the
 * published value and the one that is set, and each is a value that the method takes. */
static void every_method_has_sliders(void **state)
{
    (void)state;
    const struct lethe_unlearn_method *method;
    struct lethe_unlearn_values values;
    char text[64];
    for (size_t n = 0; (method = lethe_unlearn_method_at(n)); n++) {
        assert_int_equal(lethe_workbench_set(wb, LETHE_SET_METHOD, method->name, NULL), LETHE_OK);
        const struct lethe_view *view = lethe_fill_view(&fill, wb, 0);
        assert_true(view->method_count > 10 && *view->methods[n].key == '*');
        assert_int_equal(view->method_param_count, method->count);
        assert_true(method->run ? !strcmp(view->unlearning, method->name) : !view->unlearning);
        lethe_unlearn_defaults(&values, method);
        for (size_t k = 0; k < method->count; k++) {
            const struct lethe_view_param *param = &view->method_params[k];
            assert_true(param->value == method->params[k].usual);
            assert_true(param->step_count >= 2);
            assert_true(param->steps[lethe_slider_step(param, param->usual)] == param->usual);
            for (size_t s = 0; s < param->step_count; s++) {
                assert_true(!s || param->steps[s] > param->steps[s - 1]);
                snprintf(text, sizeof text, "%.12g", param->steps[s]);
                assert_int_equal(lethe_unlearn_put(&values, method, param->key, text, NULL),
                                 LETHE_OK);
            }
        }
    }
    assert_int_equal(lethe_workbench_set(wb, LETHE_SET_METHOD, "scrub", NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_set(wb, LETHE_SET_METHOD_WITH, "rate=0.0123", NULL), LETHE_OK);
    const struct lethe_view_param *rate = lethe_fill_view(&fill, wb, 0)->method_params + 5;
    assert_true(rate->value == 0.0123 &&
                rate->steps[lethe_slider_step(rate, rate->value)] == 0.0123);
    assert_int_equal(lethe_workbench_set(wb, LETHE_SET_METHOD, "newton", NULL), LETHE_OK);
}

static void running_out_of_memory_leaves_parts_empty(void **state)
{
    (void)state;
    for (long n = 0; n < 12; n++) {
        fill.filled = 0;
        lethe_alloc_fail_after(n);
        const struct lethe_view *view = lethe_fill_view(&fill, wb, 5);
        lethe_alloc_fail_after(-1);
        struct lethe_canvas canvas;
        struct lethe_screen screen = {.filter = ""};
        lethe_canvas_init(&canvas, 24, 80, (struct lethe_display){LETHE_BRAILLE, 256}, NULL);
        for (int k = 0; LETHE_PANE_PLOT + k < LETHE_PANES; k++)
            screen.dock[k] = (enum lethe_pane)(LETHE_PANE_PLOT + k);
        lethe_view_draw(&canvas, view, &screen);
        lethe_canvas_release(&canvas);
    }
    fill.filled = 0;
    assert_int_equal(lethe_fill_view(&fill, wb, 5)->sample_count, 1437);
}

/* Weights after a step on more parameters than a spectrum is made for at once. */
static double *stepped(const char *const *dampings, unsigned flags, size_t *size)
{
    const size_t ids[] = {17};
    assert_int_equal(lethe_workbench_forget(wb, NULL, 0, NULL),
                     LETHE_OK); /* nothing is left over */
    assert_int_equal(lethe_workbench_forget(wb, ids, 1, NULL), LETHE_OK);
    lethe_workbench_set(wb, LETHE_SET_PERTURB_COUNT, "100", NULL);
    lethe_workbench_set(wb, LETHE_SET_SELECT_MAX, "20", NULL);
    lethe_workbench_set(wb, LETHE_SET_BLANKET, "18", NULL);
    for (; *dampings; dampings++) {
        lethe_workbench_set(wb, LETHE_SET_DAMPING, *dampings, NULL);
        preview(dampings[1] ? 0 : flags);
    }
    assert_true(wb->preview->parameters > 700 && wb->preview->parameters < 1500);
    *size = lethe_graph_size(wb->project.graph);
    double *w = lethe_alloc(*size, sizeof *w);
    memcpy(w, wb->preview->w, *size * sizeof *w);
    return w;
}

static void a_commit_forgets_the_way_to_it(void **state)
{
    (void)state;
    size_t size;
    static const char *const straight[] = {"1e-2", NULL}, *const along[] = {"1e-3", "1e-2", NULL};
    double *wanted = stepped(straight, LETHE_PIPELINE_CANONICAL, &size);
    double *slid = stepped(along, 0, &size);
    assert_false(wb->preview->canonical); /* the spectrum that serves a moving slider */
    double *decided = stepped(along, LETHE_PIPELINE_CANONICAL, &size);
    assert_true(wb->preview->canonical);
    assert_memory_equal(decided, wanted, size * sizeof *wanted);
    double most = 0;
    for (size_t k = 0; k < size; k++)
        most = fmax(most, fabs(slid[k] - wanted[k]));
    assert_true(most < 1e-8);
    lethe_free(wanted);
    lethe_free(slid);
    lethe_free(decided);
}

/* 190,000 weights and 1,797 samples: enough that a first look is worth it. */
static void a_long_reading_begins_with_a_look(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    struct lethe_graph *graph = NULL;
    const size_t widths[] = {64, 400, 400, 10}, ids[] = {17};
    assert_int_equal(lethe_graph_mlp(&graph, widths, 4, "relu", &err), LETHE_OK);
    double *w = lethe_alloc(lethe_graph_size(graph), sizeof *w);
    lethe_graph_init(graph, 1, w);
    assert_int_equal(lethe_workbench_model(wb, graph, w, 1e-3, &err), LETHE_OK);
    lethe_free(w);
    lethe_graph_unref(graph);
    lethe_workbench_set(wb, LETHE_SET_PERTURB_COUNT, "40", NULL);
    lethe_workbench_set(wb, LETHE_SET_CURVATURE_SAMPLES, "20", NULL);
    lethe_workbench_set(wb, LETHE_SET_BLANKET, "1", NULL);
    assert_int_equal(lethe_workbench_forget(wb, ids, 1, NULL), LETHE_OK);
    preview(LETHE_PIPELINE_GLANCE);
    const struct lethe_view *view = lethe_fill_view(&fill, wb, (size_t)-1);
    assert_true(wb->preview->partial);
    assert_string_equal(view->half, "~ first look at 128");
    const struct lethe_view_figure look = view->figures[0], retained = view->figures[9];
    assert_true(look.partial && look.now > 0);            /* held-out accuracy */
    assert_true(!view->figures[2].partial);               /* the forget loss is exact */
    assert_true(retained.partial && isnan(retained.now)); /* on its way */
    const double loss = view->figures[2].now;
    preview(0);
    view = lethe_fill_view(&fill, wb, (size_t)-1);
    assert_false(wb->preview->partial);
    assert_string_equal(view->half, "tune half");
    assert_true(!view->figures[0].partial && view->figures[9].now > 0);
    assert_true(view->figures[2].now == loss);
    /* the next look leans on the whole: before stays, the change is that of the part */
    const double before = view->figures[0].before;
    lethe_workbench_set(wb, LETHE_SET_BLANKET, "2", NULL);
    preview(LETHE_PIPELINE_GLANCE);
    view = lethe_fill_view(&fill, wb, (size_t)-1);
    assert_true(wb->preview->partial && view->figures[0].before == before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loaded_model_is_shown),
        cmocka_unit_test(a_preview_fills_figures_ledger_and_plots),
        cmocka_unit_test(the_same_version_is_not_filled_twice),
        cmocka_unit_test(views_follow_the_preview),
        cmocka_unit_test(every_method_has_sliders),
        cmocka_unit_test(a_table_is_filled_by_its_score),
        cmocka_unit_test(running_out_of_memory_leaves_parts_empty),
        cmocka_unit_test(a_commit_forgets_the_way_to_it),
        cmocka_unit_test(a_long_reading_begins_with_a_look),
    };
    return cmocka_run_group_tests(tests, open_workbench, close_workbench);
}
