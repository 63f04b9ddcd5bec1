/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/chart/chart.h"
#include "ui/chart/scatter.h"

static struct lethe_canvas canvas;

static struct lethe_area paper(int rows, int cols, enum lethe_charset charset, int colours)
{
    assert_int_equal(
        lethe_canvas_init(&canvas, rows, cols, (struct lethe_display){charset, colours}, NULL),
        LETHE_OK);
    return lethe_area_all(&canvas);
}

static void expect(const char *text)
{
    char *shown = lethe_canvas_text(&canvas);
    assert_string_equal(shown, text);
    lethe_free(shown);
    lethe_canvas_release(&canvas);
}

static void levels_cover_the_range_once(void **state)
{
    (void)state;
    assert_int_equal(lethe_chart_level(NAN, 0, 1, 8), -1);
    assert_int_equal(lethe_chart_level(-3, 0, 1, 8), 0);
    assert_int_equal(lethe_chart_level(1, 0, 1, 8), 7);
    assert_int_equal(lethe_chart_level(INFINITY, 0, 1, 8), 7);
    assert_int_equal(lethe_chart_level(0.5, 0, 1, 8), 4);
    assert_int_equal(lethe_chart_level(2.385, 2.385, 2.385, 8), 0);
}

static void strips_share_cells_by_their_maximum(void **state)
{
    (void)state;
    const double values[] = {0.05, 1, 0.5, NAN, 0.2, 0.01};
    struct lethe_strip strip = {values, 6, 1, 0.1, LETHE_INK_RAMP};
    lethe_chart_strip(paper(1, 8, LETHE_BRAILLE, 256), &strip);
    assert_int_equal(canvas.cells[1].ink, LETHE_INK_RAMP_LAST);
    expect("·█▅ ▂·\n");
    lethe_chart_strip(paper(1, 3, LETHE_BRAILLE, 256), &strip);
    expect("█▅▂\n");
    lethe_chart_strip(paper(1, 8, LETHE_ASCII, 0), &strip);
    expect(".#= ,.\n");
}

static void bars_have_eighths(void **state)
{
    (void)state;
    lethe_chart_bar(paper(1, 4, LETHE_BRAILLE, 0), 0.5, LETHE_INK_TEXT);
    expect("██\n");
    lethe_chart_bar(paper(1, 4, LETHE_BRAILLE, 0), 1.0, LETHE_INK_TEXT);
    expect("████\n");
    lethe_chart_bar(paper(1, 4, LETHE_BRAILLE, 0), 0.41, LETHE_INK_TEXT);
    expect("█▋\n");
    lethe_chart_bar(paper(1, 4, LETHE_BRAILLE, 0), -1, LETHE_INK_TEXT);
    expect("\n");
}

static void histograms_show_one_in_many(void **state)
{
    (void)state;
    const double values[] = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 3.9};
    double top = lethe_chart_histogram_top(values, 14, 0, 4, 4);
    assert_true(fabs(top - 10.0 / 14) < 1e-12);
    lethe_chart_histogram(paper(2, 4, LETHE_BRAILLE, 0), values, 14, 0, 4, top, LETHE_INK_TEXT);
    expect("█\n█▅ ▁\n");
}

static void curves_fit_their_axes_in_every_charset(void **state)
{
    (void)state;
    const double y[] = {0, 1, 2, NAN, 4};
    const struct lethe_series series = {"line", NULL, y, 5, LETHE_INK_TEXT, 0, 0};
    const struct lethe_axes axes = {.x_name = "step"};
    lethe_chart_curves(paper(7, 24, LETHE_ASCII, 0), &series, 1, &axes);
    expect("      4|               *\n"
           "       |\n"
           "       |       **\n"
           "       |   ****\n"
           "      0|***\n"
           "       +----------------\n"
           "       0     step      4\n");
    const struct lethe_axes named = {.x_name = "step",
                                     .y_name = "loss"}; /* four lines are enough */
    lethe_chart_curves(paper(4, 24, LETHE_ASCII, 0), &series, 1, &named);
    expect("      4|               *\n"
           "      0|*********\n"
           "       +----------------\n"
           "       0     step      4\n");
    lethe_chart_curves(paper(6, 14, LETHE_BLOCKS, 0), &series, 1, &axes);
    expect("      4│     ▀\n"
           "       │\n"
           "       │ ▄▀▀\n"
           "      0│▄▀\n"
           "       └──────\n"
           "       0     4\n");
    lethe_chart_curves(paper(3, 8, LETHE_BRAILLE, 0), &series, 1, &axes);
    expect("\n\n\n"); /* no room: nothing rather than something wrong */
}

