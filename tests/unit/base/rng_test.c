/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "lethe/rng.h"

static void streams_depend_on_their_name_only(void **state)
{
    (void)state;
    struct lethe_rng a, b, c;
    lethe_rng_init(&a, 42, LETHE_RNG_TEST, 3, 5);
    lethe_rng_init(&b, 42, LETHE_RNG_TEST, 3, 5);
    lethe_rng_init(&c, 42, LETHE_RNG_TEST, 5, 3);
    int equal = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t x = lethe_rng_u64(&a);
        assert_int_equal(x, lethe_rng_u64(&b));
        equal += x == lethe_rng_u64(&c);
    }
    assert_int_equal(equal, 0);
}

static void philox_meets_its_known_answer(void **state)
{
    (void)state;
    struct lethe_rng zero = {.used = 4};
    assert_int_equal(lethe_rng_u32(&zero), 0x6627e8d5u);
    assert_int_equal(lethe_rng_u32(&zero), 0xe169c58du);
    assert_int_equal(lethe_rng_u32(&zero), 0xbc57ac4cu);
    assert_int_equal(lethe_rng_u32(&zero), 0x9b00dbd8u);
}

static void normals_have_mean_zero_and_variance_one(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 7, LETHE_RNG_TEST, 0, 0);
    double sum = 0, square = 0;
    const int n = 100000;
    for (int i = 0; i < n; i++) {
        double z = lethe_rng_normal(&rng);
        sum += z;
        square += z * z;
    }
    assert_true(fabs(sum / n) < 5 / sqrt(n));
    assert_true(fabs(square / n - 1) < 5 * sqrt(2.0 / n));
}

static void below_is_unbiased_and_in_range(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 9, LETHE_RNG_TEST, 0, 0);
    size_t seen[7] = {0};
    for (int i = 0; i < 70000; i++)
        seen[lethe_rng_below(&rng, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_true(seen[i] > 9500 && seen[i] < 10500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_depend_on_their_name_only),
        cmocka_unit_test(philox_meets_its_known_answer),
        cmocka_unit_test(normals_have_mean_zero_and_variance_one),
        cmocka_unit_test(below_is_unbiased_and_in_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
