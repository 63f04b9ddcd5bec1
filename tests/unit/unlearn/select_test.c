/* SPDX-License-Identifier: MIT
 * Blankets, perturbations and selectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/support/blobs.h"
#include "lethe/select.h"
#include "lethe/retrain.h"
#include "unlearn/several.h"

static const size_t widths[] = {4, 6, 3, 0};
enum { N = 90, M = 2, UNITS = 9 };

struct fixture {
    struct lethe_graph *graph;
    struct lethe_dataset *data;
    struct lethe_problem *forget, *retain;
    struct lethe_removal removal;
    double *w;
    size_t ids[M], kept[N];
    struct lethe_select_input input;
    struct lethe_select_options options;
};

static void open_fixture(struct fixture *f)
{
    size_t left = 0;
    struct lethe_train_report report;
    struct lethe_train_options few = lethe_train_defaults(LETHE_TRAIN_LBFGS);
    few.iterations = 40;
    f->ids[0] = 5;
    f->ids[1] = 31;
    for (size_t i = 0; i < N; i++)
        if (i != 5 && i != 31)
            f->kept[left++] = i;
    f->graph = blobs_net(widths);
    f->data = blobs(N, 4, 3, 2);
    f->forget = blobs_problem(f->graph, f->data, f->ids, M, 0.01);
    f->retain = blobs_problem(f->graph, f->data, f->kept, left, 0.01);
    f->w = lethe_alloc(lethe_graph_size(f->graph), sizeof *f->w);
    assert_int_equal(lethe_retrain_cold(f->w, &report, f->retain, &few, 3, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_removal_init(&f->removal, f->forget, f->retain, f->w, N, NULL, NULL),
                     LETHE_OK);
    f->input = (struct lethe_select_input){.graph = f->graph,
                                           .data = f->data,
                                           .w = f->w,
                                           .forget = f->ids,
                                           .m = M,
                                           .removal = &f->removal,
                                           .curvature = f->retain};
    f->options = lethe_select_defaults();
    f->options.perturb.count = 200;
    f->options.perturb.sigma = 0.3;
    f->options.perturb.dtype = LETHE_F64;
}

static void close_fixture(struct fixture *f)
{
    lethe_removal_release(&f->removal);
    lethe_problem_free(f->forget);
    lethe_problem_free(f->retain);
    lethe_dataset_unref(f->data);
    lethe_graph_unref(f->graph);
    lethe_free(f->w);
}

static void units_are_numbered_and_named(void **state)
{
    (void)state;
    struct lethe_graph *graph = blobs_net(widths);
    struct lethe_blanket blanket;
    struct lethe_error err;
    char name[LETHE_UNIT_NAME];
    size_t number = 0, seen[64] = {0};
    assert_int_equal(lethe_unit_count(graph), UNITS);
    assert_int_equal(lethe_unit_total(graph), UNITS);
    lethe_unit_name(name, sizeof name, graph, 7);
    assert_string_equal(name, "fc2[1]");
    assert_int_equal(lethe_unit_find(&number, graph, name, NULL), LETHE_OK);
    assert_int_equal(number, 7);
    assert_int_equal(lethe_unit_number(graph, 1, 1), 7);
    assert_int_equal(lethe_unit_find(&number, graph, "fc2[3]", &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "'fc2' has units 0 to 2"));
    assert_int_equal(lethe_unit_find(&number, graph, "fc2[-1]", &err), LETHE_EARG);
    assert_int_equal(lethe_unit_find(&number, graph, "fc9[0]", &err), LETHE_EARG);
    assert_int_equal(lethe_blanket_all(&blanket, graph, NULL), LETHE_OK);
    assert_int_equal(blanket.offset[blanket.count], lethe_graph_size(graph));
    for (size_t i = 0; i < lethe_graph_size(graph); i++)
        assert_int_equal(seen[blanket.index[i]]++, 0);
    lethe_blanket_release(&blanket);
    const size_t twice[] = {3, 7, 3}, unknown[] = {2000000};
    assert_int_equal(lethe_blanket_init(&blanket, graph, twice, 3, &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "'fc1[3]' is in the blanket twice"));
    assert_int_equal(lethe_blanket_init(&blanket, graph, unknown, 1, &err), LETHE_EARG);
    lethe_graph_unref(graph);
}

static void perturbations_are_a_function_of_their_name(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_perturbation all, few;
    struct lethe_error err;
    open_fixture(&f);
    struct lethe_perturb_options o = f.options.perturb;
    size_t index[5];
    lethe_unit_indices(f.graph, 2, index);
    for (size_t i = 0; i < 5; i++)
        f.w[index[i]] = 0;
    o.count = 700; /* more than a batch */
    assert_int_equal(lethe_perturb(&all, f.graph, f.data, f.w, 31, &o, NULL, NULL), LETHE_OK);
    o.count = 10;
    assert_int_equal(lethe_perturb(&few, f.graph, f.data, f.w, 31, &o, NULL, NULL), LETHE_OK);
    assert_memory_equal(all.a, few.a, 10 * UNITS * sizeof *all.a);
    assert_memory_equal(all.loss, few.loss, 10 * sizeof *all.loss);
    for (size_t u = 0; u < UNITS; u++)
        assert_int_equal(all.dead[u], u == 2);
    double x[4], mean = 0, spread = 0;
    lethe_dataset_batch(f.data, x, NULL, (const size_t[]){31}, 1);
    lethe_unit_indices(f.graph, 3, index);
    double centre = f.w[index[4]], length = 0;
    for (size_t i = 0; i < 4; i++) {
        centre += f.w[index[i]] * x[i];
        length += f.w[index[i]] * f.w[index[i]];
    }
    for (size_t c = 0; c < 700; c++)
        mean += all.a[c * UNITS + 3] / 700;
    for (size_t c = 0; c < 700; c++)
        spread += (all.a[c * UNITS + 3] - mean) * (all.a[c * UNITS + 3] - mean) / 699;
    assert_true(fabs(mean - centre) < 5 * 0.3 * sqrt(length / 700));
    assert_true(fabs(sqrt(spread / length) / 0.3 - 1) < 0.15);
    lethe_perturbation_release(&all);
    lethe_perturbation_release(&few);
    o.sigma = 0;
    assert_int_equal(lethe_perturb(&all, f.graph, f.data, f.w, 31, &o, NULL, &err), LETHE_EARG);
    o.sigma = 0.1;
    assert_int_equal(lethe_perturb(&all, f.graph, f.data, f.w, N, &o, NULL, &err), LETHE_EARG);
    f.w[index[0]] = INFINITY;
    assert_int_equal(lethe_perturb(&all, f.graph, f.data, f.w, 31, &o, NULL, &err), LETHE_ENUM);
    assert_non_null(strstr(err.message, "fc1[3]"));
    close_fixture(&f);
}

