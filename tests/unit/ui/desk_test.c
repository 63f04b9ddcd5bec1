/* SPDX-License-Identifier: MIT
 * Keys in, command lines and screens out, without a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "lethe/rng.h"
#include "tests/support/fake_host.h"
#include "tests/support/screen_fixture.h"
#include "ui/desk.h"
#include "ui/fuzzy.h"
#include "ui/term/glyph.h"
#include "ui/view/layout.h"

static struct fake_host fake;
static struct lethe_host host;
static struct lethe_desk desk;

static int start(void **state)
{
    (void)state;
    fake_host_init(&fake, &host);
    return lethe_desk_init(&desk, &host, 24, 80, (struct lethe_display){LETHE_BRAILLE, 256}, NULL);
}

static int stop(void **state)
{
    (void)state;
    lethe_desk_release(&desk);
    return 0;
}

static void press(uint32_t code)
{
    lethe_desk_key(&desk, (struct lethe_key){code, 0, 0});
}

static void type(const char *text)
{
    for (uint32_t glyph; (glyph = lethe_glyph_next(&text)) != 0;)
        press(glyph == '\n' ? LETHE_KEY_ENTER : glyph);
}

static int shows(const char *wanted)
{
    lethe_desk_draw(&desk);
    char *text = lethe_canvas_text(&desk.canvas);
    int found = strstr(text, wanted) != NULL;
    if (!found)
        printf("'%s' is not on the screen:\n%s", wanted, text);
    lethe_free(text);
    return found;
}

static void sliders_become_commands(void **state)
{
    (void)state;
    press(LETHE_KEY_RIGHT);
    assert_string_equal(fake_host_last(&fake), "blanket 3");
    press('L');
    assert_string_equal(fake_host_last(&fake), "blanket 7");
    press('l');
    assert_int_equal(fake.line_count, 2); /* at the end: nothing to run */
    press('d');
    press('h');
    assert_string_equal(fake_host_last(&fake), "damping 0.0003");
    press('H');
    assert_string_equal(fake_host_last(&fake), "damping 3e-05");
    for (int k = 0; k < 30; k++)
        press(LETHE_KEY_LEFT);
    assert_string_equal(fake_host_last(&fake), "damping 0");
    press('b');
    type("4\n");
    assert_string_equal(fake_host_last(&fake), "blanket 4");
    assert_true(shows("4/7"));
}

static void surface_arrows_move_both_sliders(void **state)
{
    (void)state;
    type(":focus surface\n");
    assert_int_equal(desk.screen.focus, LETHE_PANE_SURFACE);
    press(LETHE_KEY_DOWN);
    assert_string_equal(fake_host_last(&fake), "blanket 3");
    press(LETHE_KEY_RIGHT);
    assert_string_equal(fake_host_last(&fake), "damping 0.003");
}

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

/* F and Esc ask for it; Tab stays among the panes that are presented; o and a lesson point at
 * figures; a press finds rows between free lines. */
static void presenting_has_keys(void **state)
{
    (void)state;
    static const char *const panes[] = {"preview", "surface"};
    press('F');
    assert_string_equal(fake_host_last(&fake), "present on");
    fake.view.staging = (struct lethe_view_staging){.on = 1, .panes = panes, .pane_count = 2};
    assert_true(shows("▸Preview"));
    press(LETHE_KEY_TAB);
    assert_int_equal(desk.screen.focus, LETHE_PANE_SURFACE);
    press(LETHE_KEY_TAB);
    assert_int_equal(desk.screen.focus, LETHE_PANE_PREVIEW);
    press(LETHE_KEY_DOWN);
    press('o');
    assert_string_equal(fake_host_last(&fake), "spotlight forget loss");
    fake.view.staging.spot = "forget loss";
    press('o');
    assert_string_equal(fake_host_last(&fake), "spotlight off");
    press('F');
    assert_string_equal(fake_host_last(&fake), "present off");
    press(LETHE_KEY_ESC);
    assert_string_equal(fake_host_last(&fake), "present off");
    fake.view.staging = (struct lethe_view_staging){.on = 1, .panes = panes, .pane_count = 1};
    assert_int_equal(lethe_desk_resize(&desk, 60, 120, NULL), LETHE_OK);
    lethe_desk_draw(&desk);
    /* title, a free line, headings, then every second line */
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, 1 + 3 + 2 * 5, 10});
    assert_int_equal(desk.screen.cursor[LETHE_PANE_PREVIEW], 5);
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, 1 + 3 + 2 * 5 + 1, 10});
    assert_int_equal(desk.screen.cursor[LETHE_PANE_PREVIEW], 5);
}

