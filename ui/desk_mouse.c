/* SPDX-License-Identifier: MIT
 * What the mouse does: panes get the focus, rows the cursor, sliders their place. */
#include "ui/desk.h"
#include "ui/view/layout.h"
#include "ui/view/pane.h"
#include "ui/view/panes.h"

/* A press on the row under the cursor does what its pane is for; where the pane says so a press on
 * any row. */
static void press_row(struct lethe_desk *desk, size_t row, int focused)
{
    struct lethe_screen *screen = &desk->screen;
    const int again = focused && screen->cursor[screen->focus] == row;
    lethe_desk_move_to(desk, row);
    if ((again || lethe_panes[screen->focus]->press_first) && lethe_panes[screen->focus]->press)
        lethe_desk_command_key(desk, (struct lethe_key){.code = lethe_panes[screen->focus]->press});
}

static void mouse_pane(struct lethe_desk *desk, struct lethe_key key, enum lethe_pane pane,
                       const struct lethe_rect *rect)
{
    struct lethe_screen *screen = &desk->screen;
    const int wheel = key.code == LETHE_KEY_WHEEL_UP || key.code == LETHE_KEY_WHEEL_DOWN;
    const int was = screen->focus == pane;
    if (key.code == LETHE_KEY_MOUSE_DRAG)
        return;
    lethe_layout_focus(screen, desk->canvas.rows, desk->canvas.cols, pane);
    if (wheel) {
        lethe_desk_move(desk, key.code == LETHE_KEY_WHEEL_UP ? -3 : 3);
        return;
    }
    const struct lethe_area area = lethe_layout_inside(lethe_area_all(&desk->canvas), rect, screen);
    const int y = key.y - area.y, x = key.x - area.x;
    if (y == 0 && lethe_panes[pane]->press_heading &&
        lethe_panes[pane]->press_heading(screen, x, area.cols))
        return;
    if (lethe_panes[pane]->press_at && y >= 0) {
        struct lethe_pane_request ask = {0};
        lethe_panes[pane]->press_at(&ask, area, y, x, desk->view, screen);
        lethe_desk_grant(desk, &ask);
        return;
    }
    size_t row = y >= 0 && lethe_panes[pane]->at
                     ? lethe_panes[pane]->at(area, y, desk->view, screen)
                     : (size_t)-1;
    if (row == (size_t)-1)
        return;
    press_row(desk, row, was);
}

/* A press beside the track chooses the slider; a drag beyond its end stays at the end. */
static void mouse_slider(struct lethe_desk *desk, uint32_t code, struct lethe_slider_place place,
                         double fraction)
{
    const double near = 0.05;
    const enum lethe_slider slider = place.slider;
    desk->screen.param = slider == LETHE_SLIDER_PARAM ? place.param : desk->screen.param;
    if (code == LETHE_KEY_WHEEL_UP || code == LETHE_KEY_WHEEL_DOWN)
        lethe_desk_slide(desk, slider, code == LETHE_KEY_WHEEL_UP ? 1 : -1);
    else if (code == LETHE_KEY_MOUSE_DRAG || (fraction > -near && fraction < 1 + near))
        lethe_desk_slide_to(desk, slider, fraction);
    else
        desk->screen.slider = slider;
}

void lethe_desk_mouse(struct lethe_desk *desk, struct lethe_key key)
{
    struct lethe_layout layout;
    int rows_now = desk->canvas.rows, cols = desk->canvas.cols;
    lethe_layout_make(&layout, rows_now, cols, &desk->screen);
    if (layout.too_small)
        return;
    if (key.y == layout.slider_row + 1) {
        double fraction = 0;
        const struct lethe_slider_place at =
            lethe_sliders_at(&fraction, key.x, cols, desk->view, &desk->screen);
        if (at.slider != LETHE_SLIDERS)
            mouse_slider(desk, key.code, at, fraction);
        return;
    }
    for (int k = 0; k < LETHE_PANES; k++) {
        const struct lethe_rect *rect = &layout.pane[k];
        if (key.y >= rect->y && key.y < rect->y + rect->rows && key.x >= rect->x &&
            key.x < rect->x + rect->cols) {
            mouse_pane(desk, key, (enum lethe_pane)k, rect);
            return;
        }
    }
}
