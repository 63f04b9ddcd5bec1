/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/plot.h"
#include "lethe/rng.h"
#include "plot/labels.h"
#include "tests/support/folder.h"

static const double rising[4] = {0.1, 0.4, NAN, 0.9};

static struct lethe_plot line_plot(const struct lethe_plot_series *series)
{
    return (struct lethe_plot){
        .title = "A title", .x = {.label = "x"}, .series = series, .series_count = 1};
}

static char *path_of(const char *name)
{
    return lethe_path_join(folder, name);
}

/* A program called gnuplot in the test's folder. */
static void fake_gnuplot(const char *text)
{
    char *path = path_of("gnuplot");
    assert_int_equal(lethe_file_write(path, text, strlen(text), NULL), LETHE_OK);
    assert_int_equal(chmod(path, 0700), 0);
    lethe_free(path);
}

static void text_is_quoted_never_interpreted(void **state)
{
    (void)state;
    struct lethe_plot_series s = {
        .title = "it's `touch /tmp/x`\nset output \"y\"", .y = rising, .n = 4};
    struct lethe_plot plot = line_plot(&s);
    char *script;
    assert_int_equal(lethe_plot_script(&script, &plot, LETHE_PLOT_SVG, NULL), LETHE_OK);
    assert_non_null(strstr(script, "title 'it''s `touch /tmp/x`\\nset output \"y\"'"));
    assert_non_null(strstr(script, " 3 NaN NaN NaN\n"));
    assert_null(strstr(script, "\nset output"));
    lethe_free(script);
}

static void nothing_finite_is_nothing_to_plot(void **state)
{
    (void)state;
    double none[2] = {NAN, INFINITY}, negative[2] = {-1, 0};
    struct lethe_plot_series s = {.y = none, .n = 2};
    struct lethe_plot plot = line_plot(&s);
    struct lethe_error err;
    char *script;
    assert_int_equal(lethe_plot_script(&script, &plot, LETHE_PLOT_PNG, &err), LETHE_EARG);
    assert_string_equal(err.message, "nothing to plot: no value is finite");
    s.y = negative;
    plot.y.log = 1;
    assert_int_equal(lethe_plot_script(&script, &plot, LETHE_PLOT_PNG, &err), LETHE_EARG);
    assert_string_equal(err.message, "nothing to plot: no value is finite and positive");
}

static void formats_follow_the_ending(void **state)
{
    (void)state;
    enum lethe_plot_format format;
    struct lethe_error err;
    assert_int_equal(lethe_plot_format_of(&format, "a.b/c.PDF", &err), LETHE_OK);
    assert_int_equal(format, LETHE_PLOT_PDF);
    assert_int_equal(lethe_plot_format_of(&format, "picture.gif", &err), LETHE_EARG);
    assert_string_equal(err.message, "cannot tell the picture format of 'picture.gif': end it in "
                                     ".png, .svg, .pdf or .six");
    assert_int_equal(lethe_plot_format_of(&format, ".png", &err), LETHE_EARG);
}

static void a_missing_gnuplot_says_how_to_install_it(void **state)
{
    (void)state;
    struct lethe_plot_series s = {.y = rising, .n = 4};
    struct lethe_plot plot = line_plot(&s);
    struct lethe_error err;
    char *path = path_of("never.png"), *old = lethe_strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    assert_int_equal(lethe_plot_save(&plot, path, NULL, &err), LETHE_EIO);
    setenv("PATH", old, 1);
    assert_non_null(strstr(err.message, "gnuplot is not installed"));
    assert_non_null(strstr(err.message, "apt-get install gnuplot-nox"));
    assert_false(lethe_file_exists(path));
    lethe_free(path);
    lethe_free(old);
}