/* A step of a lesson brings what it points at into sight, once. */
static void lessons_bring_what_they_mean(void **state)
{
    (void)state;
    fake.view.lesson = (struct lethe_view_lesson){.title = "t",
                                                  .step = 1,
                                                  .steps = 3,
                                                  .said = "",
                                                  .read = "r",
                                                  .point_kind = "pane",
                                                  .point = "jobs"};
    desk.screen.zoom = 1;
    assert_true(shows("Jobs ◂ here"));
    type(":focus surface\n");
    lethe_desk_draw(&desk);
    assert_int_equal(desk.screen.dock[0], LETHE_PANE_SURFACE);
    fake.view.lesson.step = 2;
    fake.view.lesson.point_kind = "figure";
    fake.view.lesson.point = "KL held-out";
    assert_true(shows("▸KL held-out"));
}

/* Where the plane pane draws a sample, in cells of the whole screen: (x, y). */
static void place_of(double place[2], size_t sample)
{
    const struct lethe_plane_chart *chart = &desk.view->plane.chart;
    struct lethe_layout layout;
    lethe_layout_make(&layout, desk.canvas.rows, desk.canvas.cols, &desk.screen);
    const struct lethe_area area = lethe_layout_inside(
        lethe_area_all(&desk.canvas), &layout.pane[LETHE_PANE_PLANE], &desk.screen);
    const double *at = chart->at + 2 * sample;
    const int rows = area.rows - 1; /* the last is the legend */
    place[0] = area.x + (at[0] - chart->low[0]) / (chart->high[0] - chart->low[0]) * area.cols;
    place[1] = area.y + (chart->high[1] - at[1]) / (chart->high[1] - chart->low[1]) * rows;
}

static struct lethe_key press_on(size_t sample)
{
    double place[2];
    place_of(place, sample);
    return (struct lethe_key){LETHE_KEY_MOUSE_PRESS, (int)place[1], (int)place[0]};
}

/* The sample nearest to the middle of the cell that is pressed, by brute force. */
static size_t nearest_to(struct lethe_key key)
{
    size_t best = 0;
    double least = 1e9;
    for (size_t k = 0; k < desk.view->plane.chart.count; k++) {
        double place[2];
        place_of(place, k);
        const double far = hypot(place[0] - key.x - 0.5, 2 * (place[1] - key.y - 0.5));
        if (desk.view->plane.chart.mark[k] != LETHE_MARK_GONE && far < least) {
            least = far;
            best = k;
        }
    }
    return best;
}

/* A press on the plane marks the sample there, zoomed, docked and presented; one beside all samples
 * does nothing; keys go through the ledger. */
static void the_plane_takes_presses(void **state)
{
    (void)state;
    char wanted[40];
    lethe_desk_resize(&desk, 60, 200, NULL);
    type(":focus plane\n");
    for (int way = 0; way < 3; way++) {
        size_t hit = 0;
        desk.screen.zoom = way == 1;
        fake.view.staging.on = way == 2;
        lethe_desk_draw(&desk);
        for (size_t sample = 0; sample < fake.view.plane.chart.count; sample++) {
            const int gone = fake.view.plane.chart.mark[sample] == LETHE_MARK_GONE;
            const size_t near = nearest_to(press_on(sample));
            if (gone || near != sample)
                continue; /* another one is drawn in the same cell */
            lethe_desk_key(&desk, press_on(sample));
            snprintf(wanted, sizeof wanted, "forget %s %zu",
                     fake.view.plane.chart.mark[sample] == LETHE_MARK_FORGET ? "remove" : "add",
                     sample);
            assert_string_equal(fake_host_last(&fake), wanted);
            assert_int_equal(desk.screen.order[desk.screen.cursor[LETHE_PANE_SAMPLES]], sample);
            hit++;
        }
        assert_true(hit > 25);
        const size_t lines = fake.line_count;
        struct lethe_key corner = press_on(0);
        corner.y -= corner.y; /* the title of the screen */
        lethe_desk_key(&desk, corner);
        assert_int_equal(fake.line_count, lines);
    }
    desk.screen.cursor[LETHE_PANE_SAMPLES] = 3;
    press(LETHE_KEY_DOWN);
    press('j');
    press('k');
    press(' ');
    assert_string_equal(fake_host_last(&fake), "forget remove 4"); /* it was marked above */
}

