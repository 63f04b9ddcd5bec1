/* SPDX-License-Identifier: MIT
 * What the terminal can do, decided from plain facts so that it can be tested: no terminal is
 * touched here and the environment is not read. */
#ifndef LETHE_TERM_PROBE_H
#define LETHE_TERM_PROBE_H

#include "ui/term/canvas.h"

struct lethe_terminal_facts {
    const char *term;    /* TERM; NULL when unset */
    const char *codeset; /* nl_langinfo(CODESET) of the user's locale */
    int is_terminal;     /* input and output both are */
    int known;           /* terminfo has an entry for term */
    int addressable;     /* its cursor can be moved */
    int colours;         /* as terminfo says; <= 0: none */
    int no_color;        /* NO_COLOR is set or --no-color given */
};

/* Why there is no full-screen mode here; NULL when there is one. One static line with a remedy. */
const char *lethe_probe_refusal(const struct lethe_terminal_facts *facts);
/* Does a terminal's answer to "ESC [ c" (primary device attributes) name sixel graphics? */
int lethe_probe_sixel(const char *answer);
struct lethe_display lethe_probe_display(const struct lethe_terminal_facts *facts);

#endif
