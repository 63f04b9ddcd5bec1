/* SPDX-License-Identifier: MIT
 * What a session is made of; for the files of this room. */
#ifndef LETHE_SESSION_PRIVATE_H
#define LETHE_SESSION_PRIVATE_H

#include "session/history.h"

enum { LETHE_REMARK = 320 };

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
    int dirty;                 /* draft or journal are newer than head.json */
    int resumed;               /* opened, not begun */
    size_t saved;              /* states that were there at the last save to another directory */
    char remark[LETHE_REMARK]; /* what opening had to put right */
};

/* An empty session in memory; NULL with err filled. lethe_session_close frees it. */
struct lethe_session *lethe_session_empty(struct lethe_error *err);
enum lethe_err lethe_source_copy(struct lethe_source *to, const struct lethe_source *from,
                                 struct lethe_error *err);
void lethe_source_release(struct lethe_source *source); /* one made by lethe_source_copy, or zero */
enum lethe_err lethe_session_add_note(struct lethe_session *session, const char *line,
                                      const char *head, struct lethe_error *err);

#endif
