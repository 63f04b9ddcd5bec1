/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <time.h>

#include "lethe/cancel.h"

static double share(const struct lethe_watch *watch)
{
    return (double)atomic_load(&watch->done) / (double)atomic_load(&watch->total);
}

static void steps_speak_for_themselves_outside_of_spans(void **state)
{
    (void)state;
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    assert_int_equal(lethe_watch_step(&watch, "counting", 3, 7, NULL), LETHE_OK);
    assert_string_equal(atomic_load(&watch.stage), "counting");
    assert_int_equal(atomic_load(&watch.done), 3);
    assert_int_equal(atomic_load(&watch.total), 7);
    assert_int_equal(lethe_watch_step(NULL, "counting", 3, 7, NULL), LETHE_OK);
    lethe_watch_leave(NULL, lethe_watch_enter(NULL, "nothing", 0, 1));
}

/* Three parts, the second made of four: the bar goes one way under one name. */
static void nested_parts_go_one_way(void **state)
{
    (void)state;
    struct lethe_watch watch;
    double last = -1;
    lethe_watch_init(&watch);
    for (int k = 0; k < 3; k++) {
        const struct lethe_watch_span outside =
            lethe_watch_enter(&watch, "whole", k / 3., (k + 1) / 3.);
        for (int j = 0; j < 4; j++) {
            const struct lethe_watch_span part =
                lethe_watch_enter(&watch, "part", j / 4., (j + 1) / 4.);
            for (int i = 0; i <= 10; i++) {
                assert_int_equal(lethe_watch_step(&watch, "piece", i, 10, NULL), LETHE_OK);
                assert_int_equal(lethe_watch_step(&watch, "unknown", i, 0, NULL), LETHE_OK);
                assert_string_equal(atomic_load(&watch.stage), "whole");
                assert_true(share(&watch) >= last);
                last = share(&watch);
                const double expected = (k + (j + i / 10.) / 4.) / 3.;
                assert_true(fabs(last - expected) < 2e-3);
            }
            lethe_watch_leave(&watch, part);
        }
        lethe_watch_leave(&watch, outside);
    }
    assert_int_equal(lethe_watch_step(&watch, "after", 1, 2, NULL), LETHE_OK);
    assert_string_equal(atomic_load(&watch.stage), "after");
}

static void cancelling_reaches_into_spans(void **state)
{
    (void)state;
    struct lethe_watch watch;
    struct lethe_error err;
    lethe_watch_init(&watch);
    (void)lethe_watch_enter(&watch, "whole", 0, 1);
    lethe_watch_cancel(&watch);
    assert_int_equal(lethe_watch_step(&watch, "piece", 1, 2, &err), LETHE_ECANCEL);
    assert_string_equal(err.message, "cancelled while piece");
}

static void falls_are_shares_of_a_log_scale(void **state)
{
    (void)state;
    assert_true(fabs(lethe_watch_share_of_fall(1, 1e-3, 1e-6) - 0.5) < 1e-12);
    assert_true(fabs(lethe_watch_share_of_fall(100, 10, 1) - 0.5) < 1e-12);
    assert_true(lethe_watch_share_of_fall(1, 2, 1e-6) == 0);
    assert_true(lethe_watch_share_of_fall(1, 1e-9, 1e-6) == 1);
    assert_true(lethe_watch_share_of_fall(1e-7, 1e-8, 1e-6) == 0); /* there already */
    assert_true(lethe_watch_share_of_fall(1, NAN, 1e-6) == 0);
    assert_true(lethe_watch_share_of_fall(1, 0.1, 0) == 0);
}

