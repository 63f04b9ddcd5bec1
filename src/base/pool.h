/* SPDX-License-Identifier: MIT
 * Many small allocations that are freed together. Blocks are 16-byte aligned and zeroed. */
#ifndef LETHE_BASE_POOL_H
#define LETHE_BASE_POOL_H

#include <stddef.h>

struct lethe_pool {
    struct lethe_pool_block *blocks;
};

void *lethe_pool_alloc(struct lethe_pool *pool, size_t count, size_t size); /* NULL: no memory */
char *lethe_pool_strdup(struct lethe_pool *pool, const char *text);
void *lethe_pool_copy(struct lethe_pool *pool, const void *data, size_t count, size_t size);
void lethe_pool_release(struct lethe_pool *pool);

#endif