static void a_failing_gnuplot_is_quoted_and_leaves_no_file(void **state)
{
    (void)state;
    struct lethe_plot_series s = {.y = rising, .n = 4};
    struct lethe_plot plot = line_plot(&s);
    struct lethe_error err;
    char *path = path_of("never.png"), *old = lethe_strdup(getenv("PATH")), both[4096];
    snprintf(both, sizeof both, "%s:%s", folder, old);
    setenv("PATH", both, 1);
    fake_gnuplot("#!/bin/sh\nprintf 'half a picture'\n"
                 "echo '\"/dev/stdin\" line 3: unknown terminal' >&2\nexit 1\n");
    assert_int_equal(lethe_plot_save(&plot, path, NULL, &err), LETHE_EIO);
    assert_string_equal(err.message, "gnuplot failed (status 1): line 3: unknown terminal");
    fake_gnuplot("#!/bin/sh\nexit 0\n");
    assert_int_equal(lethe_plot_save(&plot, path, NULL, &err), LETHE_EIO);
    assert_string_equal(err.message, "gnuplot failed (status 0): it said nothing");
    setenv("PATH", old, 1);
    assert_false(lethe_file_exists(path));
    char *fake = path_of("gnuplot");
    assert_int_equal(lethe_file_remove(fake, NULL), LETHE_OK);
    lethe_free(fake);
    lethe_free(path);
    lethe_free(old);
}

static int have_gnuplot(void)
{
    if (system("gnuplot --version >/dev/null 2>&1") == 0) /* NOLINT(cert-env33-c) */
        return 1;
    puts("skipped: gnuplot is not installed");
    return 0;
}

static void check_picture(const struct lethe_plot *plot, enum lethe_plot_format format)
{
    static const char *const magic[] = {"\x89PNG", "<?xml", "%PDF", "\033P"};
    struct lethe_error err = {.message = ""};
    char *picture = NULL;
    size_t size = 0;
    if (lethe_plot_render(&picture, &size, plot, format, NULL, &err))
        fail_msg("format %d: %s", (int)format, err.message);
    assert_true(size > 1000);
    assert_memory_equal(picture, magic[format], strlen(magic[format]));
    lethe_free(picture);
}

static void every_style_is_drawn_in_every_format(void **state)
{
    (void)state;
    if (!have_gnuplot())
        return;
    double low[4] = {0, 0.2, 0.3, 0.8}, high[4] = {0.2, 0.6, 0.9, 1};
    const char *const names[4] = {"`date`", "it's", "c", "a rather long name for a bar"};
    struct lethe_plot_series series[LETHE_PLOT_STYLE_COUNT];
    for (int k = 0; k < LETHE_PLOT_STYLE_COUNT; k++)
        series[k] = (struct lethe_plot_series){.title = names[k % 4],
                                               .style = (enum lethe_plot_style)k,
                                               .y = rising,
                                               .low = low,
                                               .high = high,
                                               .n = 4,
                                               .reference = k == 2};
    struct lethe_plot_mark mark = {2, 0.3, "now"};
    struct lethe_plot plot = {.title = "T",
                              .subtitle = "S",
                              .x = {.names = names, .name_count = 4},
                              .y = {.label = "y"},
                              .series = series,
                              .series_count = LETHE_PLOT_STYLE_COUNT,
                              .marks = &mark,
                              .mark_count = 1};
    for (int f = 0; f < LETHE_PLOT_FORMAT_COUNT; f++)
        check_picture(&plot, (enum lethe_plot_format)f);
    double value[6] = {1, NAN, 0.01, -1, 5, 2};
    struct lethe_plot_cells cells = {value, 2, 3, "KL", 1};
    plot = (struct lethe_plot){.title = "map", .cells = &cells, .marks = &mark, .mark_count = 1};
    check_picture(&plot, LETHE_PLOT_PNG);
    struct lethe_plot_series roc = {.style = LETHE_PLOT_STEPS, .x = low, .y = high, .n = 4};
    plot = (struct lethe_plot){.series = &roc, .series_count = 1, .square = 1};
    check_picture(&plot, LETHE_PLOT_SVG);
    double x[4] = {1e-8, 1e-4, 1, 100};
    struct lethe_plot_series line = {.x = x, .y = high, .n = 4};
    plot = (struct lethe_plot){.x = {.log = 1},
                               .y = {.log = 1, .low = 0.1, .high = 2},
                               .series = &line,
                               .series_count = 1};
    check_picture(&plot, LETHE_PLOT_SVG);
}

