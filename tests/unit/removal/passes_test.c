/* SPDX-License-Identifier: MIT
 * Passes after a step: F_R falls, many of them end where warm retraining does, the figures along
 * the path are those of the weights there, and stopping after k is the same as asking for k. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/cancel.h"
#include "removal/evaluation.h"
#include "removal/passes.h"
#include "removal/worker_problems.h"
#include "tests/support/stand.h"

enum { SAMPLES = 41, GONE = 3, MANY = 400 };
static const size_t gone[GONE] = {4, 11, 29};

struct fixture {
    struct net net;
    struct lethe_snapshot *snapshot;
    struct lethe_problem *forget, *retain;
    struct lethe_settings settings;
    double *w;
    size_t entries;
};

static struct fixture open_fixture(enum net_kind kind, uint64_t seed)
{
    struct lethe_worker_problems *worker;
    struct fixture f = {.net = net_open(kind, SAMPLES, seed)};
    f.snapshot = stand_open(&f.net, SAMPLES, gone, GONE);
    f.entries = lethe_graph_size(f.net.graph) + lethe_graph_buffers(f.net.graph);
    f.w = lethe_alloc(f.entries, sizeof *f.w);
    lethe_settings_init(&f.settings);
    assert_int_equal(lethe_snapshot_worker(&worker, f.snapshot, NULL), LETHE_OK);
    assert_int_equal(lethe_worker_problem(&f.forget, worker, f.snapshot, LETHE_SIDE_FORGET, NULL),
                     LETHE_OK);
    assert_int_equal(lethe_worker_problem(&f.retain, worker, f.snapshot, LETHE_SIDE_RETAIN, NULL),
                     LETHE_OK);
    return f;
}

static void close_fixture(struct fixture *f)
{
    lethe_free(f->w);
    lethe_snapshot_unref(f->snapshot);
    net_close(&f->net);
}

/* From the snapshot's own weights. */
static struct lethe_path *walk(struct fixture *f, size_t passes, struct lethe_watch *watch)
{
    struct lethe_path *path = NULL;
    memcpy(f->w, f->snapshot->w, f->entries * sizeof *f->w);
    assert_int_equal(
        lethe_passes_run(&path, f->w, f->snapshot, 0, passes, &f->settings, watch, NULL), LETHE_OK);
    return path;
}

static void the_objective_falls(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++) {
        struct fixture f = open_fixture((enum net_kind)kind, 3);
        struct lethe_path *path = walk(&f, 12, NULL);
        assert_int_equal(path->count, 13);
        assert_int_equal(path->stopped, 0);
        assert_true(path->evaluations >= 12);
        for (size_t k = 1; k < path->count; k++)
            assert_true(path->at[k].objective < path->at[k - 1].objective);
        lethe_path_unref(path);
        close_fixture(&f);
    }
}

