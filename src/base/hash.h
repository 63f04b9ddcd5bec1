/* SPDX-License-Identifier: MIT
 * SHA-256 (Nettle), as 64 lower-case hexadecimal digits. */
#ifndef LETHE_BASE_HASH_H
#define LETHE_BASE_HASH_H

#include <stddef.h>

enum { LETHE_HASH_TEXT = 65 };

struct lethe_hash {
    _Alignas(64) unsigned char state[128];
};

void lethe_hash_init(struct lethe_hash *hash);
void lethe_hash_add(struct lethe_hash *hash, const void *data, size_t size);
void lethe_hash_text(struct lethe_hash *hash, char text[LETHE_HASH_TEXT]); /* ends it */

/* Of one block. Check: "abc" -> ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61
 * f20015ad. */
void lethe_hash_of(char text[LETHE_HASH_TEXT], const void *data, size_t size);

#endif
