/* SPDX-License-Identifier: MIT
 * Texts numbered in the order of their first appearance, found again by hashing: class names,
 * groups, vocabularies. */
#ifndef LETHE_DATA_WORDS_H
#define LETHE_DATA_WORDS_H

#include <stddef.h>
#include "lethe/error.h"

struct lethe_words {
    char **word; /* (count) */
    size_t count, room;
    size_t *slot; /* (slots) number + 1, 0: free; slots is a power of two */
    size_t slots;
};

enum { LETHE_NO_WORD = -1 };

void lethe_words_release(struct lethe_words *words); /* zero-initialised is empty */
/* Number of a word of `length` bytes, LETHE_NO_WORD when it is not there. */
long lethe_words_find(const struct lethe_words *words, const char *word, size_t length);
/* The same, adding it when it is new. */
enum lethe_err lethe_words_add(long *number, struct lethe_words *words, const char *word,
                               size_t length, struct lethe_error *err);
/* One word a line; the number is the line's, from 0. A line that stands twice is refused. A final
 * newline and carriage returns do not count. */
enum lethe_err lethe_words_read(struct lethe_words *words, const char *path,
                                struct lethe_error *err);

#endif