/* The attacker's threshold goes from sample to sample, over losses and ROC only. */
static void the_threshold_moves_by_keys(void **state)
{
    (void)state;
    struct lethe_view_plot plots[2] = {fake.view.plots[0], fake.view.plots[1]};
    for (int k = 0; k < 2; k++) {
        plots[k].threshold = 0.5;
        plots[k].below[0] = 0.25;
        plots[k].below[1] = 0.125;
        plots[k].above[0] = 0.75;
        plots[k].above[1] = 0.5; /* nothing is above that far */
    }
    type(":focus plot\n");
    press(']');
    assert_true(shows("a threshold goes with losses and ROC"));
    fake.view.plots = plots;
    press(']');
    assert_string_equal(fake_host_last(&fake), "plot roc threshold=0.75");
    press('{');
    assert_string_equal(fake_host_last(&fake), "plot roc threshold=0.125");
    press('p');
    press('[');
    assert_string_equal(fake_host_last(&fake), "plot loss threshold=0.25");
    press('}');
    assert_true(shows("no sample has a larger loss"));
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
}

static void samples_are_marked_filtered_and_sorted(void **state)
{
    (void)state;
    type(":focus samples\n");
    press(LETHE_KEY_DOWN);
    press(' ');
    assert_string_equal(fake_host_last(&fake), "forget add 1");
    assert_int_equal(desk.screen.cursor[LETHE_PANE_SAMPLES], 2);
    press(LETHE_KEY_UP);
    press(' ');
    assert_string_equal(fake_host_last(&fake), "forget remove 1");
    type("/class:7\n");
    assert_true(shows("3 of 40  /class:7"));
    type("oo");
    assert_int_equal(desk.screen.sort, LETHE_SORT_BEFORE);
    press('O');
    lethe_desk_draw(&desk);
    for (size_t k = 1; k < desk.screen.order_count; k++)
        assert_true(fake.samples[desk.screen.order[k - 1]].before >=
                    fake.samples[desk.screen.order[k]].before);
    press(LETHE_KEY_ESC);
    lethe_desk_draw(&desk);
    assert_int_equal(desk.screen.order_count, 40);
    type("/forget\n");
    lethe_desk_draw(&desk);
    assert_int_equal(desk.screen.order_count, 1);
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
    type(":preview\n"); /* the panes show it: no overlay */
    assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_NONE);
    fake.fails = 1;
    type(":info\n");
    assert_true(shows("✗ info: not this time"));
}

static void sliders_bring_a_preview_with_them(void **state)
{
    (void)state;
    press('v');
    press(LETHE_KEY_RIGHT);
    assert_int_equal(fake.line_count, 3);
    assert_string_equal(fake_host_last(&fake), "preview");
    type(":forget add 3\n");
    press(LETHE_KEY_LEFT);
    assert_string_equal(fake_host_last(&fake), "blanket 2");
    fake.news = "preview: the matrix is singular";
    fake.news_fails = 1;
    lethe_desk_news(&desk);
    assert_true(shows("✗ preview: the matrix is singular"));
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
    fake.news = "gradient 1e-8\nconverged yes\n"; /* of the same line: below */
    lethe_desk_news(&desk);
    assert_true(shows("neighbours 1000") && shows("converged yes"));
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

static void the_mouse_focuses_and_slides(void **state)
{
    (void)state;
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, 3, 60});
    assert_int_equal(desk.screen.focus, LETHE_PANE_PREVIEW);
    assert_string_equal(fake_host_last(&fake), "explain forget accuracy"); /* of one press */
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, 21, 33});
    assert_string_equal(fake_host_last(&fake), "blanket 7");
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, 21, 38}); /* its number */
    assert_int_equal(fake.line_count, 2);
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_DRAG, 21, 2});
    assert_string_equal(fake_host_last(&fake), "blanket 0");
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, 21, 50});
    assert_int_equal(desk.screen.slider, LETHE_SLIDER_DAMPING);
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_WHEEL_DOWN, 3, 60});
    assert_int_equal(desk.screen.cursor[LETHE_PANE_PREVIEW], 3);
}

/* The list of methods: the one that is set is under the cursor, letters find another. */
static void m_chooses_a_method(void **state)
{
    (void)state;
    press('m');
    assert_true(shows("Method of the removal"));
    assert_int_equal(desk.screen.entry_cursor, 0);
    press(LETHE_KEY_DOWN);
    press(LETHE_KEY_ESC);
    assert_int_equal(desk.screen.overlay, LETHE_OVERLAY_NONE);
    assert_int_equal(fake.line_count, 0);
    press('m');
    type("scr\n");
    assert_string_equal(fake_host_last(&fake), "method scrub");
    press(LETHE_CTRL('p')); /* the palette lists commands again */
    type("prev\n");
    assert_string_equal(fake_host_last(&fake), "preview");
    fake.refused = "method";
    press('m');
    assert_true(shows("✗ method: not possible now"));
}

