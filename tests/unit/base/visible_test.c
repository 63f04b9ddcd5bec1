/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "lethe/rng.h"

static void shows(const char *text, const char *keep, const char *expected)
{
    struct lethe_text out = {0};
    lethe_text_add_visible(&out, text, keep);
    assert_string_equal(lethe_text_get(&out), expected);
    lethe_text_release(&out);
}

static void what_has_a_shape_stays(void **state)
{
    (void)state;
    const char *plain =
        "fc1[3] 7 \\ \"q\" größer ≤ ÷ 漢字 \xf0\x9f\x98\x80 \xe2\x80\x8d\xe2\x80\x8c";
    shows(plain, "", plain);
    shows("", "", "");
    assert_true(lethe_visible_as_is(plain));
}

static void the_rest_is_escaped(void **state)
{
    (void)state;
    shows("a\nb\tc\rd", "", "a\\nb\\tc\\rd");
    shows("a\nb\tc", "\n", "a\nb\\tc");
    shows("\033]0;owned\007", "", "\\x1b]0;owned\\x07");
    shows("\x7f", "", "\\x7f");
    shows("\xc2\x9b"
          "31m",
          "", "\\u009b31m"); /* CSI of the second set */
    shows("\x9b"
          "31m",
          "", "\\x9b31m"); /* the same as a byte alone */
    shows("abc\xe2\x80\xae"
          "def",
          "", "abc\\u202edef"); /* right to left */
    shows("\xe2\x81\xa6\xd8\x9c\xef\xbb\xbf", "", "\\u2066\\u061c\\ufeff");
    shows("\xf3\xa0\x81\x81", "", "\\U000e0041"); /* a tag */
    shows("\xe2\x80", "", "\\xe2\\x80");          /* cut */
    shows("\xc0\x9b", "", "\\xc0\\x9b");          /* overlong */
    shows("\xed\xa0\x80", "", "\\xed\\xa0\\x80"); /* a surrogate */
    shows("\xf4\x90\x80\x80", "", "\\xf4\\x90\\x80\\x80");
    assert_false(lethe_visible_as_is("a\033"));
    assert_false(lethe_visible_as_is("\xff"));
}

/* What a terminal obeys or hides, found by bytes alone: the obvious reference. */
static int is_dangerous(const char *text)
{
    static const char *const bad[] = {
        "\xd8\x9c",     "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xaa", "\xe2\x80\xab",
        "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa7",
        "\xe2\x81\xa8", "\xe2\x81\xa9", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\x8b",
    };
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        if (strstr(text, bad[k]))
            return 1;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
            return 1;
    return 0;
}

/* Bytes that meet often: lead bytes, continuations, escapes, letters. */
static char some_byte(struct lethe_rng *rng)
{
    static const unsigned char often[] = {0x1b, '[',  ']',  0xc2, 0x9b, 0xe2, 0x80,
                                          0xae, 0x81, 0xa6, 0xf3, 0xa0, 0xf0, 0x9f,
                                          0xd8, 0x9c, 'a',  '"',  '\\'};
    const uint32_t draw = lethe_rng_u32(rng);
    return (char)(draw & 1 ? often[(draw >> 8) % sizeof often] : 1 + (draw >> 8) % 255);
}

/* As a library writes it, which escapes only what JSON must have. */
static void a_page_brings_it_back(const char *text)
{
    struct lethe_text page = {0};
    cJSON *node = cJSON_CreateString(text);
    char *made = cJSON_Print(node);
    lethe_text_add_json_page(&page, made);
    assert_false(is_dangerous(lethe_text_get(&page)));
    cJSON *back = cJSON_ParseWithOpts(lethe_text_get(&page), NULL, 1);
    assert_non_null(back);
    if (!strstr(back->valuestring, "\xef\xbf\xbd"))
        assert_string_equal(back->valuestring, text);
    cJSON_Delete(back);
    cJSON_Delete(node);
    free(made);
    lethe_text_release(&page);
}

static void random_bytes_are_harmless_and_json_brings_them_back(void **state)
{
    (void)state;
    struct lethe_rng rng;
    lethe_rng_init(&rng, 7, LETHE_RNG_TEST, 1, 0);
    for (int run = 0; run < 20000; run++) {
        char text[24];
        const size_t length = lethe_rng_u32(&rng) % (sizeof text - 1);
        for (size_t k = 0; k < length; k++)
            text[k] = some_byte(&rng);
        text[length] = '\0';
        struct lethe_text shown = {0}, json = {0}, again = {0};
        lethe_text_add_visible(&shown, text, "");
        assert_false(is_dangerous(lethe_text_get(&shown)));
        assert_true(lethe_visible_as_is(lethe_text_get(&shown)));
        lethe_text_add_visible(&again, lethe_text_get(&shown), "");
        assert_string_equal(lethe_text_get(&again), lethe_text_get(&shown));
        assert_int_equal(lethe_visible_as_is(text), strcmp(text, lethe_text_get(&shown)) == 0);
        lethe_text_add(&json, "\"");
        lethe_text_add_json(&json, text);
        lethe_text_add(&json, "\"");
        assert_false(is_dangerous(lethe_text_get(&json)));
        cJSON *back = cJSON_ParseWithOpts(lethe_text_get(&json), NULL, 1);
        assert_non_null(back);
        if (!strstr(back->valuestring, "\xef\xbf\xbd"))
            assert_string_equal(back->valuestring, text);
        cJSON_Delete(back);
        a_page_brings_it_back(text);
        lethe_text_release(&shown);
        lethe_text_release(&json);
        lethe_text_release(&again);
    }
}

static void what_is_shown_means_the_text(void **state)
{
    (void)state;
    assert_true(lethe_visible_means("a\x1b[1mb", "a\x1b[1mb", 6));
    assert_true(lethe_visible_means("a\x1b[1mb", "a\\x1b[1mb", 9));
    assert_true(lethe_visible_means("plain", "plain,", 5));
    assert_false(lethe_visible_means("plain", "plain,", 6));
    assert_false(lethe_visible_means("a\x1b", "a\\x1", 4));
    assert_false(lethe_visible_means("a\x1b", "a\\x1bc", 6));
    assert_false(lethe_visible_means("ab", "a", 1));
    assert_true(lethe_visible_means("", "", 0));
}

static void cutting_keeps_characters_whole(void **state)
{
    (void)state;
    assert_int_equal(lethe_visible_fit("abc", 5), 3);
    assert_int_equal(lethe_visible_fit("abc", 2), 2);
    assert_int_equal(lethe_visible_fit("a\u00e9", 2), 1);
    assert_int_equal(lethe_visible_fit("a\u00e9", 3), 3);
    assert_int_equal(lethe_visible_fit("\u20ac\u20ac", 5), 3);
    assert_int_equal(lethe_visible_fit("\u20ac", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_a_shape_stays),
        cmocka_unit_test(the_rest_is_escaped),
        cmocka_unit_test(cutting_keeps_characters_whole),
        cmocka_unit_test(what_is_shown_means_the_text),
        cmocka_unit_test(random_bytes_are_harmless_and_json_brings_them_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
