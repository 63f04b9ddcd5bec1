/* SPDX-License-Identifier: MIT
 * The only includer of Nettle, whose SHA-256 uses the processor's own instructions where it has
 * them. */
#include "base/hash.h"

#include <nettle/sha2.h>

_Static_assert(sizeof(struct sha256_ctx) <= sizeof(struct lethe_hash), "state too small");

void lethe_hash_init(struct lethe_hash *hash)
{
    sha256_init((struct sha256_ctx *)hash->state);
}

void lethe_hash_add(struct lethe_hash *hash, const void *data, size_t size)
{
    sha256_update((struct sha256_ctx *)hash->state, size, data);
}

void lethe_hash_text(struct lethe_hash *hash, char text[LETHE_HASH_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[SHA256_DIGEST_SIZE];
    sha256_digest((struct sha256_ctx *)hash->state, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        *text++ = digits[digest[i] >> 4];
        *text++ = digits[digest[i] & 15];
    }
    *text = '\0';
}

void lethe_hash_of(char text[LETHE_HASH_TEXT], const void *data, size_t size)
{
    struct lethe_hash hash;
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, data, size);
    lethe_hash_text(&hash, text);
}
