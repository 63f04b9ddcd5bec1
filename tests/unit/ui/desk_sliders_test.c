/* SPDX-License-Identifier: MIT
 * The sliders, those of the blanket and the damping and those of other methods, and the list
 * methods are chosen from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "tests/support/desk_case.h"
#include "tests/support/screen_fixture.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(sliders_become_commands),
        DESK(surface_arrows_move_both_sliders),
        DESK(sliders_bring_a_preview_with_them),
        DESK(the_mouse_focuses_and_slides),
        DESK(m_chooses_a_method),
        DESK(a_method_has_sliders_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