static void what_is_left_is_told_once_there_is_something_to_tell_it_by(void **state)
{
    (void)state;
    struct lethe_watch watch;
    const struct timespec nap = {0, 350000000};
    lethe_watch_init(&watch);
    assert_true(isnan(lethe_watch_left(&watch)));
    lethe_watch_step(&watch, "counting", 0, 100, NULL);
    assert_true(isnan(lethe_watch_left(&watch)));
    nanosleep(&nap, NULL);
    lethe_watch_step(&watch, "counting", 1, 100, NULL);
    assert_true(isnan(lethe_watch_left(&watch))); /* too early */
    lethe_watch_step(&watch, "counting", 50, 100, NULL);
    const double half = lethe_watch_left(&watch); /* as long again as it took */
    assert_true(half >= 0.35 && half < 60);
    lethe_watch_step(&watch, "counting", 100, 100, NULL);
    assert_true(lethe_watch_left(&watch) == 0);
    lethe_watch_step(&watch, "other", 50, 100, NULL); /* another stage begins anew */
    assert_true(isnan(lethe_watch_left(&watch)));
    lethe_watch_step(&watch, "unknown", 5, 0, NULL);
    assert_true(isnan(lethe_watch_left(&watch)));
}

/* The second of two stages of one name is not told by how long the first one took. */
static void a_stage_that_starts_anew_has_a_beginning_of_its_own(void **state)
{
    (void)state;
    const struct timespec nap = {0, 350000000};
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    lethe_watch_step(&watch, "stage", 0, 10, NULL);
    nanosleep(&nap, NULL);
    lethe_watch_step(&watch, "stage", 5, 10, NULL);
    assert_true(lethe_watch_left(&watch) > 0.3);
    const long long before = atomic_load(&watch.begun);
    lethe_watch_step(&watch, "stage", 4, 10, NULL); /* what falls back a little goes on */
    assert_true(atomic_load(&watch.begun) == before);
    lethe_watch_step(&watch, "stage", 0, 10, NULL);
    assert_true(atomic_load(&watch.begun) > before);
    lethe_watch_step(&watch, "stage", 1, 10, NULL);
    assert_true(!(lethe_watch_left(&watch) > 3)); /* nine parts of what was before would be */
}

/* Between reports it is counted down; what is overdue is slowness. */
static void what_is_left_falls_between_reports(void **state)
{
    (void)state;
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    lethe_watch_step(&watch, "stage", 0, 10, NULL);
    lethe_watch_step(&watch, "stage", 1, 10, NULL);
    lethe_watch_step(&watch, "stage", 5, 10, NULL);
    const long long second = 1000000000, last = atomic_load(&watch.last);
    atomic_store(&watch.begun, last - 40 * second); /* as though 5 of 10 had taken 40 seconds */
    assert_int_equal(atomic_load(&watch.reports), 2);
    assert_true(fabs(lethe_watch_left(&watch) - 40) < 5);
    atomic_store(&watch.begun, last - 55 * second); /* and the last report were 15 of them old */
    atomic_store(&watch.last, last - 15 * second);
    assert_true(fabs(lethe_watch_left(&watch) - 25) < 5);
    atomic_store(&watch.begun, last - 100 * second); /* a report each 20 s, this one 40 s late */
    atomic_store(&watch.last, last - 60 * second);
    assert_true(fabs(lethe_watch_left(&watch) - (40 + 40 - 20)) < 5);
}

static void long_work_is_told_before_its_fiftieth_part(void **state)
{
    (void)state;
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    for (long i = 0; i <= 5; i++)
        lethe_watch_step(&watch, "stage", i, 1000, NULL);
    const long long last = atomic_load(&watch.last), second = 1000000000;
    atomic_store(&watch.begun, last - second);
    assert_true(isnan(lethe_watch_left(&watch)));
    atomic_store(&watch.begun, last - 5 * second);
    assert_true(fabs(lethe_watch_left(&watch) - 995) < 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_speak_for_themselves_outside_of_spans),
        cmocka_unit_test(nested_parts_go_one_way),
        cmocka_unit_test(cancelling_reaches_into_spans),
        cmocka_unit_test(falls_are_shares_of_a_log_scale),
        cmocka_unit_test(what_is_left_is_told_once_there_is_something_to_tell_it_by),
        cmocka_unit_test(a_stage_that_starts_anew_has_a_beginning_of_its_own),
        cmocka_unit_test(what_is_left_falls_between_reports),
        cmocka_unit_test(long_work_is_told_before_its_fiftieth_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
