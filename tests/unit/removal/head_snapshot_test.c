/* SPDX-License-Identifier: MIT
 * Softmax regression on kept features is the network with everything but its last layer fixed:
 * objective, gradients, curvature, order, step, figures and retraining. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "removal/head_snapshot.h"
#include "removal/head_store.h"
#include "removal/retrain_control.h"
#include "workbench/pipeline.h"
#include "workbench/workbench.h"

enum { LAST = 2, CLASSES = 10 }; /* layer of 64-32-16-10 */

static void put(struct lethe_workbench *wb, enum lethe_setting key, const char *value)
{
    assert_int_equal(lethe_workbench_set(wb, key, value, NULL), LETHE_OK);
}

static struct lethe_workbench *loaded(const char *by)
{
    struct lethe_workbench *wb = NULL;
    const size_t forget[] = {5, 23, 311, 1200};
    assert_int_equal(lethe_workbench_new(&wb, NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_load(wb, "sample_models/digits-mlp", NULL), LETHE_OK);
    assert_int_equal(lethe_workbench_forget(wb, forget, 4, NULL), LETHE_OK);
    put(wb, LETHE_SET_SELECT_METHOD, "lastlayer");
    put(wb, LETHE_SET_BLANKET, "10");
    put(wb, LETHE_SET_RETRAIN_BY, by);
    return wb;
}

static void preview(struct lethe_workbench *wb, unsigned flags)
{
    struct lethe_pipeline *work = NULL;
    struct lethe_error err = {0};
    assert_int_equal(lethe_pipeline_preview(wb, &work, flags, NULL), LETHE_OK);
    if (lethe_pipeline_run(work, NULL, &err))
        fail_msg("%s", err.message);
    assert_int_equal(lethe_pipeline_adopt(wb, work, NULL), LETHE_OK);
    lethe_pipeline_release(work);
}

static struct lethe_snapshot *movable(struct lethe_workbench *wb)
{
    struct lethe_snapshot *snapshot = NULL, *head = NULL;
    struct lethe_error err = {0};
    assert_int_equal(lethe_workbench_snapshot(wb, &snapshot, NULL), LETHE_OK);
    if (lethe_snapshot_movable(&head, snapshot, NULL, &err))
        fail_msg("%s", err.message);
    return head;
}

static int near(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fmax(fabs(a), fabs(b)) + 1e-300;
}

/* F over R and its gradient, at the snapshot's weights. */
static double objective(double *gradient, const struct lethe_snapshot *snapshot)
{
    const struct lethe_problem_spec spec =
        lethe_snapshot_spec(snapshot, &snapshot->retain, LETHE_F64);
    struct lethe_problem *problem = NULL;
    double value = 0;
    assert_int_equal(lethe_problem_new(&problem, &spec, NULL), LETHE_OK);
    assert_int_equal(lethe_problem_value(problem, &value, gradient, snapshot->w, NULL, NULL),
                     LETHE_OK);
    lethe_problem_free(problem);
    return value + snapshot->frozen;
}

static void objective_and_gradient_are_the_networks(void **state)
{
    (void)state;
    struct lethe_workbench *wb = loaded("head");
    struct lethe_snapshot *head = movable(wb), *whole = wb->snapshot;
    const size_t size = lethe_graph_size(head->graph), all = lethe_graph_size(whole->graph);
    double *own = malloc(size * sizeof *own), *g = malloc(all * sizeof *g), largest = 0;
    assert_ptr_not_equal(head, whole);
    assert_int_equal(size, CLASSES * 17);
    assert_int_equal(lethe_snapshot_movable_size(whole), size);
    assert_int_equal(lethe_snapshot_movable_size(head), size);
    assert_true(near(objective(own, head), objective(g, whole), 1e-13));
    for (size_t i = 0; i < size; i++)
        largest = fmax(largest, fabs(own[i]));
    for (size_t i = 0; i < size; i++)
        assert_true(fabs(own[i] - g[head->of->entries[i]]) < 1e-10 * largest);
    assert_int_equal(lethe_head_entry(head, head->of->entries[7]), 7);
    assert_true(lethe_head_entry(head, 0) == SIZE_MAX); /* of the first layer */
    free(own);
    free(g);
    lethe_workbench_free(wb);
}

/* Lower triangles of the last layer's curvature, unit after unit, from either side. */
static void curvatures_are_the_networks(void **state)
{
    (void)state;
    static const char *const methods[] = {"ggn", "hessian", "fisher"};
    struct lethe_workbench *wb = loaded("head");
    for (size_t k = 0; k < 3; k++) {
        struct lethe_pick picks[CLASSES];
        struct lethe_selected units = {
            .selection = {.picks = picks, .count = CLASSES, .accepted = CLASSES}};
        struct lethe_blanket_curvature *own = NULL, *part = NULL;
        double worst = 0, largest = 0;
        put(wb, LETHE_SET_CURVATURE, methods[k]);
        struct lethe_snapshot *head = movable(wb), *whole = wb->snapshot;
        for (size_t u = 0; u < CLASSES; u++)
            picks[u].unit = lethe_unit_number(whole->graph, LAST, u);
        assert_int_equal(lethe_blanket_curvature_make(&own, head, NULL, &wb->settings, NULL, NULL),
                         LETHE_OK);
        assert_int_equal(
            lethe_blanket_curvature_make(&part, whole, &units, &wb->settings, NULL, NULL),
            LETHE_OK);
        const struct lethe_curvature *a = &own->curvature, *b = &part->curvature;
        assert_int_equal(a->size, b->size);
        for (size_t i = 0; i < a->size; i++)
            for (size_t j = 0; j <= i; j++) {
                worst = fmax(worst, fabs(a->matrix[i * a->size + j] - b->matrix[i * a->size + j]));
                largest = fmax(largest, fabs(b->matrix[i * a->size + j]));
            }
        assert_true(worst < 1e-10 * largest);
        lethe_blanket_curvature_unref(own);
        lethe_blanket_curvature_unref(part);
    }
    lethe_workbench_free(wb);
}

/* Order, step, logits and figures of the same blanket, taken on the network and on its head. */
static void a_preview_is_the_networks(void **state)
{
    (void)state;
    struct lethe_workbench *on_all = loaded("auto"), *on_head = loaded("head");
    preview(on_all, 0);
    preview(on_head, 0);
    const struct lethe_preview *a = on_all->preview, *b = on_head->preview;
    const struct lethe_graph *graph = on_all->project.graph;
    const size_t size = lethe_graph_size(graph);
    double moved = 0, worst = 0;
    assert_int_equal(on_head->selected->selection.count, CLASSES);
    for (size_t k = 0; k < CLASSES; k++)
        assert_int_equal(on_head->selected->selection.picks[k].unit,
                         on_all->selected->selection.picks[k].unit);
    for (size_t i = 0; i < size; i++) {
        moved = fmax(moved, fabs(a->w[i] - on_all->project.w[i]));
        worst = fmax(worst, fabs(a->w[i] - b->w[i]));
    }
    assert_true(moved > 1e-3 && worst < 1e-10 * moved);
    for (size_t i = 0; i < a->now.count[LETHE_SIDE_RETAIN] * CLASSES; i++)
        assert_true(
            fabs(a->now.logits[LETHE_SIDE_RETAIN][i] - b->now.logits[LETHE_SIDE_RETAIN][i]) < 1e-9);
    assert_true(near(a->objective_now, b->objective_now, 1e-12));
    assert_true(near(a->objective_before, b->objective_before, 1e-12));
    assert_true(near(a->ratio, b->ratio, 1e-6));
    assert_int_equal(a->update.form, b->update.form);
    assert_ptr_equal(b->snapshot, on_head->snapshot);
    assert_int_equal(lethe_workbench_units(on_head), CLASSES);
    put(on_head, LETHE_SET_BLANKET, "all"); /* of the layer: that is all that may move */
    assert_int_equal(lethe_workbench_units(on_head), CLASSES);
    preview(on_head, 0);
    assert_int_equal(on_head->preview->parameters, CLASSES * 17);
    for (size_t i = 0; i < size; i++)
        if (lethe_head_entry(lethe_snapshot_head(on_head->snapshot), i) == SIZE_MAX)
            assert_true(on_head->preview->w[i] == on_head->project.w[i]);
    lethe_workbench_free(on_all);
    lethe_workbench_free(on_head);
}

/* Single weights are ordered and found by the network's numbers. */
static void weights_have_the_networks_numbers(void **state)
{
    (void)state;
    struct lethe_workbench *wb = loaded("head");
    put(wb, LETHE_SET_SELECT_METHOD, "weights");
    put(wb, LETHE_SET_BLANKET, "40");
    preview(wb, 0);
    const struct lethe_snapshot *head = lethe_snapshot_head(wb->snapshot);
    size_t moved = 0;
    for (size_t k = 0; k < 40; k++) {
        const struct lethe_unit unit =
            lethe_unit_at(wb->project.graph, wb->selected->selection.picks[k].unit);
        assert_true(unit.weight && lethe_head_entry(head, unit.index) != SIZE_MAX);
        assert_true(wb->preview->w[unit.index] != wb->project.w[unit.index]);
    }
    for (size_t i = 0; i < lethe_graph_size(wb->project.graph); i++)
        moved += wb->preview->w[i] != wb->project.w[i];
    assert_int_equal(moved, 40);
    lethe_workbench_free(wb);
}

/* Retraining ends where the network's gradient by the layer is 0; features and control are kept
 * from one forget set to the next, and made anew for other weights below the layer. */
static void retraining_and_what_is_kept(void **state)
{
    (void)state;
    struct lethe_workbench *wb = loaded("head");
    preview(wb, LETHE_PIPELINE_WITH_WARM);
    struct lethe_snapshot *head = movable(wb), like = *wb->snapshot;
    struct lethe_head_model *model = lethe_head_model_ref(head->of);
    const size_t size = lethe_graph_size(like.graph), other[] = {8};
    double *g = malloc(size * sizeof *g);
    assert_true(wb->warm && wb->warm->head_only && wb->warm->report.converged);
    like.w = wb->warm->w;
    objective(g, &like);
    for (size_t i = 0; i < size; i++)
        if (lethe_head_entry(head, i) != SIZE_MAX)
            assert_true(fabs(g[i]) < 1e-6);
        else
            assert_true(like.w[i] == wb->snapshot->w[i]);
    assert_int_equal(lethe_workbench_forget(wb, other, 1, NULL), LETHE_OK);
    head = movable(wb);
    assert_ptr_equal(head->of, model);
    struct lethe_train_report report;
    double *w = malloc(lethe_graph_size(head->graph) * sizeof *w);
    assert_true(lethe_controls_get(head->controls, w, &report, head));
    const size_t all = size + lethe_graph_buffers(like.graph);
    double *moved = lethe_alloc(all, sizeof *moved);
    memcpy(moved, wb->project.w, all * sizeof *moved);
    moved[3] += 1e-3; /* below the layer */
    lethe_project_weights(&wb->project, lethe_shared_new(moved));
    lethe_workbench_drop(wb, LETHE_PART_ALL);
    assert_ptr_not_equal(movable(wb)->of, model);
    lethe_head_model_unref(model);
    free(g);
    free(w);
    lethe_workbench_free(wb);
}

/* Of a last layer's snapshot by itself: its weights are all there are, and are measured as they
 * are, not looked for among the network's. */
static void a_layers_own_retraining_says_what_the_networks_does(void **state)
{
    (void)state;
    struct lethe_workbench *wb = loaded("head");
    struct lethe_snapshot *head = movable(wb);
    struct lethe_retrained *own = NULL, *all = NULL;
    assert_int_equal(lethe_retrained_warm(&all, wb->snapshot, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_retrained_warm(&own, head, NULL, NULL), LETHE_OK);
    for (size_t k = 0; k < 2; k++) {
        const struct lethe_evaluation *a = k ? &all->control : &all->outcome;
        const struct lethe_evaluation *b = k ? &own->control : &own->outcome;
        assert_int_equal(b->count[LETHE_SIDE_FORGET], 4);
        for (size_t i = 0; i < 4 * CLASSES; i++)
            assert_true(fabs(a->logits[LETHE_SIDE_FORGET][i] - b->logits[LETHE_SIDE_FORGET][i]) <
                        1e-9);
    }
    lethe_retrained_unref(own);
    lethe_retrained_unref(all);
    lethe_workbench_free(wb);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct lethe_workbench *wb = loaded("head");
    struct lethe_snapshot *head = NULL, *snapshot = NULL;
    struct lethe_error err = {0};
    assert_int_equal(lethe_workbench_snapshot(wb, &snapshot, NULL), LETHE_OK);
    lethe_head_store_limit(wb->heads, 1797 * 17 * 8 - 1);
    assert_int_equal(lethe_snapshot_movable(&head, snapshot, NULL, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "16 numbers of each of 1797 samples"));
    assert_non_null(strstr(err.message, "'set memory 1'"));
    lethe_head_store_limit(wb->heads, 1797 * 17 * 8);
    enum lethe_err code = LETHE_ENOMEM;
    for (long n = 0; code == LETHE_ENOMEM; n++) {
        lethe_alloc_fail_after(n);
        code = lethe_snapshot_movable(&head, snapshot, NULL, &err);
    }
    lethe_alloc_fail_after(-1);
    assert_int_equal(code, LETHE_OK);
    lethe_workbench_free(wb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objective_and_gradient_are_the_networks),
        cmocka_unit_test(curvatures_are_the_networks),
        cmocka_unit_test(a_preview_is_the_networks),
        cmocka_unit_test(weights_have_the_networks_numbers),
        cmocka_unit_test(retraining_and_what_is_kept),
        cmocka_unit_test(a_layers_own_retraining_says_what_the_networks_does),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
