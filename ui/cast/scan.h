/* SPDX-License-Identifier: MIT
 * What is in the text of a recording, token by token: characters, controls, and those terminal
 * codes that move the cursor, clear and colour. Everything else that a terminal would obey (titles,
 * the clipboard, answers, modes, downloads) is passed over, whoever made the recording. */
#ifndef LETHE_CAST_SCAN_H
#define LETHE_CAST_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include "base/text.h"

enum { LETHE_SCAN_ARGS = 16 };

struct lethe_scan_token {
    enum lethe_scan_kind {
        LETHE_SCAN_GLYPH,   /* glyph */
        LETHE_SCAN_CONTROL, /* glyph: \b \t \n \r */
        LETHE_SCAN_CODE,    /* final, one of A B C D E F G H J K L M P @ X S T d f m r */
        LETHE_SCAN_CURSOR,  /* args[0] 1: shown, 0: hidden */
        LETHE_SCAN_CLEAR    /* everything: another screen was entered or left */
    } kind;
    uint32_t glyph;
    char final;
    int args[LETHE_SCAN_ARGS]; /* -1: left out */
    size_t count;
};

/* Where the text stands between two pieces: a code may begin in one and end in the next. */
struct lethe_scan {
    enum {
        LETHE_SCAN_TEXT,
        LETHE_SCAN_ESCAPE,
        LETHE_SCAN_IN_CODE,
        LETHE_SCAN_IN_STRING,     /* of a title and the like, up to its end */
        LETHE_SCAN_STRING_ESCAPE, /* behind the escape that may end it */
        LETHE_SCAN_CHARSET        /* its name follows */
    } state;
    struct lethe_scan_token code; /* being read */
    char mark;                    /* '?' and the like before the arguments; 0: none */
    int odd;                      /* it holds what no code of the list has */
};

/* The next token of *text, which moves on; 0 at its end. Zeroed before the first piece. */
int lethe_scan_next(struct lethe_scan *scan, struct lethe_scan_token *token, const char **text);
/* The token as it is given to a terminal: of ASCII (then 1), with colours or without. */
void lethe_scan_put(struct lethe_text *out, const struct lethe_scan_token *token, int ascii,
                    int colours);

#endif
