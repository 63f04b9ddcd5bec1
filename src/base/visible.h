/* SPDX-License-Identifier: MIT
 * Text that others wrote (names in files, cells of tables, messages of commits, paths) as it may
 * stand on a terminal: control characters of both sets, the marks that turn the direction of
 * writing, what has no shape of its own, and bytes that are no UTF-8 become visible escapes, so
 * that no name can move the cursor, set a title or show other words than it holds. Every printer
 * goes through here. */
#ifndef LETHE_BASE_VISIBLE_H
#define LETHE_BASE_VISIBLE_H

#include <stdint.h>
#include "base/text.h"

enum { LETHE_VISIBLE_ROOM = 12 }; /* "\U000e0041" and its end */

/* The next character of the text as it may be shown: itself, or an escape: "\n", "\x1b", "\u202e",
 * "\U000e0041". Ends in 0; returns its bytes, 0 at the end of the text. *text moves on. */
size_t lethe_visible_next(char out[LETHE_VISIBLE_ROOM], const char **text);

/* 1 when nothing in the text would be escaped. */
int lethe_visible_as_is(const char *text);

/* 1 when `length` bytes of `given` are the text, or what is shown of it: what a person can type. */
int lethe_visible_means(const char *text, const char *given, size_t length);

/* Bytes of the text, `most` or up to three fewer: no character is cut in two. */
size_t lethe_visible_fit(const char *text, size_t most);

/* Adds the text; characters of `keep` ("\n" where lines are wanted, "" otherwise) stay. */
void lethe_text_add_visible(struct lethe_text *out, const char *text, const char *keep);

/* The same for JSON, without the quotes: what is not to be shown stands as \u escapes (surrogate
 * pairs where needed), bytes that are no UTF-8 as U+FFFD. A reader gets the text back. */
void lethe_text_add_json(struct lethe_text *out, const char *text);
/* A whole page of JSON as others write it: what its texts hold and may not be shown becomes \u
 * escapes, everything else stays. */
void lethe_text_add_json_page(struct lethe_text *out, const char *page);

#endif
