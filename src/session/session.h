/* SPDX-License-Identifier: MIT
 * What a session is made of; for the files of this room. */
#ifndef LETHE_SESSION_PRIVATE_H
#define LETHE_SESSION_PRIVATE_H

#include "session/history.h"

struct lethe_note {
    char *line;
    char head[LETHE_HASH_HEX];
};

struct lethe_session {
    char *dir;                  /* NULL: in memory only */
    int lock;                   /* descriptor of the held lock, -1: none */
    struct lethe_source source; /* texts are owned */
    struct lethe_history history;
    struct lethe_pairs draft;
    struct lethe_note *notes;
    size_t note_count, note_room;
    int dirty; /* draft or journal are newer than head.json */
};

/* An empty session in memory; NULL with err filled. lethe_session_close frees it. */
struct lethe_session *lethe_session_empty(struct lethe_error *err);
enum lethe_err lethe_session_set_source(struct lethe_session *session,
                                        const struct lethe_source *source, struct lethe_error *err);
enum lethe_err lethe_session_add_note(struct lethe_session *session, const char *line,
                                      const char *head, struct lethe_error *err);

#endif