static void saving_ignores_the_users_own_settings(void **state)
{
    (void)state;
    if (!have_gnuplot())
        return;
    struct lethe_plot_series s = {.y = rising, .n = 4};
    struct lethe_plot plot = line_plot(&s);
    struct lethe_error err = {.message = ""};
    char *own = path_of(".gnuplot"), *path = path_of("a.svg"), *lost = path_of("no/such/a.svg");
    char *home = lethe_strdup(getenv("HOME") ? getenv("HOME") : "/");
    assert_int_equal(lethe_file_write(own, "exit status 3\n", 14, NULL), LETHE_OK);
    setenv("HOME", folder, 1);
    assert_int_equal(lethe_plot_save(&plot, path, NULL, &err), LETHE_OK);
    setenv("HOME", home, 1);
    struct lethe_bytes bytes;
    assert_int_equal(lethe_file_read(&bytes, path, 1 << 20, NULL), LETHE_OK);
    assert_non_null(strstr((char *)bytes.data, "A title"));
    assert_int_equal(lethe_plot_save(&plot, lost, NULL, &err), LETHE_EIO);
    lethe_file_remove(own, NULL);
    lethe_file_remove(path, NULL);
    lethe_free(bytes.data);
    lethe_free(home);
    lethe_free(own);
    lethe_free(path);
    lethe_free(lost);
}

static void histograms_share_out_all_values(void **state)
{
    (void)state;
    double values[6] = {0, 1, 2, 3.999, -7, 12}, share[4], centre[4];
    struct lethe_bins bins = {0, 4, 4};
    lethe_histogram(share, centre, &bins, values, 6);
    assert_true(fabs(share[0] - 2.0 / 6) < 1e-15 && fabs(share[3] - 2.0 / 6) < 1e-15);
    assert_true(fabs(share[1] - 1.0 / 6) < 1e-15 && centre[0] == 0.5 && centre[3] == 3.5);
    values[0] = NAN;
    lethe_histogram(share, NULL, &bins, values, 6);
    assert_true(fabs(share[0] - 1.0 / 6) < 1e-15);
}

static void sheets_keep_what_they_were_given(void **state)
{
    (void)state;
    double x[2] = {1, 2}, y[2] = {3, 4}, member[3] = {3, 1, 2}, other[2] = {2, 0};
    char title[] = "a title", name[] = "first";
    const char *names[2] = {name, "second"};
    struct lethe_error err;
    struct lethe_sheet *sheet = lethe_sheet_new(title, NULL, &err);
    struct lethe_plot_axis axis_x = {.names = names, .name_count = 2}, axis_y = {.label = title};
    struct lethe_plot_series series = {.title = name, .x = x, .y = y, .low = x, .high = y, .n = 2};
    struct lethe_plot_cells cells = {x, 1, 2, title, 0};
    struct lethe_plot_mark mark = {1, 1, name};
    for (int k = 0; k < 3; k++) {
        assert_int_equal(lethe_sheet_series(sheet, &series, &err), LETHE_OK);
        assert_int_equal(lethe_sheet_mark(sheet, &mark, &err), LETHE_OK);
    }
    assert_int_equal(lethe_sheet_axes(sheet, &axis_x, &axis_y, &err), LETHE_OK);
    assert_int_equal(lethe_sheet_cells(sheet, &cells, &err), LETHE_OK);
    memset(title, 'x', 7);
    memset(name, 'x', 5);
    x[1] = y[1] = 99;
    const struct lethe_plot *plot = lethe_sheet_plot(sheet);
    assert_string_equal(plot->title, "a title");
    assert_null(plot->subtitle);
    assert_string_equal(plot->x.names[0], "first");
    assert_string_equal(plot->y.label, "a title");
    assert_int_equal(plot->series_count, 3);
    assert_int_equal(plot->mark_count, 3);
    assert_true(plot->series[2].x[1] == 2 && plot->series[2].high[1] == 4);
    assert_string_equal(plot->series[0].title, "first");
    assert_string_equal(plot->marks[2].label, "first");
    assert_true(plot->cells->value[1] == 2);
    struct lethe_sheet *same = lethe_sheet_ref(sheet);
    lethe_sheet_unref(sheet);
    assert_string_equal(lethe_sheet_plot(same)->title, "a title");
    lethe_sheet_unref(same);
    lethe_sheet_unref(NULL);

    sheet = lethe_sheet_new("roc", "sub", &err);
    struct lethe_pool pool = {member, other, 3, 2};
    assert_int_equal(lethe_sheet_roc(sheet, "before", &pool, &err), LETHE_OK);
    plot = lethe_sheet_plot(sheet);
    assert_string_equal(plot->series[0].title, "before (AUC 0.750)");
    assert_int_equal(plot->series[0].n, 5); /* 3, 2 of both, 1, 0 and the start */
    assert_true(plot->square && plot->series[0].x[2] == 0.5);
    lethe_sheet_unref(sheet);
}

