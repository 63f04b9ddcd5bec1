/* SPDX-License-Identifier: MIT
 * A session as the text of head.json and back. */
#ifndef LETHE_SESSION_HEAD_H
#define LETHE_SESSION_HEAD_H

#include "session/session.h"

/* The text, lethe_free; NULL when out of memory. */
char *lethe_head_encode(const struct lethe_session *session);

/* Gives the bytes of a blob, checked against its name: size, changed, chain, index, value of an
 * empty state are filled. */
struct lethe_blobs {
    enum lethe_err (*load)(struct lethe_state *state, const char *hash, const void *context,
                           struct lethe_error *err);
    const void *context;
};
/* Fills an empty session. `file` is for messages. */
enum lethe_err lethe_head_decode(struct lethe_session *session, const char *text, size_t size,
                                 const char *file, const struct lethe_blobs *blobs,
                                 struct lethe_error *err);

#endif
