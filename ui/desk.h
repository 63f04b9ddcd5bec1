/* SPDX-License-Identifier: MIT
 * The desk: what the full-screen mode does with a key. It holds the state of the looking (focus,
 * cursors, overlays, the line being typed) and turns keys into command lines for its host; it knows
 * no terminal, so all of it is tested in memory. */
#ifndef LETHE_UI_DESK_H
#define LETHE_UI_DESK_H

#include "ui/host.h"
#include "ui/input.h"
#include "ui/term/key.h"
#include "ui/view/model.h"

enum { LETHE_DESK_KEYS = 64, LETHE_DESK_MATCHES = 128 };

struct lethe_desk {
    const struct lethe_host *host;
    const struct lethe_view *view;
    struct lethe_screen screen;
    struct lethe_canvas canvas;
    struct lethe_input line, filter, palette;
    enum { LETHE_PALETTE_COMMANDS, LETHE_PALETTE_METHODS } offers; /* what the palette lists */
    enum { LETHE_TYPING_NONE, LETHE_TYPING_COMMAND, LETHE_TYPING_FILTER } typing;
    size_t completing_from; /* start of the word the candidates are for */
    size_t *order;          /* rows of the ledger that are shown */
    size_t order_room;
    const struct lethe_view_sample *ordered; /* ledger the order was made for */
    char message[512], title[80], asked[80]; /* asked: the line whose answer is to be shown */
    char *text;                              /* of the text overlay */
    char save[LETHE_INPUT_ROOM + 1];         /* file the screen is to be written to; "": none */
    struct lethe_view_entry keys[LETHE_DESK_KEYS], help[LETHE_DESK_KEYS];
    struct lethe_view_entry matches[LETHE_DESK_MATCHES];
    enum { LETHE_ASKING_COMMIT, LETHE_ASKING_SAVE } asking; /* what c and s do with the question */
    int quit;                                               /* leave the loop */
    int suspended;              /* Ctrl-Z was pressed: the loop suspends and clears this */
    int redraw;                 /* Ctrl-L */
    int through;                /* the plane was brought into sight for this model */
    size_t forgetting;          /* samples that were marked at the last look ... */
    char forget[64];            /* ... and what the head said of them */
    size_t pointed;             /* step of the lesson whose pane was brought into sight; 0: none */
    int previewing;             /* the sliders bring the preview with them */
    int waiting;                /* :wait-idle: keys wait while the host is busy */
    void (*show)(void *shower); /* brings a frame to the terminal now; NULL: nobody looks */
    void *shower;
};

/* A desk over a blank canvas; host is borrowed. */
enum lethe_err lethe_desk_init(struct lethe_desk *desk, const struct lethe_host *host, int rows,
                               int cols, struct lethe_display display, struct lethe_error *err);
void lethe_desk_release(struct lethe_desk *desk);
enum lethe_err lethe_desk_resize(struct lethe_desk *desk, int rows, int cols,
                                 struct lethe_error *err);

void lethe_desk_key(struct lethe_desk *desk, struct lethe_key key);
/* Asks the host for the state and draws it into desk->canvas. */
void lethe_desk_draw(struct lethe_desk *desk);
/* Shows answers of work that was begun before. */
void lethe_desk_news(struct lethe_desk *desk);

/* ---- between the files of the desk, lowest first --------------------------------------------- */

void lethe_desk_say(struct lethe_desk *desk, int bad, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void lethe_desk_refresh(struct lethe_desk *desk);         /* view, order, cursors */
void lethe_desk_order(struct lethe_desk *desk);           /* rows of the ledger, after its filter */
void lethe_desk_move(struct lethe_desk *desk, long rows); /* cursor of the focused pane */
void lethe_desk_move_to(struct lethe_desk *desk, size_t row);
/* Brings the plot pane into sight with this kind, now or when it is ready. */
void lethe_desk_show_plot(struct lethe_desk *desk, const char *kind, int focus);

/* Runs a command line of the workbench. The answer goes to the message line; a long one opens an
 * overlay when `show` is set. */
void lethe_desk_run(struct lethe_desk *desk, const char *line, int show);
/* `explain` of what the cursor is on, with what the pane says about it. */
void lethe_desk_explain(struct lethe_desk *desk);
void lethe_desk_slide(struct lethe_desk *desk, enum lethe_slider slider, long steps);
void lethe_desk_slide_to(struct lethe_desk *desk, enum lethe_slider slider, double fraction);

/* What the palette or the line asks of whoever gave it a key. */
enum lethe_desk_wish { LETHE_WISH_NONE, LETHE_WISH_RUN, LETHE_WISH_TYPE };
void lethe_desk_palette_open(struct lethe_desk *desk); /* of commands */
void lethe_desk_methods_open(struct lethe_desk *desk); /* of unlearning methods */
enum lethe_desk_wish lethe_desk_palette_key(struct lethe_desk *desk, struct lethe_key key,
                                            char line[LETHE_INPUT_ROOM + 1]);

/* Runs a command line: those of the screen itself (focus, zoom, save-display, ...) come first. */
void lethe_desk_do(struct lethe_desk *desk, const char *line, int show);
/* Names of the screen's own commands that begin with a word; borrowed until the next call. */
size_t lethe_desk_local_names(const char *const **names, const char *word, size_t length);

void lethe_desk_type(struct lethe_desk *desk, const char *text); /* opens the command line */
/* 1: `run` was filled with a line to run. */
int lethe_desk_line_key(struct lethe_desk *desk, struct lethe_key key,
                        char run[LETHE_INPUT_ROOM + 1]);

struct lethe_pane_request;
void lethe_desk_grant(struct lethe_desk *desk, const struct lethe_pane_request *ask);
void lethe_desk_command_key(struct lethe_desk *desk, struct lethe_key key);
/* Keys of the focused pane: into desk->help when `all`, else those of the key bar. */
void lethe_desk_list_keys(struct lethe_desk *desk, int all);
void lethe_desk_mouse(struct lethe_desk *desk, struct lethe_key key);

#endif
