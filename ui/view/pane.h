/* SPDX-License-Identifier: MIT
 * Panes: one file each, one row in the table. A pane draws the state of the work into an area and
 * changes nothing. The area is the inside of the pane; title and rules belong to the frame. */
#ifndef LETHE_VIEW_PANE_H
#define LETHE_VIEW_PANE_H

#include "ui/view/model.h"

struct lethe_pane_ops {
    const char *name;  /* as in ":focus blanket" */
    const char *title; /* on its rule */
    /* Text right of the title, e.g. "2 of 58"; may be NULL. */
    void (*caption)(char *out, size_t room, const struct lethe_view *view,
                    const struct lethe_screen *screen);
    void (*draw)(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen);
    size_t (*rows)(const struct lethe_view *view, const struct lethe_screen *screen); /* NULL: 0 */
    /* The row of the list that line y of the area shows, (size_t)-1 for none; NULL: no list. */
    size_t (*at)(struct lethe_area area, int y, const struct lethe_view *view,
                 const struct lethe_screen *screen);
    /* A shorter caption for narrow panes; NULL: the caption is cut. */
    void (*brief)(char *out, size_t room, const struct lethe_view *view,
                  const struct lethe_screen *screen);
};

#define LETHE_PANE_DECLARE(constant, name) extern const struct lethe_pane_ops lethe_pane_##name;
LETHE_PANE_LIST(LETHE_PANE_DECLARE)

/* First row to show so that cursor is visible and the list fills `rows`. */
size_t lethe_pane_top(size_t cursor, size_t count, int rows);
/* The row that line y shows in a list of one line a row below `head` lines, (size_t)-1 for none. */
size_t lethe_pane_row_at(int y, int head, int shown, size_t cursor, size_t count);
/* A sentence, wrapped at words. Returns the rows used. */
int lethe_pane_say(struct lethe_area area, int y, uint16_t ink, const char *text);
/* Rows that it would use in an area of so many columns. */
int lethe_pane_rows(int cols, const char *text);
/* What an empty pane says where a result will be: `todo`, or that it is on its way. */
void lethe_pane_empty(struct lethe_area area, const struct lethe_view *view, const char *todo);
/* The job that runs, the first of them; NULL: none. */
const struct lethe_view_job *lethe_view_running(const struct lethe_view *view);
/* Marks the row under the cursor when the pane has the focus. */
void lethe_pane_select(struct lethe_area area, int y, const struct lethe_screen *screen,
                       enum lethe_pane pane);

/* The whole screen: header, panes, sliders, line, key bar, overlay. */
void lethe_view_draw(struct lethe_canvas *canvas, const struct lethe_view *view,
                     const struct lethe_screen *screen);

/* The same in sentences, for screen->linear. */
void lethe_view_linear(struct lethe_area all, const struct lethe_view *view,
                       const struct lethe_screen *screen);

/* Parts of the frame, each in its own file. */
void lethe_view_sliders(struct lethe_area row, const struct lethe_view *view,
                        const struct lethe_screen *screen);
void lethe_view_overlay(struct lethe_area area, const struct lethe_screen *screen);

size_t lethe_layers_at(struct lethe_area area, int y, const struct lethe_view *view,
                       const struct lethe_screen *screen);
size_t lethe_blanket_at(struct lethe_area area, int y, const struct lethe_view *view,
                        const struct lethe_screen *screen);
/* The slider at column x of the row of the sliders and the place on it: 0 to 1 between its ends,
 * less or more beside them. LETHE_SLIDERS when there is no room for one. */
enum lethe_slider lethe_sliders_at(double *fraction, int x, int cols,
                                   const struct lethe_view *view);

/* Column of the ledger at x of a pane with `cols` columns, an enum lethe_sample_sort; -1: none. */
int lethe_samples_column(int x, int cols);

#define LETHE_PANE_DRAW(name)                                                                      \
    void lethe_##name##_draw(struct lethe_area area, const struct lethe_view *view,                \
                             const struct lethe_screen *screen)
#define LETHE_PANE_CAPTION(name)                                                                   \
    void lethe_##name##_caption(char *out, size_t room, const struct lethe_view *view,             \
                                const struct lethe_screen *screen)
LETHE_PANE_DRAW(layers);
LETHE_PANE_CAPTION(layers);
LETHE_PANE_CAPTION(layers_brief);
LETHE_PANE_DRAW(blanket);
LETHE_PANE_CAPTION(blanket);
LETHE_PANE_DRAW(preview);
LETHE_PANE_CAPTION(preview);
LETHE_PANE_DRAW(plot);
LETHE_PANE_CAPTION(plot);
LETHE_PANE_DRAW(samples);
LETHE_PANE_CAPTION(samples);
LETHE_PANE_DRAW(surface);
LETHE_PANE_CAPTION(surface);
LETHE_PANE_DRAW(history);
LETHE_PANE_CAPTION(history);
LETHE_PANE_DRAW(jobs);
LETHE_PANE_DRAW(sample);

#endif
