/* SPDX-License-Identifier: MIT
 * Command lines as they are typed: words between blanks, 'single' quotes (as is) and "double"
 * quotes (\" and \\ inside), ';' and line ends between commands, '#' at the start of a word begins
 * a comment, '&' after the last word asks for the background. */
#ifndef LETHE_TEXT_LINE_H
#define LETHE_TEXT_LINE_H

#include <stddef.h>
#include "lethe/error.h"

enum { LETHE_LINE_WORDS = 64 }; /* words of one command */

struct lethe_line {
    char *words[LETHE_LINE_WORDS + 1]; /* NULL after the last */
    size_t count;                      /* 0: the text has no further command */
    int background;
    char *source; /* the command as typed, without '&' and comment, for the journal */
    char *store;  /* holds the words */
};

/* Reads the command at *cursor and moves *cursor behind it. Empty commands are skipped. On error
 * *cursor stands behind the line that is wrong. */
enum lethe_err lethe_line_next(struct lethe_line *line, const char **cursor,
                               struct lethe_error *err);
void lethe_line_release(struct lethe_line *line); /* zeroed ok */

/* Start of the last command in text: what completion looks at. */
const char *lethe_line_last(const char *text);

#endif
