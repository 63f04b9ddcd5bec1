/* SPDX-License-Identifier: MIT
 * An evaluation against its definition, sample by sample: the logits are the network's at those
 * weights, accuracy and loss are those of the logits, and every figure of one model is finite or
 * says that it is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "removal/objective.h"
#include "tests/support/stand.h"

enum { SAMPLES = 41, GONE = 3 };
static const size_t gone[GONE] = {4, 11, 29};

/* One set of an evaluation against the logits of its samples, computed here. */
static void check_side(const struct lethe_evaluation *e, enum lethe_side side,
                       const struct lethe_set_figures *figures, struct lethe_problem *problem,
                       const double *w)
{
    const size_t n = lethe_problem_count(problem), classes = e->classes;
    const int *labels = lethe_problem_labels(problem);
    double *z = lethe_alloc(n, classes * sizeof *z), loss = 0;
    size_t correct = 0;
    assert_int_equal(e->count[side], n);
    assert_int_equal(lethe_problem_logits(problem, z, w, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        size_t best = 0;
        assert_int_equal(e->labels[side][i], labels[i]);
        for (size_t c = 0; c < classes; c++) {
            assert_true(fabs(z[i * classes + c] - e->logits[side][i * classes + c]) < 1e-12);
            sum += exp(z[i * classes + c] - z[i * classes + (size_t)labels[i]]);
            best = z[i * classes + c] > z[i * classes + best] ? c : best;
        }
        correct += best == (size_t)labels[i];
        loss += log(sum) / (double)n;
    }
    assert_int_equal(figures->n, n);
    assert_int_equal(figures->correct, correct);
    assert_true(fabs(figures->loss - loss) < 1e-10 * (1 + loss));
    lethe_free(z);
}

/* What an evaluation knows of F_R is what a pass back finds, decay and all. */
static void check_objective(const struct lethe_evaluation *e, const struct lethe_snapshot *snapshot,
                            struct lethe_problem *retain, const double *w)
{
    double value, *gradient = lethe_alloc(lethe_problem_size(retain), sizeof *gradient);
    assert_int_equal(lethe_problem_value(retain, &value, gradient, w, NULL, NULL), LETHE_OK);
    assert_true(fabs(lethe_objective_of(e, snapshot, w) - value) < 1e-10 * (1 + value));
    assert_false(lethe_objective_is_dear(snapshot));
    lethe_free(gradient);
}

static void figures_are_those_of_the_logits(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 8, LETHE_RNG_TEST, 0, 0);
    for (int kind = 0; kind < NET_KINDS; kind++)
        for (uint64_t seed = 1; seed < 6; seed++) {
            struct net net = net_open((enum net_kind)kind, SAMPLES, seed);
            struct lethe_snapshot *snapshot = stand_open(&net, SAMPLES, gone, GONE);
            struct lethe_worker_problems *worker;
            struct lethe_problem *forget, *retain;
            struct lethe_evaluation e = {0};
            double *w = lethe_alloc(lethe_graph_size(net.graph) + lethe_graph_buffers(net.graph),
                                    sizeof *w);
            memcpy(w, net.w,
                   (lethe_graph_size(net.graph) + lethe_graph_buffers(net.graph)) * sizeof *w);
            for (size_t i = 0; i < lethe_graph_size(net.graph); i++)
                w[i] += 0.1 * lethe_rng_normal(&rng);
            assert_int_equal(lethe_snapshot_worker(&worker, snapshot, NULL), LETHE_OK);
            assert_int_equal(
                lethe_worker_problem(&forget, worker, snapshot, LETHE_SIDE_FORGET, NULL), LETHE_OK);
            assert_int_equal(
                lethe_worker_problem(&retain, worker, snapshot, LETHE_SIDE_RETAIN, NULL), LETHE_OK);
            assert_int_equal(
                lethe_evaluation_measure(&e, snapshot, worker, w, LETHE_SIDE_TUNE, NULL, NULL),
                LETHE_OK);
            check_side(&e, LETHE_SIDE_FORGET, &e.figures.forget, forget, w);
            check_side(&e, LETHE_SIDE_RETAIN, &e.figures.retain, retain, w);
            check_objective(&e, snapshot, retain, w);
            lethe_evaluation_release(&e);
            lethe_snapshot_unref(snapshot);
            lethe_free(w);
            net_close(&net);
        }
}

static void a_metric_is_its_figure(void **state)
{
    (void)state;
    struct net net = net_open(NET_PLAIN, SAMPLES, 2);
    struct lethe_snapshot *snapshot = stand_open(&net, SAMPLES, gone, GONE);
    struct lethe_worker_problems *worker;
    struct lethe_evaluation e = {0};
    size_t asked = 0;
    assert_int_equal(lethe_snapshot_worker(&worker, snapshot, NULL), LETHE_OK);
    assert_int_equal(
        lethe_evaluation_measure(&e, snapshot, worker, net.w, LETHE_SIDE_TUNE, NULL, NULL),
        LETHE_OK);
    for (size_t k = 0; k < lethe_metric_count(); k++) {
        const struct lethe_metric *metric = lethe_metric(k);
        const double figure = lethe_figures_get(&e.figures, (enum lethe_metric_kind)k);
        if (!metric->of_model || isnan(figure))
            continue;
        const struct lethe_measure measure = lethe_evaluation_metric(&e, metric);
        assert_true(measure.value == figure);
        assert_true(isnan(measure.low) || measure.low <= figure);
        assert_true(isnan(measure.high) || measure.high >= figure);
        asked++;
    }
    assert_true(asked >= 4); /* accuracy and loss of both sets at least */
    lethe_evaluation_release(&e);
    lethe_evaluation_release(&e); /* zeroed by now */
    lethe_snapshot_unref(snapshot);
    net_close(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_those_of_the_logits),
        cmocka_unit_test(a_metric_is_its_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