static void logarithmic_axes_leave_zero_out(void **state)
{
    (void)state;
    const double x[] = {0, 1e-4, 1e-2, 1}, y[] = {5, 1, 2, 3};
    const struct lethe_series series = {NULL, x, y, 4, LETHE_INK_TEXT, 1, 0};
    const struct lethe_axes axes = {.log_x = 1};
    lethe_chart_curves(paper(5, 17, LETHE_ASCII, 0), &series, 1, &axes);
    expect("      3|        *\n"
           "       |    *\n"
           "      1|*\n"
           "       +---------\n"
           "       0.0001   1\n");
}

static void heat_maps_mark_the_point(void **state)
{
    (void)state;
    const double values[] = {0, 1, 2, 3, 4, NAN};
    struct lethe_heat heat = {values, 2, 3, 0, 4, 3, 1, 1};
    lethe_chart_heat(paper(2, 9, LETHE_BRAILLE, 256), &heat);
    expect("░░░▒▒▒▓▓▓\n███[█]\n");
    heat.mark_row = 9; /* outside: no mark */
    lethe_chart_heat(paper(2, 9, LETHE_ASCII, 0), &heat);
    expect("...:::%%%\n######\n");
}

static void pictures_use_half_blocks_or_shades(void **state)
{
    (void)state;
    const double pixels[] = {0, 1, 1, 0};
    const struct lethe_picture picture = {pixels, 2, 2, 1};
    lethe_chart_picture(paper(1, 2, LETHE_BRAILLE, 256), &picture);
    assert_int_equal(canvas.cells[0].ink, lethe_theme_grey(0));
    assert_int_equal(canvas.cells[0].paper, lethe_theme_grey(1));
    expect("▀▀\n");
    lethe_chart_picture(paper(2, 4, LETHE_ASCII, 0), &picture);
    expect("  ##\n##\n");
    const double colour[] = {1, 0, 0};
    const struct lethe_picture red = {colour, 1, 1, 3};
    lethe_chart_picture(paper(1, 2, LETHE_BRAILLE, 256), &red);
    assert_int_equal(canvas.cells[0].ink, lethe_theme_rgb(1, 0, 0));
    lethe_canvas_release(&canvas);
}

/* Wild values and tiny areas: nothing is drawn out of bounds (the sanitizers watch). */
static void wild_values_do_no_harm(void **state)
{
    (void)state;
    const double wild[] = {NAN, INFINITY, -INFINITY, 1e308, -1e308, 0, 5e-324};
    const struct lethe_series series = {"wild", wild, wild, 7, LETHE_INK_TEXT, 0, 0};
    const struct lethe_axes axes = {.diagonal = 1, .log_y = 1, .y_name = "loss"};
    for (int rows = 1; rows < 12; rows++)
        for (int cols = 1; cols < 40; cols += 3)
            for (int charset = LETHE_ASCII; charset <= LETHE_BRAILLE; charset++) {
                struct lethe_area area = paper(rows, cols, (enum lethe_charset)charset, 8);
                lethe_chart_curves(area, &series, 1, &axes);
                lethe_chart_histogram(area, wild, 7, -1, 1, 0, LETHE_INK_TEXT);
                lethe_canvas_release(&canvas);
            }
}

