/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ui/term/probe.h"

static struct lethe_terminal_facts good(void)
{
    return (struct lethe_terminal_facts){"xterm-256color", "UTF-8", 1, 1, 1, 256, 0};
}

static void each_lack_is_named(void **state)
{
    (void)state;
    struct lethe_terminal_facts facts = good();
    assert_null(lethe_probe_refusal(&facts));
    facts.addressable = 0;
    assert_non_null(strstr(lethe_probe_refusal(&facts), "cursor"));
    facts.known = 0;
    assert_non_null(strstr(lethe_probe_refusal(&facts), "does not know"));
    facts.term = NULL;
    assert_non_null(strstr(lethe_probe_refusal(&facts), "TERM is not set"));
    facts.is_terminal = 0;
    assert_non_null(strstr(lethe_probe_refusal(&facts), "needs a terminal"));
}

static void colours_and_charset_fall_back_in_steps(void **state)
{
    (void)state;
    struct lethe_terminal_facts facts = good();
    struct lethe_display display = lethe_probe_display(&facts);
    assert_true(display.charset == LETHE_BRAILLE && display.colours == 256);
    facts.colours = 88;
    assert_int_equal(lethe_probe_display(&facts).colours, 8);
    facts.colours = -1;
    assert_int_equal(lethe_probe_display(&facts).colours, 0);
    facts.colours = 256;
    facts.no_color = 1;
    assert_int_equal(lethe_probe_display(&facts).colours, 0);
    facts.term = "linux";
    assert_int_equal(lethe_probe_display(&facts).charset, LETHE_BLOCKS);
    facts.codeset = "ANSI_X3.4-1968";
    assert_int_equal(lethe_probe_display(&facts).charset, LETHE_ASCII);
}

static void sixel_is_a_4_among_the_attributes(void **state)
{
    (void)state;
    assert_true(lethe_probe_sixel("\033[?62;4;22c"));
    assert_true(lethe_probe_sixel("\033[?63;1;2;4c"));
    assert_false(lethe_probe_sixel("\033[?4c")); /* a class, not an attribute */
    assert_false(lethe_probe_sixel("\033[?62;14;44c"));
    assert_false(lethe_probe_sixel("\033[?1;2c"));
    assert_false(lethe_probe_sixel(""));
    assert_false(lethe_probe_sixel(";4c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sixel_is_a_4_among_the_attributes),
                                       cmocka_unit_test(each_lack_is_named),
                                       cmocka_unit_test(colours_and_charset_fall_back_in_steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
