/* SPDX-License-Identifier: MIT
 * A list of blocks. */
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/scrap.h"

struct lethe_scrap_block {
    struct lethe_scrap_block *next;
    alignas(max_align_t) unsigned char data[];
};

void *lethe_scrap_alloc(struct lethe_scrap *scrap, size_t count, size_t size)
{
    if (size && count > (SIZE_MAX / 2 - sizeof(struct lethe_scrap_block)) / size)
        return NULL;
    struct lethe_scrap_block *block = lethe_alloc_zero(1, sizeof *block + count * size);
    if (!block)
        return NULL;
    block->next = scrap->blocks;
    scrap->blocks = block;
    return block->data;
}

char *lethe_scrap_strdup(struct lethe_scrap *scrap, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = lethe_scrap_alloc(scrap, size, 1);
    return copy ? memcpy(copy, text, size) : NULL;
}

void lethe_scrap_release(struct lethe_scrap *scrap)
{
    while (scrap->blocks) {
        struct lethe_scrap_block *next = scrap->blocks->next;
        lethe_free(scrap->blocks);
        scrap->blocks = next;
    }
}
