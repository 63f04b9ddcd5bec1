/* SPDX-License-Identifier: MIT
 * The order among equally near rows. Each row has a key from the seed; a bijective 32-bit mixing of
 * key(i) xor j gives every j another number, in an order that looks random and is cheap in lanes.
 */
#ifndef LETHE_CODEC_TIE_H
#define LETHE_CODEC_TIE_H

#include <stddef.h>
#include <stdint.h>
#include "lethe/rng.h"

static inline uint32_t codec_tie_key(uint64_t seed, size_t row)
{
    return (uint32_t)lethe_hash3(seed, LETHE_RNG_TIE, row);
}

/* The finishing steps of MurmurHash3 (Appleby), a bijection of 32 bits. */
static inline uint32_t codec_tie(uint32_t key, uint32_t row)
{
    uint32_t h = key ^ row;
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return h ^ h >> 16;
}

#endif
