/* SPDX-License-Identifier: MIT
 * A growing text. Running out of memory is remembered instead of reported at every call: whoever
 * uses the text asks once, at the end, with lethe_text_ok. */
#ifndef LETHE_BASE_TEXT_H
#define LETHE_BASE_TEXT_H

#include <stddef.h>
#include "lethe/error.h"

struct lethe_text {
    char *at; /* ends in 0; NULL while empty */
    size_t length, room;
    int failed; /* memory ran out: the text is incomplete */
};

void lethe_text_release(struct lethe_text *text); /* zeroed ok */
void lethe_text_clear(struct lethe_text *text);   /* keeps the memory */
void lethe_text_add(struct lethe_text *text, const char *more);
void lethe_text_add_bytes(struct lethe_text *text, const char *more, size_t length);
void lethe_text_add_char(struct lethe_text *text, char c, size_t times);
void lethe_text_addf(struct lethe_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *lethe_text_get(const struct lethe_text *text); /* "" when empty */
enum lethe_err lethe_text_ok(const struct lethe_text *text, struct lethe_error *err);

/* Columns a UTF-8 text takes on a terminal, counting one for each code point. */
size_t lethe_text_columns(const char *text);

#endif
