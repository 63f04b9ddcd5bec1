/* SPDX-License-Identifier: MIT
 * The terminal: canvas to screen, keys to events. The only file that includes curses is curses.c.
 * There is one terminal per process, so there is no object. */
#ifndef LETHE_TERM_CURSES_H
#define LETHE_TERM_CURSES_H

#include "lethe/error.h"
#include "ui/term/canvas.h"
#include "ui/term/key.h"

struct lethe_curses_options {
    const char *term; /* TERM; NULL when unset */
    int no_color, ascii;
};

/* Takes the terminal over. The caller has called setlocale. LETHE_EARG with a remedy when there is
 * no terminal that can be used. */
enum lethe_err lethe_curses_start(const struct lethe_curses_options *options,
                                  struct lethe_error *err);
/* Gives it back; harmless when not started. */
void lethe_curses_stop(void);

struct lethe_display lethe_curses_display(void);
void lethe_curses_size(int *rows, int *cols);
/* Reads the new size after LETHE_EVENT_RESIZE. */
void lethe_curses_resize(void);
/* Shows the canvas; only cells that differ from the last one shown are written. */
void lethe_curses_show(const struct lethe_canvas *canvas);
/* Paints everything at the next show, after foreign output. */
void lethe_curses_forget(void);

/* The next key; LETHE_KEY_NONE when none waits. Never blocks longer than Esc needs (25 ms). */
struct lethe_key lethe_curses_key(void);

/* 1 when the terminal says that it shows sixel graphics; asked once, waits 0.3 s at most. */
int lethe_curses_shows_sixel(void);
/* Shows a picture in the language of the terminal until a key is pressed or a signal came; the next
 * show paints everything. */
void lethe_curses_picture(const char *picture, size_t size);

/* Ctrl-Z: the terminal goes back to the shell until the process is continued. */
void lethe_curses_suspend(void);

#endif
