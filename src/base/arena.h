/* SPDX-License-Identifier: MIT
 * Many small allocations that are freed together. Blocks are 16-byte aligned and zeroed. */
#ifndef LETHE_BASE_ARENA_H
#define LETHE_BASE_ARENA_H

#include <stddef.h>

struct lethe_arena {
    struct lethe_arena_block *blocks;
};

void *lethe_arena_alloc(struct lethe_arena *arena, size_t count, size_t size); /* NULL: no memory */
char *lethe_arena_strdup(struct lethe_arena *arena, const char *text);
void *lethe_arena_copy(struct lethe_arena *arena, const void *data, size_t count, size_t size);
void lethe_arena_release(struct lethe_arena *arena);

#endif