static struct lethe_selection run(const struct fixture *f, const char *name)
{
    const struct lethe_select_method *method = NULL;
    struct lethe_selection s;
    assert_int_equal(lethe_select_find(&method, name, NULL), LETHE_OK);
    assert_int_equal(lethe_select(&s, method, &f->input, &f->options, NULL, NULL), LETHE_OK);
    return s;
}

static void one_sample_keeps_the_order_of_foci(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_perturbation p;
    struct lethe_foci_result foci;
    open_fixture(&f);
    f.input.m = 1;
    struct lethe_selection s = run(&f, "lfoci");
    assert_int_equal(lethe_perturb(&p, f.graph, f.data, f.w, 5, &f.options.perturb, NULL, NULL),
                     LETHE_OK);
    const struct lethe_codec_input table = {
        .n = p.count, .p = p.units, .x32 = p.a, .y = p.loss, .dead = p.dead};
    const struct lethe_foci_options how = {.stop = 1, .past_stop = 1};
    assert_int_equal(lethe_foci_run(&foci, &table, &how, NULL, NULL), LETHE_OK);
    assert_int_equal(s.count, foci.count);
    assert_int_equal(s.accepted, foci.selected);
    assert_true(s.accepted > 0 && s.samples == 1);
    for (size_t k = 0; k < s.count; k++)
        assert_true(s.picks[k].unit == foci.steps[k].column &&
                    s.picks[k].score == foci.steps[k].conditional);
    for (size_t u = 0; u < UNITS; u++)
        assert_true(s.marginal[u] == foci.marginal[u]);
    lethe_foci_result_release(&foci);
    lethe_perturbation_release(&p);
    lethe_selection_release(&s);
    close_fixture(&f);
}

