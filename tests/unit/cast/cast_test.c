/* SPDX-License-Identifier: MIT
 * Recordings written, read and played back onto a canvas; what may and may not reach a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "lethe/rng.h"
#include "tests/support/folder.h"
#include "tests/support/screen_fixture.h"
#include "ui/cast/cast.h"
#include "ui/cast/recording.h"
#include "ui/cast/replay.h"
#include "ui/cast/scan.h"
#include "ui/view/pane.h"

static char path[256];

static int start(void **state)
{
    const int failed = make_folder(state);
    snprintf(path, sizeof path, "%s/a.cast", folder);
    return failed;
}

/* What a terminal is given of a text that comes in pieces of so many bytes. */
static void filter(struct lethe_text *out, const char *text, size_t piece, int ascii, int colours)
{
    struct lethe_scan scan = {0};
    struct lethe_scan_token token;
    for (size_t at = 0, length = strlen(text); at < length; at += piece) {
        char part[512];
        snprintf(part, sizeof part, "%.*s", (int)piece, text + at);
        const char *next = part;
        while (lethe_scan_next(&scan, &token, &next))
            lethe_scan_put(out, &token, ascii, colours);
    }
}

static void filters_to(const char *text, const char *wanted)
{
    for (size_t piece = 1; piece <= strlen(text); piece++) {
        struct lethe_text out = {0};
        filter(&out, text, piece, 0, 1);
        assert_string_equal(lethe_text_get(&out), wanted);
        lethe_text_release(&out);
    }
}

static void harmful_codes_are_passed_over(void **state)
{
    (void)state;
    static const char *const harmful[] = {"\033]0;title\007",
                                          "\033]52;c;aGk=\033\\",
                                          "\033]8;;http://x\033\\",
                                          "\033P+q544e\033\\",
                                          "\033_Gf=24;x\033\\",
                                          "\033^note\033\\",
                                          "\033X string \033\\",
                                          "\033[?1000h",
                                          "\033[?1006;1002h",
                                          "\033[?2004h",
                                          "\033[5n",
                                          "\033[6n",
                                          "\033[c",
                                          "\033[>c",
                                          "\033[=c",
                                          "\033[21t",
                                          "\033[8;9;9t",
                                          "\033[!p",
                                          "\033[4h",
                                          "\033[20h",
                                          "\033[5i",
                                          "\033[1 q",
                                          "\033(0",
                                          "\033)B",
                                          "\033#8",
                                          "\033=",
                                          "\033>",
                                          "\033Z",
                                          "\033N",
                                          "\007",
                                          "\016",
                                          "\017",
                                          "\005",
                                          "\021",
                                          "\177",
                                          "\033[0c",
                                          "\033]4;1;rgb:00/00/00\007"};
    for (size_t k = 0; k < sizeof harmful / sizeof *harmful; k++) {
        char text[64], wanted[] = "ab";
        snprintf(text, sizeof text, "a%sb", harmful[k]);
        filters_to(text, wanted);
    }
    filters_to("\033c", "\033[0m\033[2J\033[H");
    filters_to("\033[?1049h", "\033[0m\033[2J\033[H");
    filters_to("\033[1;3H\033[2J\033[38;5;200mx\033[m\r\n\t\b",
               "\033[1;3H\033[2J\033[38;5;200mx\033[m\r\n\t\b");
    filters_to("\033[;5H\033[99999999999A", "\033[;5H\033[9999A");
    filters_to("\033[?25l\033[?25h", "\033[?25l\033[?25h");
}

static void characters_that_deceive_are_dropped(void **state)
{
    (void)state;
    struct lethe_text out = {0};
    filter(&out,
           "a\xe2\x80\xae"
           "b\xc2\x9b"
           "31mc\xef\xbb\xbf"
           "d\xe2\x96\x88",
           400, 0, 1);
    assert_string_equal(lethe_text_get(&out), "ab31mcd\xe2\x96\x88");
    lethe_text_clear(&out);
    filter(&out, "\033[31m\xe2\x96\x88\xe4\xb8\xad\033[0m.", 400, 1, 0);
    assert_string_equal(lethe_text_get(&out), "#? .");
    lethe_text_release(&out);
}

