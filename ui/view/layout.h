/* SPDX-License-Identifier: MIT
 * Where things stand: a pure function of the screen's size and what is focused. */
#ifndef LETHE_VIEW_LAYOUT_H
#define LETHE_VIEW_LAYOUT_H

#include "ui/view/model.h"

enum { LETHE_LAYOUT_MIN_ROWS = 16, LETHE_LAYOUT_MIN_COLS = 60 };

struct lethe_rect {
    int y, x, rows, cols; /* rows 0: hidden. The first row is the pane's title rule */
};

struct lethe_layout {
    int too_small;
    struct lethe_rect pane[LETHE_PANES];
    int caption_row; /* of the line for an audience */
    int lesson_row;  /* of its strip */
    int slider_row, line_row, key_row;
    size_t docked; /* how many of screen->dock are shown */
};

/* The inside of a pane: what is left of its rectangle below the title. */
struct lethe_area lethe_layout_inside(struct lethe_area all, const struct lethe_rect *rect,
                                      const struct lethe_screen *screen);

void lethe_layout_make(struct lethe_layout *layout, int rows, int cols,
                       const struct lethe_screen *screen);

/* Gives pane the focus; a hidden pane of the dock takes the first place there. */
void lethe_layout_focus(struct lethe_screen *screen, int rows, int cols, enum lethe_pane pane);

/* Brings a pane into sight without giving it the focus. */
void lethe_layout_show(struct lethe_screen *screen, int rows, int cols, enum lethe_pane pane);

#endif
