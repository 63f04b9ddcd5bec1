/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "removal/damping.h"

static void auto_follows_the_recipe(void **state)
{
    (void)state;
    struct lethe_snapshot snapshot = {
        .warm = lethe_train_defaults(LETHE_TRAIN_SGD), .trained_on = 1003, .forget = {NULL, 3}};
    struct lethe_settings settings;
    lethe_settings_init(&settings);
    assert_true(lethe_damping_is_auto(&settings));
    const double time = lethe_train_time(&snapshot.warm, 1000);
    assert_true(time > 0 && lethe_damping_of(&settings, &snapshot) == 1 / time);
    snapshot.trained_on = 2003; /* twice the steps */
    assert_true(fabs(lethe_damping_of(&settings, &snapshot) * time - 0.5) < 0.02);
    snapshot.warm = lethe_train_defaults(LETHE_TRAIN_LBFGS); /* goes on to a minimum */
    assert_true(lethe_damping_of(&settings, &snapshot) == 0);
    snapshot.warm = lethe_train_defaults(LETHE_TRAIN_ADAM);
    assert_true(lethe_damping_of(&settings, &snapshot) == 0);
}

static void a_number_is_itself(void **state)
{
    (void)state;
    const struct lethe_snapshot snapshot = {.warm = lethe_train_defaults(LETHE_TRAIN_SGD),
                                            .trained_on = 1000};
    struct lethe_settings settings;
    lethe_settings_init(&settings);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_DAMPING, "1e-3", NULL), LETHE_OK);
    assert_false(lethe_damping_is_auto(&settings));
    assert_true(lethe_damping_of(&settings, &snapshot) == 1e-3);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_DAMPING, "auto", NULL), LETHE_OK);
    assert_true(lethe_damping_is_auto(&settings));
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_DAMPING, "automatic", NULL),
                     LETHE_EARG);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_DAMPING, "-1", NULL), LETHE_EARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_follows_the_recipe),
        cmocka_unit_test(a_number_is_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
