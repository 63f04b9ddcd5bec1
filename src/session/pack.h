/* SPDX-License-Identifier: MIT
 * A growing byte string in one fixed order (little-endian), for blobs and for what is hashed: then
 * its bytes go into the hash and never lie together. A failed allocation is remembered and asked
 * for once, at the end. */
#ifndef LETHE_SESSION_PACK_H
#define LETHE_SESSION_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct lethe_pack {
    unsigned char *at;
    size_t count, room;
    int failed;
    struct lethe_hash *into; /* NULL: kept */
};

void lethe_pack_release(struct lethe_pack *bytes);
void lethe_pack_u64(struct lethe_pack *bytes, uint64_t number);
void lethe_pack_f64(struct lethe_pack *bytes, const double *values, size_t count); /* as bits */
void lethe_pack_bytes(struct lethe_pack *bytes, const void *data, size_t count);
/* With its length in front, so that ("ab", "c") and ("a", "bc") differ. */
void lethe_pack_text(struct lethe_pack *bytes, const char *text);

uint64_t lethe_pack_get_u64(const unsigned char *at);
double lethe_pack_get_f64(const unsigned char *at);

#endif
