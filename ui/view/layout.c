/* SPDX-License-Identifier: MIT
 * Two shapes. Narrow: layers over blanket on the left, preview over one docked pane on the right.
 * Wide (112 columns and more): layers, blanket and preview side by side, and below them as many
 * docked panes as fit, in one row or two. */
#include <string.h>

#include "ui/view/layout.h"

enum { WIDE = 112, DOCK_COLS = 56, DOCK_ROWS = 10, DOCKED = LETHE_PANES - LETHE_PANE_PLOT };

static int clamp(int value, int lo, int hi)
{
    return value < lo ? lo : value > hi ? hi : value;
}

static void narrow(struct lethe_layout *layout, int top, int rows, int cols,
                   const struct lethe_screen *screen)
{
    int left = clamp(cols * 2 / 5, 26, 44), right = cols - left - 1;
    const int pointed = screen->pointed == screen->dock[0]; /* a lesson is about the lower one */
    int upper_left = clamp(rows * 2 / 5, 5, 12);
    int upper_right = pointed ? clamp(rows * 2 / 5, 5, 12) : clamp(rows * 3 / 5, 7, 18);
    layout->pane[LETHE_PANE_LAYERS] = (struct lethe_rect){top, 0, upper_left, left};
    layout->pane[LETHE_PANE_BLANKET] =
        (struct lethe_rect){top + upper_left, 0, rows - upper_left, left};
    layout->pane[LETHE_PANE_PREVIEW] = (struct lethe_rect){top, left + 1, upper_right, right};
    layout->pane[screen->dock[0]] =
        (struct lethe_rect){top + upper_right, left + 1, rows - upper_right, right};
    layout->docked = 1;
}

static void wide(struct lethe_layout *layout, int top, int rows, int cols,
                 const struct lethe_screen *screen)
{
    int upper = clamp(rows * 2 / 5, rows < 26 ? rows / 2 : 13, 18), lower = rows - upper;
    int preview = clamp(cols * 2 / 5, 50, 76), rest = cols - preview - 2;
    int layers = rest / 2, blanket = rest - layers;
    layout->pane[LETHE_PANE_LAYERS] = (struct lethe_rect){top, 0, upper, layers};
    layout->pane[LETHE_PANE_BLANKET] = (struct lethe_rect){top, layers + 1, upper, blanket};
    layout->pane[LETHE_PANE_PREVIEW] =
        (struct lethe_rect){top, layers + blanket + 2, upper, preview};
    int lines = lower >= 2 * DOCK_ROWS ? 2 : 1, across = clamp(cols / DOCK_COLS, 1, 3);
    const int tall = screen->dock[0] == LETHE_PANE_PLANE || /* nearly square: both rows */
                     screen->dock[0] == LETHE_PANE_EMBEDDING;
    for (int line = 0, k = 0; line < lines; line++)
        for (int slot = line && tall; slot < across && k < DOCKED; slot++, k++) {
            int x0 = slot * (cols + 1) / across, x1 = (slot + 1) * (cols + 1) / across;
            int y0 = line * lower / lines, y1 = k || !tall ? (line + 1) * lower / lines : lower;
            layout->pane[screen->dock[k]] =
                (struct lethe_rect){top + upper + y0, x0, y1 - y0, x1 - x0 - 1};
            layout->docked++;
        }
}

/* The panes for an audience in the order of the teacher, as many as have room, the focused one
 * among them; that one alone when it is none of them. */
static int chosen(enum lethe_pane shown[LETHE_STAGED_PANES], int most,
                  const struct lethe_screen *screen)
{
    int count = 0, coming = 0;
    for (size_t k = 0; k < screen->staged_count; k++)
        coming |= screen->staged[k] == screen->focus;
    const size_t offered = coming ? screen->staged_count : 0;
    for (size_t k = 0; k < offered; k++) {
        const int focused = screen->staged[k] == screen->focus;
        if (focused || count + coming < most)
            shown[count++] = screen->staged[k];
        coming -= focused;
    }
    if (!count)
        shown[count++] = screen->focus;
    return count;
}

/* Side by side where each has the width, otherwise one below the other. */
static void presented(struct lethe_layout *layout, int top, int rows, int cols,
                      const struct lethe_screen *screen)
{
    enum { WIDTH = 56, HEIGHT = 8 };
    enum lethe_pane shown[LETHE_STAGED_PANES];
    const int across_most = (cols + 1) / WIDTH, below_most = rows / HEIGHT;
    const int most = across_most > below_most ? across_most : below_most;
    const int count = chosen(shown, most, screen), across = count <= across_most;
    for (int k = 0; k < count; k++) {
        const int y0 = across ? 0 : k * rows / count, y1 = across ? rows : (k + 1) * rows / count;
        const int x0 = across ? k * (cols + 1) / count : 0;
        const int x1 = across ? (k + 1) * (cols + 1) / count : cols + 1;
        layout->pane[shown[k]] = (struct lethe_rect){top + y0, x0, y1 - y0, x1 - x0 - 1};
    }
}

struct lethe_area lethe_layout_inside(struct lethe_area all, const struct lethe_rect *rect,
                                      const struct lethe_screen *screen)
{
    enum { AIR = 2 }; /* columns on both sides */
    const int air = screen->presenting && rect->cols > 60 ? AIR : 0;
    const int above = screen->presenting && rect->rows > 14;
    return lethe_area_part(all, rect->y + 1 + above, rect->x + air, rect->rows - 1 - above,
                           rect->cols - 2 * air);
}

void lethe_layout_make(struct lethe_layout *layout, int rows, int cols,
                       const struct lethe_screen *screen)
{
    memset(layout, 0, sizeof *layout);
    layout->too_small = rows < LETHE_LAYOUT_MIN_ROWS || cols < LETHE_LAYOUT_MIN_COLS;
    layout->key_row = rows - 1;
    layout->line_row = rows - 2;
    layout->lesson_row = rows - 2 - screen->lesson_rows;
    layout->slider_row = layout->lesson_row - 2; /* its rule, then the sliders */
    layout->caption_row = 1;
    int top = 1 + (screen->presenting ? screen->caption_rows : 0), room = layout->slider_row - top;
    if (screen->presenting)
        presented(layout, top, room, cols, screen);
    else if (screen->zoom)
        layout->pane[screen->focus] = (struct lethe_rect){top, 0, room, cols};
    else if (cols >= WIDE)
        wide(layout, top, room, cols, screen);
    else
        narrow(layout, top, room, cols, screen);
}

void lethe_layout_focus(struct lethe_screen *screen, int rows, int cols, enum lethe_pane pane)
{
    struct lethe_layout layout;
    struct lethe_screen unzoomed = *screen;
    unzoomed.zoom = 0;
    lethe_layout_make(&layout, rows, cols, &unzoomed);
    screen->focus = pane;
    if (layout.pane[pane].rows > 0)
        return;
    for (int k = 0; k < DOCKED; k++)
        if (screen->dock[k] == pane) {
            screen->dock[k] = screen->dock[0];
            screen->dock[0] = pane;
            return;
        }
}

void lethe_layout_show(struct lethe_screen *screen, int rows, int cols, enum lethe_pane pane)
{
    const enum lethe_pane focus = screen->focus;
    if (focus == pane)
        return;
    screen->zoom = 0; /* one pane of two cannot be seen then */
    lethe_layout_focus(screen, rows, cols, pane);
    screen->focus = focus;
}
