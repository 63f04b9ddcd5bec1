/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/promise.h"

static void promises_are_judged_by_nineteen_of_twenty(void **state)
{
    (void)state;
    double times[20];
    for (int k = 0; k < 20; k++)
        times[k] = 20 - k; /* 1 to 20, not in order */
    assert_true(promise_point(times, 20, 0.5) == 10);
    assert_true(promise_point(times, 20, 0.95) == 19);
    assert_true(promise_kept(times, 20, 19));
    assert_false(promise_kept(times, 20, 18.9)); /* the median alone would keep it */
    times[19] = 1e9;                             /* one of twenty may take any time */
    assert_true(promise_kept(times, 20, 19));
    times[18] = 1e9; /* two may not */
    assert_false(promise_kept(times, 20, 19));
}

static void of_few_the_worst_counts(void **state)
{
    (void)state;
    double times[] = {3, 1, 2};
    assert_true(promise_point(times, 3, 0.95) == 3);
    assert_true(promise_point(times, 1, 0.5) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(promises_are_judged_by_nineteen_of_twenty),
        cmocka_unit_test(of_few_the_worst_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
