/* SPDX-License-Identifier: MIT
 * Keys in, command lines and screens out, without a terminal: the line, the palette, answers, and
 * keys that mean the same in every pane. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lethe/rng.h"
#include "tests/support/desk_case.h"
#include "ui/fuzzy.h"

static void every_pane_is_reached_by_tab(void **state)
{
    (void)state;
    unsigned seen = 0;
    for (int k = 0; k < LETHE_PANES; k++, press(LETHE_KEY_TAB))
        seen |= 1u << desk.screen.focus;
    assert_int_equal(seen, (1u << LETHE_PANES) - 1);
    assert_int_equal(desk.screen.focus, LETHE_PANE_BLANKET);
    press(LETHE_KEY_BACKTAB);
    assert_int_equal(desk.screen.focus, LETHE_PANE_LAYERS);
}

static void plain_keys_run_their_commands(void **state)
{
    (void)state;
    static const struct {
        uint32_t key;
        const char *line;
    } keys[] = {{LETHE_CTRL('c'), "cancel"},
                {'s', "select"},
                {'u', "undo"},
                {'U', "redo"},
                {LETHE_CTRL('r'), "redo"},
                {'r', "retrain warm &"},
                {'R', "retrain cold &"},
                {'a', "blanket auto"},
                {'v', "preview"}};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        press(keys[k].key);
        assert_string_equal(fake_host_last(&fake), keys[k].line);
    }
    press('w');
    assert_string_equal(fake_host_last(&fake), "why fc3[1]");
    type(":focus preview\n");
    press(LETHE_KEY_ENTER);
    assert_string_equal(fake_host_last(&fake), "preview");
}

static void refused_keys_say_why(void **state)
{
    (void)state;
    fake.refused = "undo";
    press('u');
    assert_int_equal(fake.line_count, 0);
    assert_true(shows("✗ undo: not possible now"));
    press('?');
    assert_true(shows("Keys of the blanket pane"));
    press(LETHE_KEY_ESC);
    press(0xe9);
    assert_true(shows("no such key here"));
    press('}'); /* moves the threshold, but there */
    assert_true(shows("this is a key of the Plot pane: Tab or a click goes there"));
}

static void lines_are_edited_completed_and_recalled(void **state)
{
    (void)state;
    type(":da");
    press(LETHE_KEY_TAB);
    assert_true(shows("▸damping"));
    press(LETHE_KEY_TAB);
    assert_string_equal(desk.line.text, "data");
    press(LETHE_KEY_BACKTAB);
    assert_string_equal(desk.line.text, "damping");
    type(" 1");
    press(LETHE_CTRL('a'));
    press(LETHE_CTRL('k'));
    type("é1x");
    press(LETHE_KEY_BACKSPACE);
    press(LETHE_KEY_LEFT);
    press(LETHE_KEY_LEFT);
    press(LETHE_KEY_DELETE);
    assert_string_equal(desk.line.text, "1");
    press(LETHE_CTRL('u'));
    press(LETHE_KEY_END);
    press(LETHE_CTRL('w'));
    type("note one\n:");
    assert_string_equal(fake_host_last(&fake), "note one");
    type("half");
    press(LETHE_KEY_UP);
    assert_string_equal(desk.line.text, "note one");
    press(LETHE_KEY_DOWN);
    assert_string_equal(desk.line.text, "half");
    press(LETHE_CTRL('u'));
    type("sav");
    press(LETHE_KEY_TAB);
    assert_string_equal(desk.line.text, "save-display ");
    press(LETHE_KEY_ESC);
    assert_int_equal(desk.typing, LETHE_TYPING_NONE);
}

static void a_line_never_overflows(void **state)
{
    (void)state;
    press(':');
    for (int k = 0; k < 3 * LETHE_INPUT_ROOM; k++)
        press(k % 2 ? 0x20ac : 'x');
    assert_true(desk.line.length <= LETHE_INPUT_ROOM);
    assert_true(shows("€"));
}