static void histograms_of_groups_share_their_bins(void **state)
{
    (void)state;
    double a[3] = {0, 30, INFINITY}, b[2] = {15, NAN};
    struct lethe_plot_group groups[2] = {{"forget", a, 3}, {"held-out", b, 2}};
    struct lethe_error err;
    struct lethe_sheet *sheet = lethe_sheet_new(NULL, NULL, &err);
    assert_int_equal(lethe_sheet_histograms(sheet, "margin", groups, 2, &err), LETHE_OK);
    const struct lethe_plot *plot = lethe_sheet_plot(sheet);
    assert_int_equal(plot->series_count, 2);
    assert_true(plot->series[0].x[0] == 0.5 && plot->series[1].x[29] == 29.5);
    assert_true(fabs(plot->series[0].y[29] - 1.0 / 3) < 1e-15 && plot->series[1].y[15] == 0.5);
    groups[0] = (struct lethe_plot_group){"nothing", b + 1, 1};
    assert_int_equal(lethe_sheet_histograms(sheet, "margin", groups, 1, &err), LETHE_EARG);
    assert_string_equal(err.message, "nothing to plot: no margin is finite");
    lethe_sheet_unref(sheet);
}

static void a_surface_names_its_rows_and_marks_its_point(void **state)
{
    (void)state;
    double value[6] = {3, 2, 1, 4, 5, NAN}, dampings[3] = {0, 1e-4, 1e-2};
    size_t sizes[2] = {1, 12};
    struct lethe_plot_rule rules[3] = {{"mean / 10", 1e-3}, {"far below", 1e-9}, {"above", 1}};
    struct lethe_plot_surface surface = {value, sizes, dampings, 3, 2, "KL", 1, 1, rules, 3};
    struct lethe_error err;
    struct lethe_sheet *sheet = lethe_sheet_new("surface", NULL, &err);
    assert_int_equal(lethe_sheet_surface(sheet, &surface, &err), LETHE_OK);
    const struct lethe_plot *plot = lethe_sheet_plot(sheet);
    assert_string_equal(plot->x.names[1], "12");
    assert_string_equal(plot->y.names[0], "0");
    assert_string_equal(plot->y.names[1], "0.0001");
    assert_int_equal(plot->mark_count, 4);
    assert_string_equal(plot->marks[0].label, "now");
    assert_true(plot->marks[0].x == 2 && plot->marks[0].y == 2);
    assert_true(fabs(plot->marks[1].y - 2.5) < 1e-12 && plot->marks[1].x == 2);
    assert_true(plot->marks[2].y > 1 && plot->marks[2].y < 2); /* between 0 and the first above */
    assert_true(plot->marks[3].y == 3);
    assert_true(plot->cells->log); /* all positive */
    lethe_sheet_unref(sheet);
    value[0] = -1;
    surface.row = 3;
    sheet = lethe_sheet_new("surface", NULL, &err);
    assert_int_equal(lethe_sheet_surface(sheet, &surface, &err), LETHE_OK);
    assert_false(lethe_sheet_plot(sheet)->cells->log);
    assert_int_equal(lethe_sheet_plot(sheet)->mark_count, 0);
    lethe_sheet_unref(sheet);
}

