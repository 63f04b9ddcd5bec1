/* SPDX-License-Identifier: MIT
 * Signals of the full-screen mode: the only file with handlers, and with state of the process. The
 * handlers write a byte into a pipe, or give the terminal back when the program is about to die. */
#ifndef LETHE_TERM_SIGNALS_H
#define LETHE_TERM_SIGNALS_H

#include "lethe/error.h"

enum lethe_signal_event {
    LETHE_EVENT_NONE,
    LETHE_EVENT_RESIZE,
    LETHE_EVENT_INTERRUPT, /* SIGINT from outside; Ctrl-C arrives as a key */
    LETHE_EVENT_STOP,      /* SIGTSTP */
    LETHE_EVENT_RESUME,    /* SIGCONT */
    LETHE_EVENT_END        /* SIGTERM, SIGHUP: leave in order; a second one leaves at once */
};

/* Installs the handlers. restore is what the terminal on fd needs to be sane again; it is copied
 * (at most 255 bytes), together with the line settings of fd at this moment. */
enum lethe_err lethe_signals_start(int fd, const char *restore, struct lethe_error *err);
/* Puts the former handlers back. */
void lethe_signals_stop(void);

/* Readable when an event waits; for poll(). */
int lethe_signals_fd(void);
enum lethe_signal_event lethe_signals_next(void);

/* Stops the process as Ctrl-Z does and returns when it goes on; the terminal must be given back
 * before. */
void lethe_signals_suspend(void);

#endif