static void answers_and_errors_are_shown(void **state)
{
    (void)state;
    fake.answer = "one line\n";
    type(":info\n");
    assert_true(shows(" one line"));
    fake.answer = "first\nsecond\n";
    type(":info\n");
    assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_TEXT);
    assert_true(shows("second"));
    press('x');
    assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_NONE);
    type(":info\n:log"); /* a line begun over an answer is not lost */
    assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_NONE);
    assert_true(shows(":log"));
    press(LETHE_KEY_ESC);
    type(":info\nv"); /* and neither is the preview that follows it, nor what a lesson is told */
    assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_NONE);
    assert_string_equal(fake_host_last(&fake), "preview");
    fake.view.lesson = (struct lethe_view_lesson){.title = "One", .step = 1, .steps = 2};
    type(":info\nn");
    assert_string_equal(fake_host_last(&fake), "lesson next");
    type(":info\nc"); /* a key that decides only closes it */
    assert_int_equal(desk.typing, LETHE_TYPING_NONE);
    fake.view.lesson = (struct lethe_view_lesson){0};
    type(":preview\n"); /* the panes show it: no overlay */
    assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_NONE);
    static const char *const asking[] = {":jobs\n",      ":layers\n",  ":blanket \n",
                                         ":curvature\n", ":perturb\n", ":forget list\n"};
    for (size_t k = 0; k < sizeof asking / sizeof *asking; k++) {
        fake.answer = "said before\n";
        type(":info\n");
        fake.answer = "first\nsecond\n";
        type(asking[k]); /* a pane that is not in sight shows nothing */
        assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_TEXT);
        assert_true(shows("second") && !shows("said before"));
        press('x');
    }
    type(":curvature hessian\n"); /* what is set is seen beside the slider */
    assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_NONE);
    fake.fails = 1;
    type(":info\n");
    assert_true(shows("✗ info: not this time"));
}

static void late_answers_are_shown_to_who_asked(void **state)
{
    (void)state;
    fake.answer = "";
    type(":compare damping &\n");
    assert_true(shows("compare damping …"));
    fake.news = "T 0.667\nneighbours 1000\n";
    press(':');
    lethe_desk_news(&desk); /* somebody is typing: not over the line */
    assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_NONE);
    press(LETHE_KEY_ESC);
    fake.news = "T 0.667\nneighbours 1000\n";
    lethe_desk_news(&desk);
    assert_true(shows("neighbours 1000"));
    assert_true(shows("─ compare damping & ─"));
    assert_true(shows("compare damping: done") && !shows("compare damping …"));
    fake.news = "gradient 1e-8\nconverged yes\n"; /* of the same line: below */
    lethe_desk_news(&desk);
    assert_true(shows("neighbours 1000") && shows("converged yes"));
    press(LETHE_KEY_ESC);
    type(":compare methods k=3\n"); /* another one was begun before, and ends first */
    fake.news = "trials 4\nbest 2\n";
    fake.news_command = "tune";
    lethe_desk_news(&desk);
    assert_true(shows("─ tune ─") && shows("tune: done") && shows("best 2"));
    press(LETHE_KEY_ESC);
    fake.news = "methods 3\nrows 7\n";
    fake.news_command = "compare";
    lethe_desk_news(&desk);
    assert_true(shows("─ compare methods k=3 ─") && shows("rows 7"));
    press(LETHE_KEY_ESC);
    type(":view classes\n"); /* a pane shows it: only its name is said */
    fake.news = "classes 3\nrows 7\n";
    fake.news_command = "view";
    lethe_desk_news(&desk);
    assert_true(shows("view: done") && !shows("work: done"));
}

static void the_palette_finds_by_letters(void **state)
{
    (void)state;
    press(LETHE_CTRL('p'));
    type("cosel");
    lethe_desk_draw(&desk);
    assert_string_equal(desk.screen.entries[0].name, "compare selectors");
    press(LETHE_KEY_ENTER);
    assert_string_equal(desk.line.text, "compare ");
    press(LETHE_KEY_ESC);
    press(LETHE_CTRL('p'));
    type("prev\n");
    assert_string_equal(fake_host_last(&fake), "preview");
    press(LETHE_CTRL('p'));
    type("und\n");
    assert_true(shows("✗ undo: nothing to undo"));
    press(LETHE_CTRL('p'));
    type("zzz");
    assert_true(shows("nothing matches"));
    press(LETHE_KEY_ENTER);
    assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_NONE);
    assert_true(lethe_fuzzy_score("rc", "retrain cold") > lethe_fuzzy_score("rc", "search"));
    assert_int_equal(lethe_fuzzy_score("xyz", "retrain"), -1);
}