static void a_sheet_survives_failed_allocations(void **state)
{
    (void)state;
    double x[2] = {1, 2};
    struct lethe_error err;
    struct lethe_plot_series series = {.title = "s", .x = x, .y = x, .n = 2};
    struct lethe_sheet *sheet = lethe_sheet_new("t", NULL, &err);
    for (long n = 0; n < 4; n++) {
        lethe_alloc_fail_after(n);
        enum lethe_err code = lethe_sheet_series(sheet, &series, &err);
        lethe_alloc_fail_after(-1);
        assert_int_equal(code, LETHE_ENOMEM);
        assert_int_equal(lethe_sheet_plot(sheet)->series_count, 0);
    }
    assert_int_equal(lethe_sheet_series(sheet, &series, &err), LETHE_OK);
    lethe_sheet_unref(sheet);
    lethe_alloc_fail_after(1);
    assert_null(lethe_sheet_new("t", NULL, &err));
    lethe_alloc_fail_after(-1);
}

/* Several histograms are rows of one picture; the words of a single one stay as they were. */
static void histograms_lie_below_each_other(void **state)
{
    (void)state;
    static const double values[] = {0.1, 0.2, 0.9};
    const struct lethe_plot_group groups[] = {
        {"one", values, 3}, {"two's", values, 2}, {"three", values, 1}};
    for (size_t count = 1; count <= 3; count++) {
        struct lethe_sheet *sheet = lethe_sheet_new("Losses", NULL, NULL);
        char *script;
        size_t drawn = 0;
        assert_int_equal(lethe_sheet_histograms(sheet, "loss", groups, count, NULL), LETHE_OK);
        assert_int_equal(lethe_plot_script(&script, lethe_sheet_plot(sheet), LETHE_PLOT_SVG, NULL),
                         LETHE_OK);
        for (const char *at = script; (at = strstr(at, "\nplot ")) != NULL; at++)
            drawn++;
        assert_int_equal(drawn, count);
        assert_int_equal(strstr(script, "set multiplot") != NULL, count > 1);
        if (count > 1)
            assert_non_null(strstr(script, "set label 1003 'two''s' "));
        lethe_free(script);
        lethe_sheet_unref(sheet);
    }
}

/* Panels share their axes, and one key as wide as the picture names everything once. */
static void panels_share_axes_and_key(void **state)
{
    (void)state;
    static const char *const names[] = {"before", "it's now"};
    static const double x[] = {-2.385, 1, NAN}, y[] = {3, 7.25, 1};
    struct lethe_sheet *sheet = lethe_sheet_new("Features", NULL, NULL);
    const struct lethe_plot_series points[] = {
        {.title = "left", .style = LETHE_PLOT_POINTS, .x = x, .y = y, .n = 3, .panel = 1},
        {.style = LETHE_PLOT_POINTS, .x = y, .y = x, .n = 2, .colour = 4, .panel = 2},
        {.title = "both", .style = LETHE_PLOT_POINTS, .x = x, .y = x, .n = 2}};
    for (size_t k = 0; k < 3; k++)
        assert_int_equal(lethe_sheet_series(sheet, &points[k], NULL), LETHE_OK);
    assert_int_equal(lethe_sheet_panels(sheet, names, 2, NULL), LETHE_OK);
    char *script;
    assert_int_equal(lethe_plot_script(&script, lethe_sheet_plot(sheet), LETHE_PLOT_SVG, NULL),
                     LETHE_OK);
    assert_non_null(strstr(script, "set xrange [-2.866")); /* a twentieth around -2.385 .. 7.25 */
    assert_non_null(strstr(script, "set yrange [-2.866"));
    assert_non_null(strstr(script, "set label 1003 'it''s now' "));
    const char *first = strstr(script, "\nplot "), *second = strstr(first + 1, "\nplot ");
    const char *key = strstr(second + 1, "\nplot ");
    assert_null(strstr(key + 1, "\nplot "));
    assert_memory_equal(first, "\nplot $s0 ", 10);
    assert_memory_equal(second, "\nplot $s1 ", 10);
    assert_memory_equal(key, "\nplot $nothing ", 15);
    assert_null(strstr(script, "$s0 using 1:2 with points pointtype 7 pointsize 0.8 linewidth 2 "
                               "linecolor rgb '#0072B2' title"));
    assert_non_null(strstr(key, " title 'left'"));
    assert_non_null(strstr(key, " title 'both'"));
    lethe_free(script);
    lethe_sheet_unref(sheet);
}

