/* SPDX-License-Identifier: MIT
 * A seal that is prepared: everything that will take the session's place. */
#ifndef LETHE_SESSION_SEAL_H
#define LETHE_SESSION_SEAL_H

#include "session/session.h"

enum { LETHE_SEAL_SALT = 32 };

struct lethe_seal {
    const struct lethe_session *session;
    const struct lethe_state *head; /* of the session, and its states, when this was prepared */
    size_t count;
    const struct lethe_state *at; /* the state that becomes the root */
    unsigned char salt[LETHE_SEAL_SALT];
    char commitment[LETHE_HASH_HEX]; /* hash of the salt */
    struct lethe_source source;      /* without the model: it is no longer what this builds on */
    struct lethe_history history;
    struct lethe_state **renamed; /* by index in the old history; NULL: dropped */
    struct lethe_pairs draft;     /* without what names samples */
    struct lethe_note *notes;     /* lines are borrowed until the session is the sealed one */
    size_t note_count;
    char *receipt;
};

/* The hash that stands for a sample's number. */
void lethe_seal_hash_id(char *hex, const unsigned char *salt, uint64_t id);
int lethe_seal_by_text(const void *a, const void *b);

#endif