static void many_are_warm_retraining(void **state)
{
    (void)state;
    struct fixture f = open_fixture(NET_PLAIN, 5);
    struct lethe_train_options options = lethe_retrain_defaults();
    struct lethe_train_report report;
    struct lethe_path *path = walk(&f, MANY, NULL);
    double *w = lethe_alloc(f.entries, sizeof *w), end[GONE * 8], retrained[GONE * 8];
    options.tolerance = 1e-9;
    memcpy(w, f.snapshot->w, f.entries * sizeof *w);
    assert_int_equal(lethe_retrain_warm(w, &report, f.retain, &options, NULL, NULL), LETHE_OK);
    assert_true(report.converged);
    assert_true(path->at[path->count - 1].gradient < 1e-8);
    assert_true(fabs(path->at[path->count - 1].objective - report.value) < 1e-10);
    assert_int_equal(lethe_problem_logits(f.forget, end, f.w, NULL, NULL), LETHE_OK);
    assert_int_equal(lethe_problem_logits(f.forget, retrained, w, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < GONE * path->classes; i++)
        assert_true(fabs(end[i] - retrained[i]) < 1e-4);
    lethe_free(w);
    lethe_path_unref(path);
    close_fixture(&f);
}

/* Of a row of figures, at the weights that so many passes end at. */
static void check_row(struct fixture *f, const struct lethe_path *path, size_t k)
{
    double logits[GONE * 8], value, loss = 0, largest = 0;
    const int *labels = lethe_problem_labels(f->forget);
    const size_t classes = path->classes;
    double *gradient = lethe_alloc(f->entries, sizeof *gradient);
    size_t right = 0;
    assert_int_equal(lethe_problem_logits(f->forget, logits, f->w, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < GONE; i++) {
        const double *z = logits + i * classes;
        double sum = 0;
        size_t top = 0;
        for (size_t c = 0; c < classes; c++) {
            sum += exp(z[c]);
            top = z[c] > z[top] ? c : top;
            assert_true(fabs(path->logits[(k * GONE + i) * classes + c] - z[c]) < 1e-12);
        }
        loss += (log(sum) - z[labels[i]]) / GONE;
        right += top == (size_t)labels[i];
    }
    assert_int_equal(lethe_problem_value(f->retain, &value, gradient, f->w, NULL, NULL), LETHE_OK);
    for (size_t i = 0; i < lethe_graph_size(f->net.graph); i++)
        largest = fmax(largest, fabs(gradient[i]));
    assert_true(fabs(path->at[k].forget_loss - loss) < 1e-10);
    assert_true(fabs(path->at[k].forget_accuracy - (double)right / GONE) < 1e-12);
    assert_true(fabs(path->at[k].objective - value) < 1e-12);
    assert_true(fabs(path->at[k].gradient - largest) < 1e-12);
    lethe_free(gradient);
}

static void figures_are_those_of_the_weights(void **state)
{
    (void)state;
    for (int kind = 0; kind < NET_KINDS; kind++) {
        struct fixture f = open_fixture((enum net_kind)kind, 11);
        struct lethe_path *whole = walk(&f, 6, NULL);
        check_row(&f, whole, 6);
        for (size_t k = 0; k < 6; k += 3) {
            struct lethe_path *part = walk(&f, k, NULL);
            assert_int_equal(part->count, k + 1);
            check_row(&f, part, k);
            check_row(&f, whole, k); /* the first passes do not depend on how many follow */
            lethe_path_unref(part);
        }
        lethe_path_unref(whole);
        close_fixture(&f);
    }
}

/* What was stopped is, to the bit, what asking for as many gives. */
static void check_stopped(struct fixture *f, const struct lethe_path *path)
{
    double *w = lethe_alloc(f->entries, sizeof *w);
    memcpy(w, f->w, f->entries * sizeof *w);
    struct lethe_path *asked = walk(f, path->count - 1, NULL);
    assert_int_equal(asked->count, path->count);
    assert_int_equal(asked->stopped, 0);
    assert_memory_equal(w, f->w, f->entries * sizeof *w);
    assert_memory_equal(asked->at, path->at, path->count * sizeof *path->at);
    assert_memory_equal(asked->logits, path->logits,
                        path->count * path->samples * path->classes * sizeof(double));
    lethe_path_unref(asked);
    lethe_free(w);
}

/* Somebody who has seen enough after `after` passes. */
struct impatient {
    struct lethe_snapshot *snapshot;
    struct lethe_watch *watch;
    size_t after;
    atomic_int over; /* the passes ended by themselves */
};

static void *stop_soon(void *arg)
{
    struct impatient *who = arg;
    for (size_t seen = 0; seen <= who->after && !atomic_load(&who->over);) {
        struct lethe_path *path = lethe_snapshot_walking(who->snapshot);
        seen = path ? path->count : 0;
        lethe_path_unref(path);
    }
    lethe_watch_stop(who->watch);
    return NULL;
}

static void stopped_is_as_if_no_more_had_been_asked_for(void **state)
{
    (void)state;
    struct fixture f = open_fixture(NET_PLAIN, 13);
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    lethe_watch_may_stop(&watch, LETHE_STOP_TAKEN | LETHE_STOP_GIVEN, 1);
    assert_int_equal(lethe_watch_stop(&watch), 1); /* before the first of them */
    struct lethe_path *path = walk(&f, MANY, &watch);
    assert_true(path->stopped && path->count == 1);
    check_stopped(&f, path);
    lethe_path_unref(path);
    for (size_t after = 1; after < 8; after++) { /* and while they are made */
        struct impatient who = {.snapshot = f.snapshot, .watch = &watch, .after = after};
        pthread_t thread;
        lethe_watch_init(&watch);
        lethe_watch_may_stop(&watch, LETHE_STOP_TAKEN, 1);
        assert_int_equal(pthread_create(&thread, NULL, stop_soon, &who), 0);
        path = walk(&f, MANY, &watch);
        atomic_store(&who.over, 1);
        assert_int_equal(pthread_join(thread, NULL), 0);
        if (path->stopped)
            check_stopped(&f, path);
        assert_null(lethe_snapshot_walking(f.snapshot));
        lethe_path_unref(path);
    }
    close_fixture(&f);
}

static void cancelled_they_leave_nothing(void **state)
{
    (void)state;
    struct fixture f = open_fixture(NET_PLAIN, 17);
    struct lethe_watch watch;
    struct lethe_path *path = NULL;
    lethe_watch_init(&watch);
    assert_int_equal(lethe_watch_stop(&watch), 0); /* nothing that could end early */
    lethe_watch_cancel(&watch);
    memcpy(f.w, f.snapshot->w, f.entries * sizeof *f.w);
    assert_int_equal(lethe_passes_run(&path, f.w, f.snapshot, 0, 5, &f.settings, &watch, NULL),
                     LETHE_ECANCEL);
    assert_null(path);
    assert_null(lethe_snapshot_walking(f.snapshot));
    close_fixture(&f);
}

static void a_path_keeps_to_its_memory(void **state)
{
    (void)state;
    struct lethe_path *path = NULL;
    const struct lethe_path_point pass = {.objective = 1};
    double logits[4] = {0};
    assert_int_equal(lethe_path_new(&path, 1000, 1000000, 100, NULL), LETHE_OK);
    assert_true(path->samples >= 1 && path->samples * 1001 * 100 * sizeof(double) <= 64 << 20);
    lethe_path_unref(path);
    assert_int_equal(lethe_path_new(&path, 1, 2, 2, NULL), LETHE_OK);
    for (int k = 0; k < 5; k++)
        lethe_path_add(path, &pass, logits);
    assert_int_equal(path->count, 2);
    lethe_path_unref(path);
    for (long calls = 0; calls < 3; calls++) {
        struct lethe_error err = {0};
        lethe_alloc_fail_after(calls);
        assert_int_equal(lethe_path_new(&path, 3, 2, 2, &err), LETHE_ENOMEM);
        lethe_alloc_fail_after(-1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_objective_falls),
        cmocka_unit_test(many_are_warm_retraining),
        cmocka_unit_test(figures_are_those_of_the_weights),
        cmocka_unit_test(stopped_is_as_if_no_more_had_been_asked_for),
        cmocka_unit_test(cancelled_they_leave_nothing),
        cmocka_unit_test(a_path_keeps_to_its_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
