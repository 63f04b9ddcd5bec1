/* SPDX-License-Identifier: MIT
 * Panes: one file each, one row in the table: title, drawing, keys and sentences. A pane draws the
 * state of the work into an area and changes nothing; its keys ask the desk for what is to be done.
 * The area is the inside of the pane; title and rules belong to the frame. */
#ifndef LETHE_VIEW_PANE_H
#define LETHE_VIEW_PANE_H

#include "ui/view/model.h"

struct lethe_sentence;

/* Refusal of keys that need a unit. */
#define LETHE_NO_UNIT "no unit under the cursor: press s to select units"

/* What a key of a pane asks of the desk, which does the lines in this order; zeroed: nothing. */
struct lethe_pane_request {
    char refusal[160];        /* why there is nothing to do, to be said */
    char line[288];           /* a command line */
    long down;                /* rows the cursor then moves */
    int slides;               /* 1: a slider moves */
    enum lethe_slider slider; /* ... this one, by `steps` */
    long steps;
};

struct lethe_pane_key {
    uint32_t code, twin;            /* enum in ui/term/key.h; twin: a second key for it; 0: none */
    const char *key, *label, *help; /* label NULL: not in the key bar; key NULL: nor in the help */
    const char *command;            /* run as it is without `act`; refused when it cannot run */
    /* Fills the request; may change where the screen looks, never the state of the work. */
    void (*act)(struct lethe_pane_request *ask, const struct lethe_view *view,
                struct lethe_screen *screen, uint32_t code);
};

struct lethe_pane_ops {
    const char *name;  /* as in ":focus blanket" */
    const char *title; /* on its rule */
    const char *word;  /* what `explain` says about the pane as a whole */
    /* Text right of the title, e.g. "2 of 58"; may be NULL. */
    void (*caption)(char *out, size_t room, const struct lethe_view *view,
                    const struct lethe_screen *screen);
    /* A shorter one for narrow panes; NULL: the caption is cut. */
    void (*brief)(char *out, size_t room, const struct lethe_view *view,
                  const struct lethe_screen *screen);
    void (*draw)(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen);
    /* Rows of its list, through which the cursor moves; NULL: no list. */
    size_t (*rows)(const struct lethe_view *view, const struct lethe_screen *screen);
    /* The row of the list that line y of the area shows, (size_t)-1 for none; NULL: no list. */
    size_t (*at)(struct lethe_area area, int y, const struct lethe_view *view,
                 const struct lethe_screen *screen);
    /* The word to explain for what the cursor is on; NULL, or returns NULL: `word`. */
    const char *(*word_at)(const struct lethe_view *view, const struct lethe_screen *screen);

    /* Keys of its own, {0} after the last; they come before those of every pane. NULL: none. */
    const struct lethe_pane_key *keys;
    uint32_t press;  /* the key that a press of the mouse on the row under the cursor stands for */
    int press_first; /* ... on any row, which the cursor goes to */
    /* A press anywhere, instead of rows. NULL: rows. */
    void (*press_at)(struct lethe_pane_request *ask, struct lethe_area area, int y, int x,
                     const struct lethe_view *view, struct lethe_screen *screen);
    /* A press on the first line at column x; 1: it was for the headings. NULL: no headings. */
    int (*press_heading)(struct lethe_screen *screen, int x, int cols);

    /* For those who hear the screen: sentence k of so many (NULL: as many as rows). */
    size_t (*sentences)(const struct lethe_view *view, const struct lethe_screen *screen);
    void (*say)(struct lethe_sentence *to, const struct lethe_view *view,
                const struct lethe_screen *screen, size_t k);
};

#define LETHE_PANE_DECLARE(constant, name) extern const struct lethe_pane_ops lethe_pane_##name;
LETHE_PANE_LIST(LETHE_PANE_DECLARE)

