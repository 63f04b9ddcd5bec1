/* SPDX-License-Identifier: MIT
 * What keys and presses do inside a pane: rows, samples, figures, plots, the plane, views. */
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "tests/support/desk_case.h"
#include "ui/view/layout.h"

static void samples_are_marked_filtered_and_sorted(void **state)
{
    (void)state;
    type(":focus samples\n");
    assert_int_equal(desk.screen.cursor[LETHE_PANE_SAMPLES], 17); /* the one that is marked */
    press(LETHE_KEY_HOME);
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

/* What is marked elsewhere brings the cursor of the ledger, and so the picture, along; what is
 * marked in the ledger, taken back or there already does not. */
static void what_is_marked_is_shown(void **state)
{
    (void)state;
    fake.samples[33].forget = 1;
    fake.view.forget = "#17, #33";
    fake.view.forgetting = 2;
    lethe_desk_refresh(&desk);
    assert_int_equal(desk.screen.cursor[LETHE_PANE_SAMPLES], 17); /* on a marked one already */
    fake.samples[17].forget = 0;
    fake.view.forget = "#33";
    fake.view.forgetting = 1;
    lethe_desk_refresh(&desk);
    assert_int_equal(desk.screen.cursor[LETHE_PANE_SAMPLES], 17); /* fewer than before */
    fake.samples[33].forget = 0;
    fake.samples[30].forget = 1;
    fake.view.forget = "#30";
    lethe_desk_refresh(&desk);
    assert_int_equal(desk.screen.cursor[LETHE_PANE_SAMPLES], 30);
    type(":focus samples\n");
    press(LETHE_KEY_HOME);
    fake.samples[35].forget = 1;
    fake.view.forget = "#30, #35";
    fake.view.forgetting = 2;
    lethe_desk_refresh(&desk);
    assert_int_equal(desk.screen.cursor[LETHE_PANE_SAMPLES], 0);
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
    press(LETHE_KEY_HOME);
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

    /* what is no figure of the preview is said by the pane: the row under the cursor */
    fake.answer = "term     samples pane\nmeaning  The ledger.\n";
    type(":focus samples\n");
    press('e');
    assert_non_null(strstr(desk.screen.text, "term     samples pane\nnow      sample "));
    assert_non_null(strstr(desk.screen.text, "\nmeaning  The ledger.\n"));
    press(0x1b);
    fake.answer = "term     samples pane\nnow      seven\nmeaning  The ledger.\n";
    press('e'); /* an answer that has its number keeps it */
    assert_string_equal(desk.screen.text, fake.answer);
    fake.answer = NULL;
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

static void the_surface_comes_into_sight(void **state)
{
    (void)state;
    press('g');
    struct lethe_layout layout;
    lethe_layout_make(&layout, desk.canvas.rows, desk.canvas.cols, &desk.screen);
    assert_true(layout.pane[LETHE_PANE_SURFACE].rows > 0);
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

/* The table of methods comes into sight when it is asked for; a row is taken with its parameters.
 */
static void a_method_is_taken_from_the_table(void **state)
{
    (void)state;
    type(":compare methods k=3\n");
    assert_int_equal(desk.screen.dock[0], LETHE_PANE_METHODS);
    type(":focus methods\n");
    press('x');
    assert_string_equal(fake_host_last(&fake), "compare methods &");
    press('T');
    assert_string_equal(fake_host_last(&fake), "compare methods tuned &");
    press(LETHE_KEY_ENTER); /* nothing done */
    assert_true(shows("no method"));
    press(LETHE_KEY_DOWN);
    press('j');
    press(LETHE_KEY_ENTER);
    assert_string_equal(fake_host_last(&fake), "method badteacher epochs=2,rate=0.003");
    press(LETHE_KEY_END);
    press(LETHE_KEY_ENTER);
    assert_string_equal(fake_host_last(&fake), "method badteacher epochs=2,rate=0.003");
    fake.view.table.own = "scrub";
    assert_true(shows("scrub as set, "));
    struct lethe_view_table_row rows[] = {{.name = "(nothing done)"},
                                          {.name = "lfoci", .word = "finetune"}};
    fake.view.table.rows = rows;
    fake.view.table.count = 2;
    fake.view.table.masks = 1;
    assert_true(shows("finetune on masks, "));
    fake.view.table = (struct lethe_view_table){.count = 0};
    press(LETHE_KEY_ENTER);
    assert_true(shows("nothing was compared yet"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(a_method_is_taken_from_the_table),
        DESK(samples_are_marked_filtered_and_sorted),
        DESK(what_is_marked_is_shown),
        DESK(the_mouse_points_at_rows),
        DESK(every_figure_can_be_asked),
        DESK(why_is_asked_from_two_panes),
        DESK(plots_keep_their_kind),
        DESK(the_surface_comes_into_sight),
        DESK(the_threshold_moves_by_keys),
        DESK(the_plane_takes_presses),
        DESK(views_turn_and_zoom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
