/* SPDX-License-Identifier: MIT
 * The bytes of a state's weights, as they stand in a blob:
 *     8 bytes "lethe-w1", size, changed, kept, whole (u64 each), then kept indices (u64) unless
 *     whole is 1, then kept values (f64). Everything little-endian. */
#ifndef LETHE_SESSION_BLOB_H
#define LETHE_SESSION_BLOB_H

#include "lethe/error.h"
#include "lethe/shared.h"
#include "session/pack.h"

struct lethe_blob {
    size_t size, changed;        /* weights in all; those that differ from the parent's */
    int whole;                   /* every weight is here, not only those that differ */
    uint64_t *index;             /* (changed), increasing; NULL when whole */
    double *value;               /* (changed), or (size) when whole */
    struct lethe_shared *shared; /* owner of value; NULL: the blob is */
};

void lethe_blob_release(struct lethe_blob *blob); /* zeroed ok */
/* Bytes that such a blob takes. */
size_t lethe_blob_bytes(const struct lethe_blob *blob);
/* bytes->failed says when memory ran out. */
void lethe_blob_encode(struct lethe_pack *bytes, const struct lethe_blob *blob);
/* `name` is the file, for messages. */
enum lethe_err lethe_blob_decode(struct lethe_blob *blob, const unsigned char *bytes, size_t count,
                                 const char *name, struct lethe_error *err);
/* The file called `hash` in a folder; its bytes must have that hash. */
enum lethe_err lethe_blob_read(struct lethe_blob *blob, const char *folder, const char *hash,
                               struct lethe_error *err);
/* w becomes the state's weights, having been its parent's. */
void lethe_blob_apply(const struct lethe_blob *blob, double *w);

#endif