/* Bars of several series: each value has its row, with the series' name; too few rows say so. */
static void bars_show_all_series(void **state)
{
    (void)state;
    const char *names[] = {"three", "four"};
    const double before[] = {0.684, 0.5}, now[] = {0.842, 0.25};
    const struct lethe_plot_series series[] = {
        {.title = "before", .style = LETHE_PLOT_BARS, .y = before, .n = 2},
        {.title = "now", .style = LETHE_PLOT_BARS, .y = now, .n = 2}};
    const struct lethe_plot plot = {.x = {.names = names, .name_count = 2},
                                    .y = {.label = "accuracy"},
                                    .series = series,
                                    .series_count = 2};
    const char *const rows[] = {" accuracy\n", " three before     0.684 ###",
                                "\n       now        0.842 ###", "\n four  before     0.500 ###"};
    lethe_chart_plot(paper(5, 60, LETHE_ASCII, 0), &plot);
    char *text = lethe_canvas_text(&canvas);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        assert_non_null(strstr(text, rows[k]));
    assert_null(strstr(text, "more"));
    lethe_free(text);
    lethe_canvas_release(&canvas);
    lethe_chart_plot(paper(4, 60, LETHE_ASCII, 0), &plot);
    text = lethe_canvas_text(&canvas);
    assert_non_null(strstr(text, "1 more"));
    lethe_free(text);
    lethe_canvas_release(&canvas);
}

/* A scatter of many series that share colours: the last is drawn, too, and those without a title
 * have no line in the key. Marks, letters, sets that are hidden, the nearest point. */
static void scatters_show_all_series(void **state)
{
    (void)state;
    enum { MANY = 30 };
    struct lethe_plot_series series[MANY];
    double x[MANY], y[MANY];
    for (int k = 0; k < MANY; k++) {
        x[k] = y[k] = k;
        series[k] =
            (struct lethe_plot_series){.title = k == MANY - 1 ? "last" : NULL,
                                       .style = LETHE_PLOT_POINTS,
                                       .x = &x[k],
                                       .y = &y[k],
                                       .n = 1,
                                       .colour = 1,
                                       .point = k == MANY - 1 ? LETHE_POINT_DISC : LETHE_POINT_DOT};
    }
    const struct lethe_plot plot = {.series = series, .series_count = MANY};
    lethe_chart_plot(paper(20, 60, LETHE_BRAILLE, 0), &plot);
    char *text = lethe_canvas_text(&canvas);
    assert_non_null(strstr(text, "last\n"));
    lethe_free(text);
    lethe_canvas_release(&canvas);

    const double at[] = {0, 0, 1, 1, 2, 2, 3, 3};
    const int label[] = {0, 1, 2, 7};
    const unsigned char mark[] = {LETHE_SCATTER_RETAIN, LETHE_SCATTER_HELDOUT, LETHE_SCATTER_FORGET,
                                  LETHE_SCATTER_RETAIN};
    struct lethe_scatter s = {.low = {-0.5, -0.5},
                              .high = {3.5, 3.5},
                              .at = at,
                              .label = label,
                              .mark = mark,
                              .count = 4,
                              .classes = 10,
                              .cursor = 4,
                              .showing = 7};
    lethe_chart_scatter(paper(4, 4, LETHE_ASCII, 0), &s);
    expect("   .\n  @\n o\n.\n");
    s.letters = 1;
    s.showing = 7 & ~(1u << LETHE_SCATTER_HELDOUT);
    lethe_chart_scatter(paper(4, 4, LETHE_ASCII, 0), &s);
    expect("   7\n  @\n\n0\n");
    const struct lethe_area area = paper(4, 4, LETHE_BRAILLE, 256);
    assert_int_equal(lethe_chart_scatter_nearest(&s, area, 1, 2), 2);
    assert_int_equal(lethe_chart_scatter_nearest(&s, area, 3, 1), 0); /* the ring is hidden */
    s.showing = 0;
    assert_int_equal(lethe_chart_scatter_nearest(&s, area, 1, 2), 4);
    s.high[0] = s.low[0]; /* nothing can be seen through such a window */
    lethe_chart_scatter(area, &s);
    lethe_canvas_release(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_cover_the_range_once),
        cmocka_unit_test(strips_share_cells_by_their_maximum),
        cmocka_unit_test(bars_have_eighths),
        cmocka_unit_test(histograms_show_one_in_many),
        cmocka_unit_test(curves_fit_their_axes_in_every_charset),
        cmocka_unit_test(logarithmic_axes_leave_zero_out),
        cmocka_unit_test(heat_maps_mark_the_point),
        cmocka_unit_test(pictures_use_half_blocks_or_shades),
        cmocka_unit_test(bars_show_all_series),
        cmocka_unit_test(scatters_show_all_series),
        cmocka_unit_test(wild_values_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