/* Whatever bytes come in: what goes out are characters to be seen, four controls, and codes of the
 * list. */
static void noise_is_harmless(void **state)
{
    (void)state;
    static const char likely[] = "\033\033\033[[]P?0123456789;;mHJKhlABcntq\007\\\r\n (#";
    struct lethe_rng rng;
    lethe_rng_init(&rng, 7, LETHE_RNG_TEST, 0, 0);
    for (int round = 0; round < 3000; round++) {
        char text[200];
        struct lethe_text out = {0};
        size_t length = 1 + lethe_rng_below(&rng, sizeof text - 1);
        for (size_t k = 0; k < length; k++) {
            const size_t any = 1 + lethe_rng_below(&rng, 255);
            text[k] = lethe_rng_below(&rng, 3) ? likely[lethe_rng_below(&rng, sizeof likely - 1)]
                                               : (char)any;
        }
        text[length - 1] = 0;
        filter(&out, text, 1 + lethe_rng_below(&rng, 199), 1, 1);
        for (const char *c = lethe_text_get(&out); *c; c++) {
            if (*c == '\033') {
                assert_int_equal(*++c, '[');
                c++;
                c += *c == '?';
                c += strspn(c, "0123456789;");
                assert_non_null(strchr("ABCDEFGHJKLMP@XSTdfmrhl", *c));
                assert_int_not_equal(*c, 0);
            } else {
                assert_true((*c >= ' ' && *c <= '~') || strchr("\b\t\n\r", *c));
            }
        }
        lethe_text_release(&out);
    }
}

static int same(const struct lethe_canvas *a, const struct lethe_canvas *b)
{
    char *of_a = lethe_canvas_ansi(a), *of_b = lethe_canvas_ansi(b);
    const int equal = strcmp(of_a, of_b) == 0;
    if (!equal)
        printf("recorded:\n%s\nshown:\n%s\n", of_b, of_a);
    lethe_free(of_a);
    lethe_free(of_b);
    return equal;
}

/* Frame by frame, at sizes that change, the replayed recording shows the very cells. */
static void frames_come_back(void **state)
{
    (void)state;
    enum { FRAMES = 40 };
    static const struct {
        int rows, cols;
    } sizes[] = {{24, 80}, {40, 120}, {16, 60}};
    struct lethe_canvas frames[FRAMES];
    size_t events[FRAMES];
    struct lethe_recording recording;
    struct lethe_replay replay;
    struct lethe_cast cast;
    lethe_recording_init(&recording);
    assert_int_equal(lethe_recording_begin(&recording, path, 24, 80, NULL), LETHE_OK);
    lethe_recording_text(&recording, "before the screen\n");
    for (int k = 0; k < FRAMES; k++) {
        const int size = k / 8 % 3;
        struct lethe_screen screen = screen_fixture_screen();
        struct lethe_view view = *screen_fixture();
        screen.focus = (enum lethe_pane)(k % LETHE_PANES);
        screen.zoom = k % 3 == 0;
        view.staging.on = k % 5 == 0;
        view.staging.caption = "a caption";
        lethe_present_take(&screen, &view, sizes[size].rows, sizes[size].cols);
        assert_int_equal(lethe_canvas_init(&frames[k], sizes[size].rows, sizes[size].cols,
                                           (struct lethe_display){LETHE_BRAILLE, 256}, NULL),
                         LETHE_OK);
        lethe_view_draw(&frames[k], &view, &screen);
        lethe_recording_frame(&recording, &frames[k]);
        events[k] = recording.events;
    }
    assert_int_equal(recording.problem.code, LETHE_OK);
    assert_int_equal(lethe_recording_end(&recording, NULL), LETHE_OK);
    assert_int_equal(lethe_cast_read(&cast, path, NULL), LETHE_OK);
    assert_int_equal(cast.most_rows, 40);
    assert_int_equal(cast.most_cols, 120);
    assert_int_equal(lethe_replay_init(&replay, &cast, NULL), LETHE_OK);
    for (int k = 0; k < FRAMES; k++) {
        struct lethe_cast part = cast; /* times may be equal: up to the event of the frame */
        part.count = events[k];
        assert_int_equal(lethe_replay_to(&replay, &part, 1e9, NULL), LETHE_OK);
        assert_true(same(&frames[k], &replay.canvas));
    }
    lethe_replay_release(&replay);
    lethe_cast_release(&cast);
    for (int k = 0; k < FRAMES; k++)
        lethe_canvas_release(&frames[k]);
}