/* The numbers of a method take the place of blanket and damping: keys, digits, mouse; and what they
 * set is previewed when previews are wanted. */
static void a_method_has_sliders_of_its_own(void **state)
{
    (void)state;
    screen_fixture_method(&fake.view, 0);
    assert_true(shows("▸ alpha"));
    press(LETHE_KEY_LEFT);
    assert_string_equal(fake_host_last(&fake), "method scrub alpha=0.0005");
    press('d');
    assert_true(shows("arrows and digits now set epochs: passes over the samples (published 10)"));
    press('L');
    assert_string_equal(fake_host_last(&fake), "method scrub epochs=30");
    press('b');
    press('b'); /* round the end */
    assert_true(shows("rate"));
    type("5");
    assert_string_equal(desk.line.text, "method scrub rate=5");
    press(LETHE_KEY_ESC);
    press('v');
    press(LETHE_KEY_RIGHT);
    assert_string_equal(fake.lines[fake.line_count - 2], "method scrub rate=0.001");
    assert_string_equal(fake_host_last(&fake), "preview");
    press('d');
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_DRAG, 21, 39});
    assert_string_equal(fake.lines[fake.line_count - 2], "method scrub alpha=1");
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, 21, 50});
    assert_int_equal(desk.screen.param, 1);
    screen_fixture_method(&fake.view, 1); /* its mask is a blanket: that has a slider, too */
    press('b');
    press('b');
    assert_true(shows("▸ blanket"));
    press(LETHE_KEY_RIGHT);
    assert_string_equal(fake.lines[fake.line_count - 2], "blanket 3");
    fake.view.unlearning = NULL;
    fake.view.method_param_count = 0;
    assert_true(shows("damping"));
    assert_int_equal(desk.screen.slider, LETHE_SLIDER_BLANKET);
}

/* Views of three models: their keys ask for other samples, models, axes; the embedding is looked at
 * without asking, and its points are found by the mouse. */
static void views_turn_and_zoom(void **state)
{
    (void)state;
    type(":focus classes\n");
    press('x');
    assert_string_equal(fake_host_last(&fake), "view classes set=forget");
    fake.view.confusion.set = "forget";
    type(":focus confusion\n");
    press('x');
    assert_string_equal(fake_host_last(&fake), "view confusion set=retain");
    type(":focus cka\n");
    press('x');
    assert_string_equal(fake_host_last(&fake), "view layers a=now b=retrain");
    type(":view embedding\n");
    assert_int_equal(desk.screen.dock[0], LETHE_PANE_EMBEDDING);
    type(":focus embedding\n");
    press('D');
    assert_string_equal(fake_host_last(&fake), "view embedding by=discriminants");
    press(' ');
    assert_string_equal(fake_host_last(&fake), "forget remove 17");
    type("yyy"); /* the three to be forgotten alone */
    press(LETHE_KEY_DOWN);
    press('j');
    press('j');
    assert_int_equal(desk.screen.cursor[LETHE_PANE_EMBEDDING], 2);
    type("yyyj"); /* with the held-out ones */
    assert_true(fake.view.embedding.mark[desk.screen.cursor[LETHE_PANE_EMBEDDING]] ==
                LETHE_SCATTER_HELDOUT);
    press(' ');
    assert_true(shows("is a held-out sample"));
    type("x+++t");
    assert_true(shows("x 8"));
    assert_true(shows("now"));
    for (int k = 0; k < 20; k++)
        press('-');
    assert_int_equal(desk.screen.embedding_zoom, 0);
    const size_t was = desk.screen.cursor[LETHE_PANE_EMBEDDING];
    for (int x = 34; x < 78; x++)
        for (int y = 15; y < 20; y++)
            lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, y, x});
    assert_true(desk.screen.cursor[LETHE_PANE_EMBEDDING] != was);
    type(":focus sample\n");
    press('x');
    assert_true(shows("▸one"));
}

