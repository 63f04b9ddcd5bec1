/* SPDX-License-Identifier: MIT
 * Before an audience: what is presented, and what a lesson brings into sight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/desk_case.h"

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

/* Nothing is named: the sliders come with the figures they move, a figure that stands out with its
 * pane, any other pane alone. */
static void nothing_that_matters_is_out_of_sight(void **state)
{
    (void)state;
    fake.view.staging = (struct lethe_view_staging){.on = 1};
    desk.screen.focus = LETHE_PANE_BLANKET;
    assert_true(shows("▸Blanket") && shows("─ Preview"));
    press(LETHE_KEY_TAB);
    assert_true(shows("▸Preview") && !shows("─ Blanket"));
    desk.screen.focus = LETHE_PANE_HISTORY;
    assert_true(shows("▸History") && !shows("─ Preview"));
    fake.view.staging.spot = "forget loss";
    assert_true(shows("▸History") && shows("─ Preview"));
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

/* The host is told which plot is seen, so that a lesson can wait for it; none when none is. */
static void the_plot_that_is_seen_is_told(void **state)
{
    (void)state;
    assert_int_equal(lethe_desk_resize(&desk, 60, 200, NULL), LETHE_OK);
    lethe_desk_refresh(&desk);
    char first[24];
    snprintf(first, sizeof first, "%s", fake.shown);
    assert_true(*first && shows(fake.view.plots[0].title));
    press('p'); /* goes to the pane, then on */
    press('p');
    lethe_desk_refresh(&desk);
    assert_string_not_equal(fake.shown, first);
    assert_string_equal(fake.shown, fake.view.plots[1].kind);
    desk.screen.focus = LETHE_PANE_HISTORY;
    desk.screen.zoom = 1;
    lethe_desk_refresh(&desk);
    assert_string_equal(fake.shown, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(presenting_has_keys),
        DESK(nothing_that_matters_is_out_of_sight),
        DESK(lessons_bring_what_they_mean),
        DESK(the_plot_that_is_seen_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
