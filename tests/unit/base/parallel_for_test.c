/* SPDX-License-Identifier: MIT
 * Teams: every item once, whatever the threads; failures, cancelling, and others who help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>
#include "base/alloc.h"
#include "base/parallel_for.h"

enum { ITEMS = 200 };

struct world {
    atomic_int times[ITEMS];
    size_t bad, worse; /* items that fail */
    struct lethe_watch *outer;
    size_t cancel_at;
    size_t given[2], waiting; /* to somebody else */
    int helped;
};

static enum lethe_err run(void *arg, size_t item, struct lethe_watch *watch,
                          struct lethe_error *err)
{
    struct world *w = arg;
    atomic_fetch_add(&w->times[item], 1);
    if (item == w->bad || item == w->worse)
        return lethe_fail(err, LETHE_ENUM, "item %zu fails", item);
    if (item == w->cancel_at) {
        lethe_watch_cancel(w->outer);
        enum lethe_err code = LETHE_OK;
        while (!code) /* goes on until it is told to stop */
            code = lethe_watch_step(watch, "waiting", 0, 0, err);
        return code;
    }
    return LETHE_OK;
}

static size_t help(void *arg, struct lethe_parallel_run *team, int cancelled)
{
    struct world *w = arg;
    (void)cancelled;
    while (w->waiting) {
        size_t item = w->given[--w->waiting];
        atomic_fetch_add(&w->times[item], 1);
        w->helped++;
        lethe_parallel_done(team, item, LETHE_OK, NULL);
    }
    while (w->waiting < 2 && lethe_parallel_take(team, &w->given[w->waiting]))
        w->waiting++;
    return w->waiting;
}

static void begin(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->bad = w->worse = w->cancel_at = SIZE_MAX;
}

static void every_item_is_done_once(void **state)
{
    (void)state;
    for (unsigned threads = 0; threads < 5; threads++)
        for (int others = 0; others < 2; others++) {
            struct world w;
            begin(&w);
            const struct lethe_parallel_for team = {.count = ITEMS,
                                                    .threads = threads,
                                                    .stage = "testing",
                                                    .run = run,
                                                    .elsewhere = others ? help : NULL,
                                                    .arg = &w};
            assert_int_equal(lethe_parallel_for_run(&team, NULL, NULL), LETHE_OK);
            for (size_t i = 0; i < ITEMS; i++)
                assert_int_equal(atomic_load(&w.times[i]), 1);
            assert_true(w.helped <= ITEMS);
        }
    const struct lethe_parallel_for none = {.stage = "testing", .run = run};
    assert_int_equal(lethe_parallel_for_run(&none, NULL, NULL), LETHE_OK);
}

static void the_first_failure_is_told(void **state)
{
    (void)state;
    struct world w;
    struct lethe_error err = {0};
    begin(&w);
    w.bad = 7;
    w.worse = 8;
    const struct lethe_parallel_for team = {
        .count = ITEMS, .threads = 1, .stage = "testing", .run = run, .arg = &w};
    assert_int_equal(lethe_parallel_for_run(&team, NULL, &err), LETHE_ENUM);
    assert_string_equal(err.message, "item 7 fails");
    assert_int_equal(atomic_load(&w.times[8]), 0); /* nobody began another one */
}

static void cancelling_reaches_the_items(void **state)
{
    (void)state;
    struct world w;
    struct lethe_watch watch;
    struct lethe_error err = {0};
    begin(&w);
    lethe_watch_init(&watch);
    w.outer = &watch;
    w.cancel_at = 3;
    const struct lethe_parallel_for team = {
        .count = ITEMS, .threads = 2, .stage = "testing", .run = run, .arg = &w};
    assert_int_equal(lethe_parallel_for_run(&team, &watch, &err), LETHE_ECANCEL);
    assert_string_equal(err.message, "cancelled while testing");
}

/* Two items of two stages, on one thread: the first stage says nothing of the whole. */
static enum lethe_err run_in_parts(void *arg, size_t item, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    const struct timespec nap = {0, 20000000};
    struct lethe_watch *outer = arg;
    for (int i = 0; i <= 4; i++) {
        lethe_watch_step(watch, "looking", i, 4, err);
        nanosleep(&nap, NULL);
        assert_true(atomic_load(&outer->done) == (long)(1000 * item));
    }
    for (int i = 0; i <= 4; i++) {
        const struct lethe_watch_span outside =
            lethe_watch_enter(watch, "training", i / 4., i / 4.);
        const long from = 1000 * (long)item + 250 * i;
        for (int look = 0; look < 500 && atomic_load(&outer->done) < from; look++)
            nanosleep(&nap, NULL);
        assert_true(atomic_load(&outer->done) == from);
        assert_true(atomic_load(&outer->total) == 2000);
        lethe_watch_leave(watch, outside);
    }
    return LETHE_OK;
}

static void parts_of_items_count(void **state)
{
    (void)state;
    struct lethe_watch watch;
    lethe_watch_init(&watch);
    const struct lethe_parallel_for team = {.count = 2,
                                            .threads = 1,
                                            .stage = "testing",
                                            .within = "training",
                                            .run = run_in_parts,
                                            .arg = &watch};
    assert_int_equal(lethe_parallel_for_run(&team, &watch, NULL), LETHE_OK);
    assert_string_equal(lethe_watch_stage(&watch, ""), "testing");
}

static void memory_failures_are_reported(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    const struct lethe_parallel_for team = {
        .count = 3, .threads = 1, .stage = "testing", .run = run, .arg = &w};
    for (long n = 0; n < 3; n++) {
        lethe_alloc_fail_after(n);
        assert_int_equal(lethe_parallel_for_run(&team, NULL, NULL), LETHE_ENOMEM);
        lethe_alloc_fail_after(-1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_done_once),      cmocka_unit_test(the_first_failure_is_told),
        cmocka_unit_test(cancelling_reaches_the_items), cmocka_unit_test(parts_of_items_count),
        cmocka_unit_test(memory_failures_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