/* An unchanged frame costs nothing; another cursor a few bytes. */
static void only_changes_are_written(void **state)
{
    (void)state;
    struct lethe_recording recording;
    struct lethe_canvas canvas;
    lethe_recording_init(&recording);
    assert_int_equal(
        lethe_canvas_init(&canvas, 24, 80, (struct lethe_display){LETHE_ASCII, 0}, NULL), LETHE_OK);
    assert_int_equal(lethe_recording_begin(&recording, path, 24, 80, NULL), LETHE_OK);
    lethe_recording_frame(&recording, &canvas);
    const size_t end = recording.end;
    lethe_recording_frame(&recording, &canvas);
    assert_int_equal(recording.end, end);
    lethe_draw_text(lethe_area_all(&canvas), 3, 5, LETHE_INK_TEXT, "xy");
    lethe_recording_frame(&recording, &canvas);
    assert_true(recording.end > end && recording.end < end + 70);
    assert_int_equal(lethe_recording_begin(&recording, path, 24, 80, NULL), LETHE_EARG);
    assert_int_equal(lethe_recording_end(&recording, NULL), LETHE_OK);
    assert_int_equal(lethe_recording_end(&recording, NULL), LETHE_OK);
    lethe_recording_text(&recording, "after the end nothing happens");
    lethe_recording_frame(NULL, &canvas);
    lethe_canvas_release(&canvas);
}

/* A disk that fills at any moment leaves a file of whole lines, and one sentence. */
static void a_full_disk_ends_it(void **state)
{
    (void)state;
    for (long steps = 0; steps < 40; steps++) {
        struct lethe_recording recording;
        struct lethe_error err = {0};
        struct lethe_cast cast;
        lethe_recording_init(&recording);
        lethe_file_fault(steps, 0);
        const enum lethe_err code = lethe_recording_begin(&recording, path, 24, 80, &err);
        for (int k = 0; k < 5; k++)
            lethe_recording_text(&recording, "one more line\n");
        lethe_file_fault(-1, 0);
        assert_true(code == LETHE_OK || (code == LETHE_EIO && err.message[0]));
        if (!code && recording.problem.code) {
            assert_non_null(strstr(recording.problem.message, "a.cast"));
            assert_false(lethe_recording_runs(&recording));
        }
        const size_t events = recording.events;
        assert_int_equal(lethe_recording_end(&recording, NULL), LETHE_OK);
        if (!code && events) {
            assert_int_equal(lethe_cast_read(&cast, path, NULL), LETHE_OK);
            assert_int_equal(cast.count, events);
            lethe_cast_release(&cast);
        }
        unlink(path);
    }
}

