/* SPDX-License-Identifier: MIT
 * A state as JSON and back, the same in head.json and in the journal. Nothing that is read is
 * believed: the id is computed anew, blobs must be there with the length that was said. */
#ifndef LETHE_SESSION_STATE_TEXT_H
#define LETHE_SESSION_STATE_TEXT_H

#include "base/json.h"
#include "session/session.h"

void lethe_state_put(struct lethe_json *object, const struct lethe_state *state);
void lethe_act_put(struct lethe_json *object, const struct lethe_act *act);
void lethe_pairs_put(struct lethe_json *parent, const char *key, const struct lethe_pairs *pairs);

/* What is handed down while a session is read. */
struct lethe_session_reader {
    struct lethe_session *session; /* filled bit by bit; parents are looked for there */
    const char *file;              /* for messages */
    const char *folder;            /* of the blobs */
    size_t size;   /* weights of every state; 0: only the blobs say it (version 1) */
    size_t budget; /* bytes that may yet be read and hashed to check what nothing
                    * needs at once */
    struct lethe_error *err;
};

enum lethe_err lethe_reader_damaged(const struct lethe_session_reader *r, const char *why);
enum lethe_err lethe_pairs_take(struct lethe_pairs *pairs, const struct lethe_json *object,
                                const struct lethe_session_reader *r);
enum lethe_err lethe_act_take(struct lethe_act **act, const struct lethe_json *object,
                              const struct lethe_session_reader *r);
/* Reads a state and adds it to the history. */
enum lethe_err lethe_state_take(const struct lethe_json *object, struct lethe_session_reader *r);
/* Reads a state's chain into memory and compares its weights with their hash. */
enum lethe_err lethe_state_verify(struct lethe_state *state, struct lethe_error *err);

#endif
