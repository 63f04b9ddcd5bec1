/* SPDX-License-Identifier: MIT
 * A list of blocks; a request that does not fit into the newest opens another. */
#include "base/pool.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

enum { ALIGN = 16, BLOCK = 16384 };

struct lethe_pool_block {
    struct lethe_pool_block *next;
    size_t used, room;
    _Alignas(ALIGN) char bytes[];
};

void *lethe_pool_alloc(struct lethe_pool *pool, size_t count, size_t size)
{
    if (size && count > (SIZE_MAX / 2) / size)
        return NULL;
    size_t need = (count * size + ALIGN) / ALIGN * ALIGN;
    struct lethe_pool_block *block = pool->blocks;
    if (!block || block->room - block->used < need) {
        size_t room = need > BLOCK ? need : BLOCK;
        block = lethe_alloc_zero(1, sizeof *block + room);
        if (!block)
            return NULL;
        block->room = room;
        block->next = pool->blocks;
        pool->blocks = block;
    }
    void *at = block->bytes + block->used;
    block->used += need;
    return at;
}

void *lethe_pool_copy(struct lethe_pool *pool, const void *data, size_t count, size_t size)
{
    void *copy = lethe_pool_alloc(pool, count, size);
    if (copy && count && size)
        memcpy(copy, data, count * size);
    return copy;
}

char *lethe_pool_strdup(struct lethe_pool *pool, const char *text)
{
    return lethe_pool_copy(pool, text, strlen(text) + 1, 1);
}

void lethe_pool_release(struct lethe_pool *pool)
{
    while (pool->blocks) {
        struct lethe_pool_block *next = pool->blocks->next;
        lethe_free(pool->blocks);
        pool->blocks = next;
    }
}