static void the_mouse_points_at_rows(void **state)
{
    (void)state;
    const struct lethe_key unit = {LETHE_KEY_MOUSE_PRESS, 14, 6}; /* the fourth, below the cut */
    lethe_desk_key(&desk, unit);
    assert_int_equal(desk.screen.cursor[LETHE_PANE_BLANKET], 3);
    lethe_desk_key(&desk, unit); /* once more takes it */
    assert_string_equal(fake_host_last(&fake), "blanket 4");
    type(":focus samples\n");
    type("z");
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, 8, 10});
    assert_int_equal(desk.screen.cursor[LETHE_PANE_SAMPLES], 5);
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, 8, 10});
    assert_string_equal(fake_host_last(&fake), "forget add 5");
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, 2, 15}); /* a heading */
    assert_int_equal(desk.screen.sort, LETHE_SORT_LABEL);
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_MOUSE_PRESS, 2, 15});
    assert_true(desk.screen.descending);
    lethe_desk_key(&desk, (struct lethe_key){LETHE_KEY_WHEEL_DOWN, 8, 10});
    assert_int_equal(desk.screen.cursor[LETHE_PANE_SAMPLES], 3);
}

static void plots_keep_their_kind(void **state)
{
    (void)state;
    type("pp");
    assert_string_equal(desk.screen.plot, "loss");
    static struct lethe_view_plot turned[2];
    turned[0] = fake.view.plots[1];
    turned[1] = fake.view.plots[0];
    fake.view.plots = turned;
    assert_true(shows("loss by group  1/2"));
    type(":plot roc\n");
    assert_string_equal(fake_host_last(&fake), "plot roc");
    assert_true(shows("ROC of the attack  2/2"));
    type("S");
    assert_string_equal(fake_host_last(&fake), "plot roc term=sixel");
}

static void why_is_asked_from_two_panes(void **state)
{
    (void)state;
    press('w');
    assert_string_equal(fake_host_last(&fake), "why fc3[1]");
    assert_int_equal(desk.screen.focus, LETHE_PANE_BLANKET);
    assert_string_equal(desk.screen.plot, "why");
    type(":focus layers\n");
    press('w');
    assert_string_equal(fake_host_last(&fake), "why fc1[7]");
    type(":focus samples\n");
    press('E');
    assert_string_equal(fake_host_last(&fake), "leverage &");
}

/* What the cursor is on is what is asked. */
static void every_figure_can_be_asked(void **state)
{
    (void)state;
    type(":focus preview\n");
    press('e');
    assert_string_equal(fake_host_last(&fake), "explain forget accuracy");
    press(LETHE_KEY_DOWN);
    press('e');
    assert_string_equal(fake_host_last(&fake), "explain forget loss");
    type(":focus blanket\n");
    press('e');
    assert_string_equal(fake_host_last(&fake), "explain T");
    type(":focus layers\n");
    press('e');
    assert_string_equal(fake_host_last(&fake), "explain marginal");
    type(":focus history\n");
    press('e');
    assert_string_equal(fake_host_last(&fake), "explain state");
}

static void the_surface_comes_into_sight(void **state)
{
    (void)state;
    press('g');
    struct lethe_layout layout;
    lethe_layout_make(&layout, desk.canvas.rows, desk.canvas.cols, &desk.screen);
    assert_true(layout.pane[LETHE_PANE_SURFACE].rows > 0);
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
#define DESK(test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        DESK(sliders_become_commands),
        DESK(surface_arrows_move_both_sliders),
        DESK(every_pane_is_reached_by_tab),
        DESK(plain_keys_run_their_commands),
        DESK(presenting_has_keys),
        DESK(lessons_bring_what_they_mean),
        DESK(the_plane_takes_presses),
        DESK(the_threshold_moves_by_keys),
        DESK(refused_keys_say_why),
        DESK(samples_are_marked_filtered_and_sorted),
        DESK(lines_are_edited_completed_and_recalled),
        DESK(a_line_never_overflows),
        DESK(answers_and_errors_are_shown),
        DESK(sliders_bring_a_preview_with_them),
        DESK(late_answers_are_shown_to_who_asked),
        DESK(the_palette_finds_by_letters),
        DESK(quitting_asks_about_an_uncommitted_preview),
        DESK(quitting_asks_about_an_unkept_session),
        DESK(every_figure_can_be_asked),
        DESK(the_surface_comes_into_sight),
        DESK(the_display_is_saved_as_text_and_picture),
        DESK(the_mouse_focuses_and_slides),
        DESK(the_mouse_points_at_rows),
        DESK(m_chooses_a_method),
        DESK(views_turn_and_zoom),
        DESK(a_method_has_sliders_of_its_own),
        DESK(plots_keep_their_kind),
        DESK(why_is_asked_from_two_panes),
        DESK(random_keys_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
