/* SPDX-License-Identifier: MIT
 * Sets of samples against the definition, and the settings: every row keeps its own default. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "removal/ids.h"
#include "removal/settings.h"

enum { MOST = 60 };

static size_t draw(size_t *ids, struct lethe_rng *rng, unsigned char *in)
{
    size_t count = 0;
    const uint64_t one_in = 1 + lethe_rng_below(rng, 5);
    for (size_t i = 0; i < MOST; i++) {
        in[i] = lethe_rng_below(rng, one_in) == 0;
        if (in[i])
            ids[count++] = i;
    }
    return count;
}

static void sets_are_what_they_say(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 3, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 3000; round++) {
        size_t at[3][MOST];
        unsigned char in[3][MOST];
        struct lethe_ids sets[3], left = {0};
        for (int s = 0; s < 3; s++)
            sets[s] = (struct lethe_ids){at[s], draw(at[s], &rng, in[s])};
        const int of_all = round % 2;
        assert_int_equal(lethe_ids_without(&left, MOST, of_all ? NULL : &sets[2], sets, NULL),
                         LETHE_OK);
        for (size_t i = 0, k = 0; i < MOST; i++) {
            const int expected = (of_all || in[2][i]) && !in[0][i] && !in[1][i];
            assert_int_equal(lethe_ids_has(&sets[0], i), in[0][i]);
            if (expected)
                assert_int_equal(left.at[k++], i);
            assert_true(i + 1 < MOST || k == left.count);
        }
        lethe_free(left.at);
    }
}

/* Reads "3,9,12-40" again. */
static void the_text_of_a_set_is_read_back(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 4, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 2000; round++) {
        size_t at[MOST], n = 0;
        unsigned char in[MOST];
        const struct lethe_ids set = {at, draw(at, &rng, in)};
        char *text = lethe_ids_text(&set), *place = text;
        while (*place) {
            size_t first = strtoul(place, &place, 10), last = first;
            if (*place == '-')
                last = strtoul(place + 1, &place, 10);
            assert_true(last == first || last >= first + 2);
            for (; first <= last; first++)
                assert_int_equal(first, at[n++]);
            place += *place == ',';
        }
        assert_int_equal(n, set.count);
        lethe_free(text);
    }
}

static void every_setting_keeps_its_default_and_refuses_nonsense(void **state)
{
    (void)state;
    struct lethe_settings settings, as_new;
    lethe_settings_init(&settings);
    as_new = settings;
    for (int k = 0; k < LETHE_SET_COUNT; k++) {
        const enum lethe_setting key = (enum lethe_setting)k;
        const struct lethe_setting_row *row = lethe_setting_row(key);
        enum lethe_setting found = LETHE_SET_COUNT;
        struct lethe_error err = {0};
        assert_non_null(row->spec.name);
        assert_true(row->spec.help && row->spec.help[0]);
        assert_int_equal(lethe_setting_find(&found, row->spec.name, NULL), LETHE_OK);
        assert_int_equal(found, key);
        assert_string_equal(settings.text[k], row->fallback);
        if (row->fallback[0])
            assert_int_equal(lethe_settings_put(&settings, key, row->fallback, &err), LETHE_OK);
        if (row->spec.kind != LETHE_ARG_TEXT)
            assert_int_equal(lethe_settings_put(&settings, key, "no such thing", &err), LETHE_EARG);
        assert_string_equal(settings.text[k], row->fallback);
        assert_int_equal(lethe_settings_stale(&as_new, &settings), 0);
        assert_int_equal(row->parts & ~(unsigned)LETHE_PART_ALL, 0);
    }
}

static void a_change_says_what_it_makes_invalid(void **state)
{
    (void)state;
    static const struct {
        enum lethe_setting key;
        const char *value;
        unsigned gone, stays;
    } cases[] = {
        {LETHE_SET_DAMPING, "0.5", LETHE_PART_STEP, LETHE_PART_SELECTION | LETHE_PART_CURVATURE},
        {LETHE_SET_CURVATURE, "hessian", LETHE_PART_CURVATURE | LETHE_PART_STEP,
         LETHE_PART_SELECTION | LETHE_PART_RETRAIN},
        {LETHE_SET_PERTURB_SIGMA, "0.3", LETHE_PART_SELECTION, LETHE_PART_RETRAIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lethe_settings a, b;
        lethe_settings_init(&a);
        lethe_settings_init(&b);
        assert_int_equal(lethe_settings_put(&b, cases[i].key, cases[i].value, NULL), LETHE_OK);
        const unsigned stale = lethe_settings_stale(&a, &b);
        assert_int_equal(stale & cases[i].gone, cases[i].gone);
        assert_int_equal(stale & cases[i].stays, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_what_they_say),
        cmocka_unit_test(the_text_of_a_set_is_read_back),
        cmocka_unit_test(every_setting_keeps_its_default_and_refuses_nonsense),
        cmocka_unit_test(a_change_says_what_it_makes_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