/* The set of samples after this one, as `view` names it: held-out, forget, retained, held-out. */
const char *lethe_pane_next_set(const char *set);
/* Asks for a slider to move. */
void lethe_pane_slide(struct lethe_pane_request *ask, enum lethe_slider slider, long steps);
/* First row to show so that cursor is visible and the list fills `rows`. */
size_t lethe_pane_top(size_t cursor, size_t count, int rows);
/* The row that line y shows in a list of one line a row below `head` lines, (size_t)-1 for none. */
size_t lethe_pane_row_at(int y, int head, int shown, size_t cursor, size_t count);
/* A sentence, wrapped at words. Returns the rows used. */
int lethe_pane_say(struct lethe_area area, int y, uint16_t ink, const char *text);
/* Rows that it would use in an area of so many columns. */
int lethe_pane_rows(int cols, const char *text);
/* What an empty pane says where a result will be: `todo`, or that it is on its way. `work` begins
 * the name of the only job that fills it; NULL: every job may. */
void lethe_pane_empty(struct lethe_area area, const struct lethe_view *view, const char *work,
                      const char *todo);
/* The job that runs, the first of them; NULL: none. */
const struct lethe_view_job *lethe_view_running(const struct lethe_view *view);
/* Marks the row under the cursor when the pane has the focus. */
void lethe_pane_select(struct lethe_area area, int y, const struct lethe_screen *screen,
                       enum lethe_pane pane);

/* The whole screen: header, panes, sliders, line, key bar, overlay. */
void lethe_view_draw(struct lethe_canvas *canvas, const struct lethe_view *view,
                     const struct lethe_screen *screen);

/* Puts words in the place of the message, over what was drawn last. */
void lethe_view_say(struct lethe_canvas *canvas, const struct lethe_screen *screen,
                    const char *words);

/* The same in sentences, for screen->linear. */
void lethe_view_linear(struct lethe_area all, const struct lethe_view *view,
                       const struct lethe_screen *screen);

/* Parts of the frame, each in its own file. */
void lethe_view_sliders(struct lethe_area row, const struct lethe_view *view,
                        const struct lethe_screen *screen);
/* Rows that the strip of the lesson takes on a screen of this size; 0: there is none. */
int lethe_lesson_rows(const struct lethe_view *view, int rows, int cols);
/* The pane that the lesson points at, or the one with the figure it points at; NULL: none. */
const char *lethe_lesson_pane(const struct lethe_view_lesson *lesson);
void lethe_view_lesson(struct lethe_area strip, const struct lethe_view *view);
/* 1 when the lesson points at this: a kind and a name. */
int lethe_lesson_points(const struct lethe_view *view, const char *kind, const char *name);
/* For an audience (present.c): takes over what the teacher set, the caption, a figure in large
 * digits (returns its rows, drawn from line y), ink that is seen from afar. */
void lethe_present_take(struct lethe_screen *screen, const struct lethe_view *view, int rows,
                        int cols);
void lethe_present_caption(struct lethe_area area, const struct lethe_view *view);
int lethe_present_rows(struct lethe_area area);
int lethe_present_figure(struct lethe_area area, int y, const struct lethe_view_figure *figure);
void lethe_present_contrast(struct lethe_canvas *canvas);
/* 1 when the figure of this name stands out: by the teacher's wish, or a lesson points at it. */
int lethe_present_spots(const struct lethe_view *view, const char *figure);

void lethe_view_overlay(struct lethe_area area, const struct lethe_screen *screen);

/* A slider by what it sets. */
struct lethe_slider_place {
    enum lethe_slider slider;
    size_t param; /* of LETHE_SLIDER_PARAM */
};
enum { LETHE_SLIDERS_MOST = 16 };
/* The sliders of the way the removal is made: blanket and damping, or the numbers of a method and,
 * where it is the method's mask, the blanket. Returns how many. */
size_t lethe_sliders_list(struct lethe_slider_place out[LETHE_SLIDERS_MOST],
                          const struct lethe_view *view);
/* Which of the list the arrows move; 0 when it is none of them. */
size_t lethe_sliders_active(const struct lethe_slider_place *list, size_t count,
                            const struct lethe_screen *screen);
/* The step of a method's slider where its value stands. */
size_t lethe_slider_step(const struct lethe_view_param *param, double value);

/* The slider at column x of the row of the sliders and the place on it: 0 to 1 between its ends,
 * less or more beside them. slider is LETHE_SLIDERS when there is no room for one. */
struct lethe_slider_place lethe_sliders_at(double *fraction, int x, int cols,
                                           const struct lethe_view *view,
                                           const struct lethe_screen *screen);

#endif
