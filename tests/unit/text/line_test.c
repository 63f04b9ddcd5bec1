/* SPDX-License-Identifier: MIT
 * The tokenizer: separators, quotes, comments, background, what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "text/line.h"

static void expect(const char *text, const char *joined, int background)
{
    struct lethe_line line;
    struct lethe_error err;
    char got[256] = "";
    const char *cursor = text;
    assert_int_equal(lethe_line_next(&line, &cursor, &err), LETHE_OK);
    for (size_t i = 0; i < line.count; i++) {
        strcat(got, i ? "|" : "");
        strcat(got, line.words[i]);
    }
    assert_string_equal(got, joined);
    assert_int_equal(line.background, background);
    lethe_line_release(&line);
}

static void splits_words(void **state)
{
    (void)state;
    expect("  forget add  3,9,12-40\t", "forget|add|3,9,12-40", 0);
    expect("commit 'two words' \"and \\\"quoted\\\"\"", "commit|two words|and \"quoted\"", 0);
    expect("data a' 'b.csv", "data|a b.csv", 0);
    expect("set x '' # comment ; more", "set|x|", 0);
    expect("a#b", "a#b", 0);
    expect("retrain cold k=5 &", "retrain|cold|k=5", 1);
    expect("commit a&b", "commit|a&b", 0);
    expect("# only\n;;\n  # this\n", "", 0);
}

static void keeps_the_source(void **state)
{
    (void)state;
    struct lethe_line line;
    const char *cursor = " preview  &  # now ; x\nundo; redo";
    const char *expected[] = {"preview", "undo", "redo"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(lethe_line_next(&line, &cursor, NULL), LETHE_OK);
        assert_string_equal(line.source, expected[i]);
        lethe_line_release(&line);
    }
    assert_int_equal(lethe_line_next(&line, &cursor, NULL), LETHE_OK);
    assert_int_equal(line.count, 0);
}

static void refuses(void **state)
{
    (void)state;
    const char *wrong[] = {"commit 'open", "commit \"open\n'", "& x", "a & b"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct lethe_line line;
        struct lethe_error err = {0};
        const char *cursor = wrong[i];
        assert_int_equal(lethe_line_next(&line, &cursor, &err), LETHE_EARG);
        assert_true(err.message[0] != '\0');
        assert_null(line.store);
        assert_true(cursor > wrong[i]);
    }
}

static void refuses_too_many_words(void **state)
{
    (void)state;
    char text[3 * LETHE_LINE_WORDS + 8] = "";
    for (size_t i = 0; i <= LETHE_LINE_WORDS; i++)
        strcat(text, "w ");
    struct lethe_line line;
    const char *cursor = text;
    assert_int_equal(lethe_line_next(&line, &cursor, NULL), LETHE_EARG);
}

static void finds_the_last_command(void **state)
{
    (void)state;
    assert_string_equal(lethe_line_last("undo; for"), "for");
    assert_string_equal(lethe_line_last("commit 'a;b' x"), "commit 'a;b' x");
    assert_string_equal(lethe_line_last("a;b; "), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_words),
        cmocka_unit_test(keeps_the_source),
        cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_too_many_words),
        cmocka_unit_test(finds_the_last_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