static void quitting_asks_about_an_uncommitted_preview(void **state)
{
    (void)state;
    press('q');
    assert_false(desk.quit);
    assert_true(shows("The preview is not committed"));
    press(LETHE_KEY_ESC);
    assert_false(desk.quit);
    press('q');
    press('c');
    assert_string_equal(desk.line.text, "commit ");
    press(LETHE_KEY_ESC);
    press('q');
    press('q');
    assert_true(desk.quit);
    desk.quit = 0;
    fake.view.uncommitted = 0;
    press('q');
    assert_true(desk.quit);
}

static void quitting_asks_about_an_unkept_session(void **state)
{
    (void)state;
    fake.view.uncommitted = 0;
    fake.view.loss = "1 commit ends with the program.\n\ns    save it in a folder";
    press('q');
    assert_false(desk.quit);
    assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_ASK);
    press('s');
    assert_false(desk.quit);
    assert_string_equal(desk.line.text, "save ");
    press(LETHE_KEY_ESC);
    press('q');
    press('q');
    assert_true(desk.quit);
}

static void the_display_is_saved_as_text_and_picture(void **state)
{
    (void)state;
    char folder[] = "/tmp/lethe-desk-XXXXXX", line[128], text[4096] = "";
    assert_non_null(mkdtemp(folder));
    static const struct {
        const char *ending, *starts;
    } kinds[] = {{"txt", " lethe  digits-mlp"}, {"ansi", "\033[0"}, {"svg", "<svg"}};
    for (size_t k = 0; k < 3; k++) {
        snprintf(line, sizeof line, ":save-display %s/a.%s\n", folder, kinds[k].ending);
        type(line);
        line[strlen(line) - 1] = 0;
        FILE *file = fopen(strchr(line, '/'), "r");
        assert_non_null(file);
        assert_true(fread(text, 1, sizeof text - 1, file) > 100);
        fclose(file);
        assert_memory_equal(text, kinds[k].starts, strlen(kinds[k].starts));
        assert_int_equal(unlink(strchr(line, '/')), 0);
    }
    rmdir(folder);
    type(":save-display /nowhere/a.txt\n");
    assert_true(desk.screen.message_bad);
    type(":save-display\n");
    assert_true(shows("give a file name"));
}

/* Any keys, at any size: nothing is read or written out of bounds (the sanitizers watch). */
static void random_keys_do_no_harm(void **state)
{
    (void)state;
    struct lethe_rng rng;
    const char *share = getenv("LETHE_TEST_SHARE");
    int count = 20000 / (share ? atoi(share) : 1);
    lethe_rng_init(&rng, 5, LETHE_RNG_TEST, 0, 0);
    for (int k = 0; k < count; k++) {
        uint64_t kind = lethe_rng_below(&rng, 20);
        uint32_t code = kind < 12   ? 32 + (uint32_t)lethe_rng_below(&rng, 95)
                        : kind < 15 ? 1 + (uint32_t)lethe_rng_below(&rng, 31)
                                    : LETHE_KEY_FIRST + (uint32_t)lethe_rng_below(&rng, 21);
        struct lethe_key key = {code, (int)lethe_rng_below(&rng, 30),
                                (int)lethe_rng_below(&rng, 90)};
        lethe_desk_key(&desk, key);
        desk.quit = desk.suspended = 0;
        if (k % 50 == 0) {
            int rows = 1 + (int)lethe_rng_below(&rng, 70),
                cols = 1 + (int)lethe_rng_below(&rng, 200);
            assert_int_equal(lethe_desk_resize(&desk, rows, cols, NULL), LETHE_OK);
        }
        if (k % 5 == 0)
            lethe_desk_draw(&desk);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(every_pane_is_reached_by_tab),
        DESK(plain_keys_run_their_commands),
        DESK(refused_keys_say_why),
        DESK(lines_are_edited_completed_and_recalled),
        DESK(a_line_never_overflows),
        DESK(answers_and_errors_are_shown),
        DESK(late_answers_are_shown_to_who_asked),
        DESK(the_palette_finds_by_letters),
        DESK(quitting_asks_about_an_uncommitted_preview),
        DESK(quitting_asks_about_an_unkept_session),
        DESK(the_display_is_saved_as_text_and_picture),
        DESK(random_keys_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
