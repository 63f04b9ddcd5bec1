/* SPDX-License-Identifier: MIT
 * The bytes of a state's weights, as they stand in a blob:
 *     8 bytes "lethe-w1", size, changed, kept, whole (u64 each), then kept indices (u64) unless
 *     whole is 1, then kept values (f64). Everything little-endian. */
#ifndef LETHE_SESSION_BLOB_H
#define LETHE_SESSION_BLOB_H

#include "session/pack.h"
#include "session/state.h"

/* bytes->failed says when memory ran out. */
void lethe_blob_encode(struct lethe_pack *bytes, const struct lethe_state *state);
/* Fills size, changed, chain (0 or 1: not whole), index and value of an empty state; `name` is the
 * file, for messages. */
enum lethe_err lethe_blob_decode(struct lethe_state *state, const unsigned char *bytes,
                                 size_t count, const char *name, struct lethe_error *err);

#endif
