/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "ui/term/canvas.h"
#include "ui/term/glyph.h"

static struct lethe_canvas make(int rows, int cols, enum lethe_charset charset, int colours)
{
    struct lethe_canvas canvas;
    assert_int_equal(
        lethe_canvas_init(&canvas, rows, cols, (struct lethe_display){charset, colours}, NULL), 0);
    return canvas;
}

static void expect(struct lethe_canvas *canvas, const char *text)
{
    char *shown = lethe_canvas_text(canvas);
    assert_string_equal(shown, text);
    lethe_free(shown);
    lethe_canvas_release(canvas);
}

static void text_is_cut_at_the_area(void **state)
{
    (void)state;
    struct lethe_canvas canvas = make(3, 10, LETHE_BRAILLE, 0);
    struct lethe_area part = lethe_area_part(lethe_area_all(&canvas), 1, 2, 1, 5);
    assert_int_equal(lethe_draw_text(part, 0, 0, LETHE_INK_TEXT, "abcdefgh"), 5);
    lethe_draw_text(part, 1, 0, LETHE_INK_TEXT, "below");
    lethe_draw_text(part, -1, 0, LETHE_INK_TEXT, "above");
    expect(&canvas, "\n  abcde\n\n");
}

static void long_text_ends_in_an_ellipsis(void **state)
{
    (void)state;
    struct lethe_canvas canvas = make(2, 12, LETHE_BRAILLE, 0);
    struct lethe_area all = lethe_area_all(&canvas);
    assert_int_equal(lethe_draw_fit(all, 0, 1, 6, LETHE_INK_TEXT, "digits-mlp"), 7);
    assert_int_equal(lethe_draw_fit(all, 1, 1, 6, LETHE_INK_TEXT, "digits"), 7);
    expect(&canvas, " digit…\n digits\n");
}

static void rules_join_and_have_ascii_twins(void **state)
{
    (void)state;
    for (int ascii = 0; ascii < 2; ascii++) {
        struct lethe_canvas canvas = make(3, 5, ascii ? LETHE_ASCII : LETHE_BRAILLE, 0);
        struct lethe_area all = lethe_area_all(&canvas);
        lethe_draw_hrule(all, 0, 0, 5, LETHE_INK_RULE);
        lethe_draw_hrule(all, 2, 0, 5, LETHE_INK_RULE);
        lethe_draw_vrule(all, 0, 2, 3, LETHE_INK_RULE);
        expect(&canvas, ascii ? "--+--\n  |\n--+--\n" : "──┬──\n  │\n──┴──\n");
    }
}

static void wide_and_hostile_text_keep_their_columns(void **state)
{
    (void)state;
    struct lethe_canvas canvas = make(3, 9, LETHE_BRAILLE, 0);
    struct lethe_area all = lethe_area_all(&canvas);
    assert_int_equal(lethe_draw_text(all, 0, 0, LETHE_INK_TEXT, "数字a"), 5);
    assert_int_equal(lethe_draw_text(all, 1, 0, LETHE_INK_TEXT, "a\033[2Jb"), 9);
    assert_int_equal(lethe_draw_text(all, 2, 0, LETHE_INK_TEXT, "\xff\xc0x"), 9);
    assert_int_equal(lethe_glyph_columns("a\033[2Jb\xe2\x80\xae"), 9 + 6);
    expect(&canvas, "数字a\na\\x1b[2Jb\n\\xff\\xc0x\n");
}

static void code_points_survive_a_round_trip(void **state)
{
    (void)state;
    static const uint32_t samples[] = {0x24, 0x7ff, 0x800, 0x20ac, 0xffff, 0x10348, 0x10ffff};
    for (size_t k = 0; k < sizeof samples / sizeof samples[0]; k++) {
        char out[5];
        const char *text = out;
        int length = lethe_glyph_encode(out, samples[k]);
        assert_int_equal(lethe_glyph_next(&text), samples[k]);
        assert_ptr_equal(text, out + length);
    }
    const char *bad[] = {"\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"};
    for (size_t k = 0; k < 4; k++) {
        const char *text = bad[k];
        assert_int_equal(lethe_glyph_next(&text), 0xfffd);
        assert_ptr_equal(text, bad[k] + 1);
    }
}

static void every_ink_looks_readable_without_colour(void **state)
{
    (void)state;
    for (uint16_t ink = 0; ink < LETHE_INK_COUNT; ink++) {
        struct lethe_paint mono = lethe_theme_paint(ink, LETHE_INK_TEXT, 0);
        assert_true(mono.fg == -1 && mono.bg == -1);
        struct lethe_paint eight = lethe_theme_paint(ink, LETHE_INK_TEXT, 8);
        assert_true(eight.fg < 8 && eight.bg < 8);
        struct lethe_paint row = lethe_theme_paint(ink, LETHE_INK_SELECT, 256);
        assert_int_equal(row.fg, lethe_theme_paint(LETHE_INK_SELECT, 0, 256).fg);
        assert_true(lethe_theme_paint(ink, LETHE_INK_SELECT, 0).attributes & LETHE_REVERSE);
    }
    assert_int_equal(lethe_theme_paint(lethe_theme_grey(1), 0, 256).fg, 255);
    assert_int_equal(lethe_theme_paint(lethe_theme_rgb(1, 0, 0), 0, 256).fg, 196);
    assert_int_equal(lethe_theme_paint(lethe_theme_grey(0.5), 0, 8).fg, -1);
}

static void captures_carry_colour(void **state)
{
    (void)state;
    struct lethe_canvas canvas = make(1, 6, LETHE_BRAILLE, 256);
    lethe_draw_text(lethe_area_all(&canvas), 0, 0, LETHE_INK_GOOD, "a<b");
    char *ansi = lethe_canvas_ansi(&canvas);
    char *svg = lethe_canvas_svg(&canvas);
    assert_string_equal(ansi, "\033[0;38;5;36ma<b\033[0m   \n");
    assert_non_null(strstr(svg, "a&lt;b</text>"));
    assert_non_null(strstr(svg, "fill='#00af87'"));
    lethe_free(ansi);
    lethe_free(svg);
    lethe_canvas_release(&canvas);
}

static void no_memory_is_an_answer(void **state)
{
    (void)state;
    struct lethe_canvas canvas;
    struct lethe_error err = {0};
    lethe_alloc_fail_after(0);
    assert_int_equal(lethe_canvas_init(&canvas, 24, 80, (struct lethe_display){0}, &err),
                     LETHE_ENOMEM);
    lethe_alloc_fail_after(-1);
    canvas = make(2, 2, LETHE_ASCII, 0);
    lethe_alloc_fail_after(0);
    assert_null(lethe_canvas_text(&canvas));
    lethe_alloc_fail_after(-1);
    lethe_canvas_release(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cut_at_the_area),
        cmocka_unit_test(long_text_ends_in_an_ellipsis),
        cmocka_unit_test(rules_join_and_have_ascii_twins),
        cmocka_unit_test(wide_and_hostile_text_keep_their_columns),
        cmocka_unit_test(code_points_survive_a_round_trip),
        cmocka_unit_test(every_ink_looks_readable_without_colour),
        cmocka_unit_test(captures_carry_colour),
        cmocka_unit_test(no_memory_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
