/* SPDX-License-Identifier: MIT
 * What the full-screen mode needs from the program behind it: run a command line, complete one, say
 * what the screen shows. The desk is tested against a host of the tests; the program's own host
 * stands in ui/tui_host.c. */
#ifndef LETHE_UI_HOST_H
#define LETHE_UI_HOST_H

#include "lethe/error.h"
#include "ui/view/model.h"

struct lethe_host {
    void *self;
    /* Runs one line. *text is what the command answers, borrowed until the next call; empty when
     * its work has only begun. */
    enum lethe_err (*execute)(void *self, const char *line, const char **text,
                              struct lethe_error *err);
    /* Candidates for the word that ends at byte `cursor` of line; *from is where the word begins.
     * Borrowed until the next call. */
    size_t (*complete)(void *self, const char *line, size_t cursor, const char *const **candidates,
                       size_t *from);
    /* Rows of the palette: name is the command with its arguments, off why it cannot run now. */
    const struct lethe_view_entry *(*commands)(void *self, size_t *count);
    /* Why a command (its first word counts) would refuse now; NULL: it can run. */
    const char *(*refusal)(void *self, const char *line);
    /* The state to show; sample is the row of the ledger to picture, (size_t)-1 for none. */
    const struct lethe_view *(*view)(void *self, size_t sample);
    /* An answer of work that was begun before: 0 none, 1 *text, -1 *text is an error. Borrowed;
     * text of several lines is for a person to read. */
    int (*news)(void *self, const char **text);
    /* A picture in the language of the terminal that waits to be shown; the caller frees it. NULL:
     * none. */
    char *(*picture)(void *self, size_t *size);
    int (*fd)(void *self);       /* readable when results wait; -1: none */
    void (*deliver)(void *self); /* takes waiting results over */
    int (*busy)(void *self);     /* work that :wait-idle waits for */
    /* Which panes can be seen, a bit for each: what only they show is made while they can; and the
     * kind of plot in theirs, NULL: none. NULL: nothing is made for a pane alone. */
    void (*seen)(void *self, unsigned panes, const char *plot);
    /* While a line is executed, about ten times a second: show(shower, words) of what it does,
     * which returns 1 when it is to end. NULL: lines that take their time say nothing. */
    void (*attend)(void *self, int (*show)(void *shower, const char *words), void *shower);
    /* The command whose answer the last news were, "" of none. NULL: nobody knows. */
    const char *(*news_command)(void *self);
    /* Columns of the screen, at the beginning and when they change. NULL: answers stay as wide as
     * they are. */
    void (*wide)(void *self, int cols);
};

#endif
