/* SPDX-License-Identifier: MIT
 * Little-endian whatever the machine; doubles travel as their bits. */
#include "session/pack.h"

#include <string.h>

#include "base/alloc.h"

void lethe_pack_release(struct lethe_pack *bytes)
{
    lethe_free(bytes->at);
    *bytes = (struct lethe_pack){0};
}

/* Room for more bytes at the end; NULL after a failure. */
static unsigned char *extend(struct lethe_pack *bytes, size_t more)
{
    if (bytes->failed)
        return NULL;
    if (bytes->into && bytes->count) {
        lethe_hash_add(bytes->into, bytes->at, bytes->count);
        bytes->count = 0;
    }
    if (more > bytes->room - bytes->count) {
        size_t room = 2 * bytes->room + more + 64;
        unsigned char *at = lethe_realloc(bytes->at, room, 1);
        if (!at) {
            bytes->failed = 1;
            return NULL;
        }
        bytes->at = at;
        bytes->room = room;
    }
    bytes->count += more;
    return bytes->at + bytes->count - more;
}

static void put(unsigned char *at, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        at[i] = (unsigned char)(number >> 8 * i);
}

void lethe_pack_u64(struct lethe_pack *bytes, uint64_t number)
{
    unsigned char *at = extend(bytes, 8);
    if (at)
        put(at, number);
}

static void put_values(struct lethe_pack *bytes, const double *values, size_t count)
{
    unsigned char *at = extend(bytes, 8 * count);
    if (!at)
        return;
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        put(at + 8 * i, bits);
    }
}

void lethe_pack_f64(struct lethe_pack *bytes, const double *values, size_t count)
{
    enum { AT_ONCE = 4096 };
    const size_t step = bytes->into ? AT_ONCE : count;
    for (size_t i = 0; i < count; i += step)
        put_values(bytes, values + i, count - i < step ? count - i : step);
}

void lethe_pack_bytes(struct lethe_pack *bytes, const void *data, size_t count)
{
    unsigned char *at = extend(bytes, count);
    if (at && count)
        memcpy(at, data, count);
}

void lethe_pack_text(struct lethe_pack *bytes, const char *text)
{
    size_t n = strlen(text);
    lethe_pack_u64(bytes, n);
    lethe_pack_bytes(bytes, text, n);
}

uint64_t lethe_pack_get_u64(const unsigned char *at)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number |= (uint64_t)at[i] << 8 * i;
    return number;
}

double lethe_pack_get_f64(const unsigned char *at)
{
    uint64_t bits = lethe_pack_get_u64(at);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
