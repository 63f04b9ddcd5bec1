/* SPDX-License-Identifier: MIT
 * Philox4x32-10. Check value (Random123's known answers): key 0, counter 0 gives
 * 6627e8d5 e169c58d bc57ac4c 9b00dbd8. */
#include "lethe/rng.h"

#include <math.h>

static void philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p = (uint64_t)0xD2511F53u * c0;
        uint64_t q = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(q >> 32) ^ c1 ^ k0;
        uint32_t n2 = (uint32_t)(p >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)q;
        c3 = (uint32_t)p;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

uint64_t lethe_hash3(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t h = mix(a + 0x9E3779B97F4A7C15u);
    h = mix(h ^ (b + 0xD1B54A32D192ED03u));
    return mix(h ^ (c + 0x8CB92BA72F3D8DD7u));
}

void lethe_rng_init(struct lethe_rng *rng, uint64_t seed, enum lethe_rng_purpose purpose,
                    uint64_t i, uint64_t k)
{
    uint64_t name = lethe_hash3((uint64_t)purpose, i, k);
    uint64_t key = mix(seed + 0x9E3779B97F4A7C15u);
    *rng = (struct lethe_rng){
        .key = {(uint32_t)key, (uint32_t)(key >> 32)},
        .counter = {0, 0, (uint32_t)name, (uint32_t)(name >> 32)},
        .used = 4,
    };
}

uint32_t lethe_rng_u32(struct lethe_rng *rng)
{
    if (rng->used == 4) {
        philox(rng->block, rng->counter, rng->key);
        if (++rng->counter[0] == 0)
            rng->counter[1]++;
        rng->used = 0;
    }
    return rng->block[rng->used++];
}

uint64_t lethe_rng_u64(struct lethe_rng *rng)
{
    uint64_t low = lethe_rng_u32(rng);
    return low | (uint64_t)lethe_rng_u32(rng) << 32;
}

double lethe_rng_uniform(struct lethe_rng *rng)
{
    return (double)(lethe_rng_u64(rng) >> 11) * 0x1p-53;
}

double lethe_rng_normal(struct lethe_rng *rng)
{
    if (rng->has_spare) {
        rng->has_spare = 0;
        return rng->spare;
    }
    double radius = sqrt(-2.0 * log(1.0 - lethe_rng_uniform(rng)));
    double angle = 6.283185307179586476925 * lethe_rng_uniform(rng);
    rng->spare = radius * sin(angle);
    rng->has_spare = 1;
    return radius * cos(angle);
}

uint64_t lethe_rng_below(struct lethe_rng *rng, uint64_t bound)
{
    uint64_t limit = -bound % bound; /* 2^64 mod bound: values under it would be biased */
    uint64_t draw;
    do
        draw = lethe_rng_u64(rng);
    while (draw < limit);
    return draw % bound;
}

void lethe_rng_shuffle(struct lethe_rng *rng, size_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)lethe_rng_below(rng, i);
        size_t kept = items[i - 1];
        items[i - 1] = items[j];
        items[j] = kept;
    }
}