static void broken_files_are_refused(void **state)
{
    (void)state;
    static const char head[] = "{\"version\":2,\"width\":80,\"height\":24}\n";
    static const struct {
        const char *text, *says;
    } files[] = {
        {"", "it is empty"},
        {"\n", "line 1 is no JSON"},
        {"hello\n", "line 1 is no JSON"},
        {"[1]\n", "line 1 is no head"},
        {"{}\n", "line 1 is no head"},
        {"{\"version\":1,\"width\":80,\"height\":24,\"stdout\":[]}", "of version 1"},
        {"{\"version\":3,\"term\":{\"cols\":80}}\n", "of version 3"},
        {"{\"version\":2,\"width\":80}\n", "says no width and height"},
        {"{\"version\":2,\"width\":80,\"height\":0}\n", "says no width and height"},
        {"{\"version\":2,\"width\":1e9,\"height\":24}\n", "says no width and height"},
        {"{\"version\":2,\"width\":80,\"height\":24,\"idle_time_limit\":-1}\n", "idle_time_limit"},
        {"H", "in which nothing is shown"},
        {"H[0.1,\"o\",\"a\"", "line 2 is no JSON"},
        {"H[0.1,\"o\"]\n", "line 2 is no event"},
        {"H[0.1,\"o\",7]\n", "line 2 is no event"},
        {"H[\"0.1\",\"o\",\"a\"]\n", "line 2 is no event"},
        {"H{\"a\":1}\n", "line 2 is no event"},
        {"H[0.1,\"o\",\"a\",1]\n", "line 2 is no event"},
        {"H[-1,\"o\",\"a\"]\n", "line 2 goes back in time"},
        {"H[2,\"o\",\"a\"]\n[1,\"o\",\"a\"]\n", "line 3 goes back in time"},
        {"H[2,\"r\",\"80\"]\n", "line 2 is no size"},
        {"H[2,\"r\",\"80x24x\"]\n", "line 2 is no size"},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        struct lethe_error err = {0};
        struct lethe_cast cast;
        struct lethe_text text = {0};
        const char *body = files[k].text;
        if (*body == 'H') {
            lethe_text_add(&text, head);
            body++;
        }
        lethe_text_add(&text, body);
        assert_int_equal(lethe_file_write(path, lethe_text_get(&text), text.length, NULL),
                         LETHE_OK);
        assert_int_equal(lethe_cast_read(&cast, path, &err), LETHE_EFORMAT);
        if (!strstr(err.message, files[k].says))
            printf("'%s' is said of %s\n", err.message, files[k].text);
        assert_non_null(strstr(err.message, files[k].says));
        assert_int_equal(cast.count, 0);
        lethe_text_release(&text);
    }
}

/* Pauses are cut as the file asks; keys and marks are passed over; empty lines too. */
static void foreign_files_are_read(void **state)
{
    (void)state;
    static const char text[] =
        "{\"version\": 2, \"width\": 80, \"height\": 24, \"idle_time_limit\": 1, \"env\": {}}\n"
        "[0.5, \"o\", \"a\"]\n[9.5, \"i\", \"q\"]\n\n[10, \"m\", \"mark\"]\n[10.5, \"o\", \"b\"]\n";
    struct lethe_cast cast;
    assert_int_equal(lethe_file_write(path, text, sizeof text - 1, NULL), LETHE_OK);
    assert_int_equal(lethe_cast_read(&cast, path, NULL), LETHE_OK);
    assert_int_equal(cast.count, 2);
    assert_string_equal(cast.events[1].text, "b");
    assert_true(cast.events[1].at > 2.49 && cast.events[1].at < 2.51);
    lethe_cast_release(&cast);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harmful_codes_are_passed_over),
        cmocka_unit_test(characters_that_deceive_are_dropped),
        cmocka_unit_test(noise_is_harmless),
        cmocka_unit_test(frames_come_back),
        cmocka_unit_test(only_changes_are_written),
        cmocka_unit_test(a_full_disk_ends_it),
        cmocka_unit_test(broken_files_are_refused),
        cmocka_unit_test(foreign_files_are_read),
    };
    return cmocka_run_group_tests(tests, start, remove_folder);
}