static void unions_are_ordered_by_votes(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    struct lethe_selection both = run(&f, "lfoci"), each[M];
    size_t votes[UNITS] = {0};
    for (size_t k = 0; k < M; k++) {
        f.input.forget = &f.ids[k];
        f.input.m = 1;
        each[k] = run(&f, "lfoci");
        for (size_t i = 0; i < each[k].accepted; i++)
            votes[each[k].picks[i].unit]++;
        lethe_selection_release(&each[k]);
    }
    assert_int_equal(both.samples, M);
    assert_true(both.count <= UNITS && both.accepted > 0);
    for (size_t k = 0; k < both.count; k++) {
        const struct lethe_pick *pick = &both.picks[k];
        assert_int_equal(pick->votes, votes[pick->unit]);
        assert_int_equal(pick->votes > 0, k < both.accepted);
        if (k && k < both.accepted)
            assert_true(pick[-1].votes > pick->votes ||
                        (pick[-1].votes == pick->votes && pick[-1].score >= pick->score));
    }
    lethe_selection_release(&both);
    close_fixture(&f);
}

/* The means, or the centred rows, of two samples' perturbations, the obvious way. */
static void one_table_of_several_samples(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_perturbation each[M], mean, stacked;
    open_fixture(&f);
    const size_t copies = f.options.perturb.count;
    for (size_t k = 0; k < M; k++)
        assert_int_equal(
            lethe_perturb(&each[k], f.graph, f.data, f.w, f.ids[k], &f.options.perturb, NULL, NULL),
            LETHE_OK);
    f.options.several = LETHE_SEVERAL_MEAN;
    assert_int_equal(lethe_perturb_several(&mean, &f.input, &f.options, f.ids, M, NULL, NULL),
                     LETHE_OK);
    f.options.several = LETHE_SEVERAL_STACKED;
    assert_int_equal(lethe_perturb_several(&stacked, &f.input, &f.options, f.ids, M, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(mean.count, copies);
    assert_int_equal(stacked.count, M * copies);
    for (size_t u = 0; u < UNITS; u++)
        for (size_t k = 0; k < M; k++) {
            double centre = 0;
            for (size_t c = 0; c < copies; c++)
                centre += each[k].a[c * UNITS + u] / (double)copies;
            for (size_t c = 0; c < copies; c++) {
                double own = each[k].a[c * UNITS + u], other = each[1 - k].a[c * UNITS + u];
                assert_true(fabs(mean.a[c * UNITS + u] - (own + other) / 2) < 1e-6);
                assert_true(fabs(stacked.a[(k * copies + c) * UNITS + u] - (own - centre)) < 1e-6);
            }
        }
    for (size_t c = 0; c < copies; c++)
        assert_true(fabs(mean.loss[c] - (each[0].loss[c] + each[1].loss[c]) / 2) < 1e-12);
    double sum = 0;
    for (size_t c = 0; c < copies; c++)
        sum += stacked.loss[copies + c];
    assert_true(fabs(sum) < 1e-9 && stacked.loss[copies] != 0);
    lethe_perturbation_release(&mean);
    lethe_perturbation_release(&stacked);
    for (size_t k = 0; k < M; k++)
        lethe_perturbation_release(&each[k]);
    close_fixture(&f);
}

static void one_table_gives_one_order(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    for (int several = LETHE_SEVERAL_MEAN; several <= LETHE_SEVERAL_STACKED; several++) {
        struct lethe_perturbation p;
        struct lethe_foci_result foci;
        struct lethe_error err;
        f.options.several = (enum lethe_several)several;
        struct lethe_selection s = run(&f, "lfoci");
        assert_int_equal(lethe_perturb_several(&p, &f.input, &f.options, f.ids, M, NULL, NULL),
                         LETHE_OK);
        const struct lethe_codec_input table = {
            .n = p.count, .p = p.units, .x32 = p.a, .y = p.loss, .dead = p.dead};
        const struct lethe_foci_options how = {.stop = 1, .past_stop = 1};
        assert_int_equal(lethe_foci_run(&foci, &table, &how, NULL, NULL), LETHE_OK);
        assert_true(s.samples == M && !s.united && s.accepted == foci.selected);
        for (size_t k = 0; k < s.count; k++)
            assert_true(s.picks[k].unit == foci.steps[k].column &&
                        s.picks[k].cumulative == foci.steps[k].cumulative);
        lethe_foci_result_release(&foci);
        lethe_perturbation_release(&p);
        lethe_selection_release(&s);
        enum lethe_err rc = LETHE_ENOMEM;
        for (long n = 0; rc == LETHE_ENOMEM; n++) {
            const struct lethe_select_method *lfoci = NULL;
            assert_int_equal(lethe_select_find(&lfoci, "lfoci", NULL), LETHE_OK);
            lethe_alloc_fail_after(n);
            rc = lethe_select(&s, lfoci, &f.input, &f.options, NULL, &err);
        }
        lethe_alloc_fail_after(-1);
        assert_int_equal(rc, LETHE_OK);
        lethe_selection_release(&s);
    }
    close_fixture(&f);
}

/* g_P' (H[P,P] + mu I)^-1 g_P / 2 of some units, from scratch. */
static double decrease(const struct fixture *f, const size_t *units, size_t count)
{
    struct lethe_blanket blanket;
    struct lethe_curvature c;
    const struct lethe_curvature_method *ggn = NULL;
    const struct lethe_curvature_options options = {0};
    struct lethe_factor *factor = NULL;
    double g[64], x[64], sum = 0;
    assert_int_equal(lethe_curvature_find(&ggn, "ggn", NULL), LETHE_OK);
    assert_int_equal(lethe_blanket_init(&blanket, f->graph, units, count, NULL), LETHE_OK);
    assert_int_equal(lethe_curvature_make(&c, ggn, f->retain, f->w, &blanket, &options, NULL, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_factor_cholesky(&factor, &c, f->options.mu, NULL), LETHE_OK);
    for (size_t i = 0; i < c.size; i++)
        x[i] = g[i] = f->removal.pull[blanket.index[i]];
    assert_int_equal(lethe_factor_solve(factor, x, c.size, f->options.mu, NULL), LETHE_OK);
    for (size_t i = 0; i < c.size; i++)
        sum += x[i] * g[i] / 2;
    lethe_factor_unref(factor);
    lethe_curvature_release(&c);
    lethe_blanket_release(&blanket);
    return sum;
}

static void gain_is_the_greedy_decrease_of_the_model(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f);
    f.options.mu = 1e-3;
    struct lethe_selection s = run(&f, "gain");
    size_t chosen[UNITS] = {0};
    double before = 0;
    assert_int_equal(s.count, UNITS);
    for (size_t k = 0; k < s.count; k++) {
        double best = -1;
        size_t winner = UNITS;
        for (size_t u = 0; u < UNITS; u++) {
            size_t taken = 0;
            for (size_t i = 0; i < k; i++)
                taken += chosen[i] == u;
            chosen[k] = u;
            double params = (double)lethe_unit_at(f.graph, u).params;
            double gain = taken ? -2 : (decrease(&f, chosen, k + 1) - before) / params;
            if (gain > best) {
                best = gain;
                winner = u;
            }
        }
        chosen[k] = winner;
        before = decrease(&f, chosen, k + 1);
        assert_int_equal(s.picks[k].unit, winner);
        assert_true(fabs(s.picks[k].score - best) < 1e-9 * (1e-6 + best));
        assert_true(fabs(s.picks[k].cumulative - before) < 1e-9 * before);
    }
    lethe_selection_release(&s);
    close_fixture(&f);
}

static void every_selector_orders_distinct_units(void **state)
{
    (void)state;
    struct fixture f;
    struct lethe_error err;
    size_t methods;
    const struct lethe_select_method *table = lethe_select_methods(&methods), *none = NULL;
    open_fixture(&f);
    for (size_t m = 0; m < methods; m++) {
        struct lethe_selection s, again;
        if (strcmp(table[m].name, "weights") == 0) /* no units: see study_test.c */
            continue;
        f.options.max = 5;
        assert_int_equal(lethe_select(&s, &table[m], &f.input, &f.options, NULL, NULL), LETHE_OK);
        assert_int_equal(lethe_select(&again, &table[m], &f.input, &f.options, NULL, NULL),
                         LETHE_OK);
        assert_true(s.count <= 5 && s.accepted <= s.count && s.accepted > 0);
        assert_int_equal(s.count, again.count);
        for (size_t k = 0; k < s.count; k++) {
            assert_true(s.picks[k].unit < UNITS && s.picks[k].unit == again.picks[k].unit);
            for (size_t i = 0; i < k; i++)
                assert_true(s.picks[i].unit != s.picks[k].unit);
        }
        lethe_selection_release(&s);
        lethe_selection_release(&again);
        enum lethe_err rc = LETHE_ENOMEM;
        for (long n = 0; rc == LETHE_ENOMEM; n++) {
            lethe_alloc_fail_after(n);
            rc = lethe_select(&s, &table[m], &f.input, &f.options, NULL, &err);
        }
        lethe_alloc_fail_after(-1);
        assert_int_equal(rc, LETHE_OK);
        lethe_selection_release(&s);
        f.options.max = 0;
        assert_int_equal(lethe_select(&s, &table[m], &f.input, &f.options, NULL, &err), LETHE_EARG);
    }
    assert_int_equal(lethe_select_find(&none, "lfocy", &err), LETHE_EARG);
    assert_non_null(strstr(err.message, "lfoci, gain"));
    close_fixture(&f);
}

/* `max` is of the units of the last layer, however small their gradients are beside the others'. */
static void the_last_layer_is_chosen_then_cut(void **state)
{
    (void)state;
    struct fixture f;
    const struct lethe_select_method *row = NULL;
    open_fixture(&f);
    for (size_t i = 0; i < lethe_graph_size(f.graph); i++)
        f.removal.pull[i] *= i < (4 + 1) * 6 ? 100 : 1;
    assert_int_equal(lethe_select_find(&row, "lastlayer", NULL), LETHE_OK);
    for (size_t max = 1; max <= 5; max++) {
        struct lethe_selection s;
        double sum = 0;
        f.options.max = max;
        assert_int_equal(lethe_select(&s, row, &f.input, &f.options, NULL, NULL), LETHE_OK);
        assert_int_equal(s.count, max < 3 ? max : 3);
        assert_int_equal(s.accepted, s.count);
        assert_string_equal(s.stopped, max < 3 ? "max" : "all units of the last layer");
        for (size_t k = 0; k < s.count; k++) {
            assert_true(s.picks[k].unit >= 6 && (!k || s.picks[k].score <= s.picks[k - 1].score));
            assert_true(s.picks[k].cumulative == (sum += s.picks[k].score));
        }
        lethe_selection_release(&s);
    }
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_are_numbered_and_named),
        cmocka_unit_test(perturbations_are_a_function_of_their_name),
        cmocka_unit_test(one_sample_keeps_the_order_of_foci),
        cmocka_unit_test(unions_are_ordered_by_votes),
        cmocka_unit_test(one_table_of_several_samples),
        cmocka_unit_test(one_table_gives_one_order),
        cmocka_unit_test(gain_is_the_greedy_decrease_of_the_model),
        cmocka_unit_test(every_selector_orders_distinct_units),
        cmocka_unit_test(the_last_layer_is_chosen_then_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