/* Where the box of a label lies, in shares of a square frame, counted anew. */
static void box_of(double box[4], const struct lethe_label_place *place,
                   const struct lethe_plot_mark *mark)
{
    const double wide = 0.021;
    const double length = wide * (double)strlen(mark->label), at = mark->x + wide * place->dx;
    box[0] = strcmp(place->align, "left") == 0    ? at
             : strcmp(place->align, "right") == 0 ? at - length
                                                  : at - 0.5 * length;
    box[1] = box[0] + length;
    box[2] = mark->y + 0.05 * (place->dy - 0.5);
    box[3] = box[2] + 0.05;
}

/* On random staircases, as ROC curves are, words stay inside the frame and off each other, and
 * seldom is a line below them; always to the right would often be on a line, or outside. */
static void words_keep_off_the_lines(void **state)
{
    (void)state;
    enum { STEPS = 20, MARKS = 3, ROUNDS = 400 };
    struct lethe_rng rng;
    size_t crossed = 0, crossed_right = 0, met = 0, outside = 0;
    lethe_rng_init(&rng, 1, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < ROUNDS; round++) {
        double x[2 * STEPS], y[2 * STEPS];
        struct lethe_plot_mark marks[MARKS];
        struct lethe_label_place places[MARKS];
        for (int k = 0; k < 2 * STEPS; k++) {
            x[k] = (double)((k + 1) / 2) / STEPS;
            y[k] = k && k % 2 == 0 ? y[k - 1] + (1 - y[k - 1]) * 0.3 * lethe_rng_uniform(&rng)
                   : k             ? y[k - 1]
                                   : 0;
        }
        for (int m = 0; m < MARKS; m++) {
            const size_t at = lethe_rng_below(&rng, 2 * STEPS);
            marks[m] = (struct lethe_plot_mark){x[at], y[at], "loss <= .5"};
        }
        const struct lethe_plot_series line = {.x = x, .y = y, .n = 2 * STEPS};
        const struct lethe_plot plot = {
            .series = &line, .series_count = 1, .marks = marks, .mark_count = MARKS, .square = 1};
        lethe_labels_place(places, &plot);
        for (int m = 0; m < MARKS; m++) {
            const struct lethe_label_place right = {"left", 1, 0.6};
            double box[4], other[4];
            box_of(box, &places[m], &marks[m]);
            outside += box[0] < 0 || box[1] > 1 || box[2] < 0 || box[3] > 1;
            for (int n = 0; n < m; n++) {
                box_of(other, &places[n], &marks[n]);
                met += box[0] < other[1] && box[1] > other[0] && box[2] < other[3] &&
                       box[3] > other[2];
            }
            box_of(other, &right, &marks[m]);
            for (int k = 0; k < 2 * STEPS; k++) {
                crossed += x[k] > box[0] && x[k] < box[1] && y[k] > box[2] && y[k] < box[3];
                crossed_right +=
                    x[k] > other[0] && x[k] < other[1] && y[k] > other[2] && y[k] < other[3];
            }
        }
    }
    printf("%zu of %zu points below words, of %d words %zu on words and %zu outside\n", crossed,
           crossed_right, ROUNDS * MARKS, met, outside);
    assert_true(10 * crossed < crossed_right);
    assert_true(100 * met < ROUNDS * MARKS);
    assert_true(100 * outside < ROUNDS * MARKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_quoted_never_interpreted),
        cmocka_unit_test(nothing_finite_is_nothing_to_plot),
        cmocka_unit_test(formats_follow_the_ending),
        cmocka_unit_test(a_missing_gnuplot_says_how_to_install_it),
        cmocka_unit_test(a_failing_gnuplot_is_quoted_and_leaves_no_file),
        cmocka_unit_test(every_style_is_drawn_in_every_format),
        cmocka_unit_test(saving_ignores_the_users_own_settings),
        cmocka_unit_test(histograms_share_out_all_values),
        cmocka_unit_test(histograms_lie_below_each_other),
        cmocka_unit_test(words_keep_off_the_lines),
        cmocka_unit_test(sheets_keep_what_they_were_given),
        cmocka_unit_test(histograms_of_groups_share_their_bins),
        cmocka_unit_test(panels_share_axes_and_key),
        cmocka_unit_test(a_surface_names_its_rows_and_marks_its_point),
        cmocka_unit_test(a_sheet_survives_failed_allocations),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
