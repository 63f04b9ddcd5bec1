/* SPDX-License-Identifier: MIT
 * Arguments: values that are taken, and the message for each kind of wrong one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include "base/alloc.h"
#include "removal/settings.h"
#include "text/args.h"
#include "text/nearest.h"

static const struct lethe_arg_spec specs[] = {
    {.name = "ACTION",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "add|remove|clear"},
    {.name = "WORDS", .kind = LETHE_ARG_TEXT, .flags = LETHE_ARG_REST},
    {.name = "max", .kind = LETHE_ARG_INT, .flags = LETHE_ARG_KEYED, .min = 1, .max = 64},
    {.name = "sigma",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED | LETHE_ARG_OPEN,
     .max = INFINITY},
    {.name = "input", .kind = LETHE_ARG_PATH, .flags = LETHE_ARG_KEYED | LETHE_ARG_MANY},
};

static enum lethe_err parse(struct lethe_args *args, const char **words, size_t count,
                            struct lethe_error *err)
{
    return lethe_args_parse(args, "try", specs, 5, (char *const *)(uintptr_t)words, count, err);
}

static void takes_values(void **state)
{
    (void)state;
    struct lethe_args args;
    const char *words[] = {"max=9", "remove", "input=a", "sigma=2.5e-1", "input=b", "two", "words"};
    assert_int_equal(parse(&args, words, 7, NULL), LETHE_OK);
    assert_int_equal(lethe_args_choice(&args, "ACTION", 9), 1);
    assert_int_equal(lethe_args_count(&args, "max", 1), 9);
    assert_true(lethe_args_real(&args, "sigma", 0) == 0.25);
    assert_string_equal(lethe_args_text(&args, "WORDS", ""), "two words");
    assert_int_equal(lethe_args_get(&args, "input")->count, 2);
    assert_string_equal(lethe_args_get(&args, "input")->more[1], "b");
    lethe_args_release(&args);
}

static void expect_message(const char *a, const char *b, const char *part)
{
    struct lethe_args args;
    struct lethe_error err = {0};
    const char *words[] = {a, b};
    assert_int_equal(parse(&args, words, a ? (b ? 2 : 1) : 0, &err), LETHE_EARG);
    if (!strstr(err.message, part))
        fail_msg("'%s' does not say '%s'", err.message, part);
}

static void says_what_is_allowed(void **state)
{
    (void)state;
    expect_message(NULL, NULL, "'try' needs add, remove or clear");
    expect_message("romove", NULL, "did you mean 'remove'?");
    expect_message("zzzzzz", NULL, "must be add, remove or clear, not 'zzzzzz'");
    expect_message("add", "max=0", "a whole number from 1 to 64, not '0'");
    expect_message("add", "max=1.5", "not '1.5'");
    expect_message("add", "max=99999999999999999999", "not '99999999999999999999'");
    expect_message("add", "sigma=0", "a number > 0, not '0'");
    expect_message("add", "sigma=nan", "not 'nan'");
    expect_message("add", "sigma=1x", "not '1x'");
    expect_message("max=2", "max=3", "given twice");
    expect_message("mux=2", NULL, "did you mean 'max='?");
    expect_message("input=", NULL, "input is empty");
}

static void survives_lack_of_memory(void **state)
{
    (void)state;
    struct lethe_args args;
    const char *words[] = {"add", "a", "b"};
    lethe_alloc_fail_after(0);
    enum lethe_err code = parse(&args, words, 3, NULL);
    lethe_alloc_fail_after(-1);
    assert_int_equal(code, LETHE_ENOMEM);
}

static void measures_distance(void **state)
{
    (void)state;
    assert_int_equal(lethe_nearest_distance("comit", "commit"), 1);
    assert_int_equal(lethe_nearest_distance("udno", "undo"), 1);
    assert_int_equal(lethe_nearest_distance("", "undo"), 4);
    assert_int_equal(lethe_nearest_distance("kitten", "sitting"), 3);
    assert_int_equal(lethe_nearest_distance("UNDO", "undo"), 0);
}

static void keeps_settings_on_refusal(void **state)
{
    (void)state;
    struct lethe_settings settings;
    struct lethe_error err;
    lethe_settings_init(&settings);
    assert_true(isnan(lethe_settings_real(&settings, LETHE_SET_WEIGHT_DECAY)));
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_DAMPING, "1e-3", &err), LETHE_OK);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_DAMPING, "-1", &err), LETHE_EARG);
    assert_true(lethe_settings_real(&settings, LETHE_SET_DAMPING) == 1e-3);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_BLANKET, "some", &err), LETHE_EARG);
    assert_int_equal(lethe_settings_put(&settings, LETHE_SET_BLANKET, "all", &err), LETHE_OK);
}

static void every_default_is_allowed(void **state)
{
    (void)state;
    struct lethe_settings settings;
    struct lethe_error err = {0};
    lethe_settings_init(&settings);
    for (int k = 0; k < LETHE_SET_COUNT; k++) {
        const struct lethe_setting_row *row = lethe_setting_row((enum lethe_setting)k);
        enum lethe_setting found;
        assert_int_equal(lethe_setting_find(&found, row->spec.name, NULL), LETHE_OK);
        assert_int_equal((int)found, k);
        if (row->fallback[0])
            assert_int_equal(
                lethe_settings_put(&settings, (enum lethe_setting)k, row->fallback, &err),
                LETHE_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_values),
        cmocka_unit_test(says_what_is_allowed),
        cmocka_unit_test(survives_lack_of_memory),
        cmocka_unit_test(measures_distance),
        cmocka_unit_test(keeps_settings_on_refusal),
        cmocka_unit_test(every_default_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
