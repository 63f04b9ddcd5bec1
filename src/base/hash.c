/* SPDX-License-Identifier: MIT
 * The only includer of libsodium. */
#include "base/hash.h"

#include <sodium.h>

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct lethe_hash), "state too small");

void lethe_hash_init(struct lethe_hash *hash)
{
    crypto_hash_sha256_init((crypto_hash_sha256_state *)hash->state);
}

void lethe_hash_add(struct lethe_hash *hash, const void *data, size_t size)
{
    crypto_hash_sha256_update((crypto_hash_sha256_state *)hash->state, data, size);
}

void lethe_hash_text(struct lethe_hash *hash, char text[LETHE_HASH_TEXT])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final((crypto_hash_sha256_state *)hash->state, digest);
    sodium_bin2hex(text, LETHE_HASH_TEXT, digest, sizeof digest);
}

void lethe_hash_of(char text[LETHE_HASH_TEXT], const void *data, size_t size)
{
    struct lethe_hash hash;
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, data, size);
    lethe_hash_text(&hash, text);
}
