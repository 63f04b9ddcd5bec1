/* SPDX-License-Identifier: MIT
 * A list of blocks; a request that does not fit into the newest opens another. */
#include "base/arena.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

enum { ALIGN = 16, BLOCK = 16384 };

struct lethe_arena_block {
    struct lethe_arena_block *next;
    size_t used, room;
    _Alignas(ALIGN) char bytes[];
};

void *lethe_arena_alloc(struct lethe_arena *arena, size_t count, size_t size)
{
    if (size && count > (SIZE_MAX / 2) / size)
        return NULL;
    size_t need = (count * size + ALIGN) / ALIGN * ALIGN;
    struct lethe_arena_block *block = arena->blocks;
    if (!block || block->room - block->used < need) {
        size_t room = need > BLOCK ? need : BLOCK;
        block = lethe_alloc_zero(1, sizeof *block + room);
        if (!block)
            return NULL;
        block->room = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *at = block->bytes + block->used;
    block->used += need;
    return at;
}

void *lethe_arena_copy(struct lethe_arena *arena, const void *data, size_t count, size_t size)
{
    void *copy = lethe_arena_alloc(arena, count, size);
    if (copy && count && size)
        memcpy(copy, data, count * size);
    return copy;
}

char *lethe_arena_strdup(struct lethe_arena *arena, const char *text)
{
    return lethe_arena_copy(arena, text, strlen(text) + 1, 1);
}

void lethe_arena_release(struct lethe_arena *arena)
{
    while (arena->blocks) {
        struct lethe_arena_block *next = arena->blocks->next;
        lethe_free(arena->blocks);
        arena->blocks = next;
    }
}
