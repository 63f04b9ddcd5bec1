/* SPDX-License-Identifier: MIT
 * A session as the text of head.json and back. */
#ifndef LETHE_SESSION_HEAD_H
#define LETHE_SESSION_HEAD_H

#include "session/state_text.h"

/* The text (lethe_free) and its check; NULL when out of memory. */
char *lethe_head_encode(const struct lethe_session *session, char check[LETHE_HASH_HEX]);
/* Fills the empty session of the reader; its writing gets check, base and afresh. */
enum lethe_err lethe_head_decode(struct lethe_session_reader *r, const char *text, size_t size);
/* Appends "notes" and "draft" members, which journal and head.json have in common. */
void lethe_notes_put(struct lethe_json *parent, const char *key,
                     const struct lethe_session *session, size_t from);
enum lethe_err lethe_notes_take(const struct lethe_json *array,
                                const struct lethe_session_reader *r);

#endif
