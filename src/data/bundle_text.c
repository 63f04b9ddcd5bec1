/* SPDX-License-Identifier: MIT
 * Memory of a bundle's texts and lists, which lives as long as the bundle. */
#include <string.h>

#include "base/alloc.h"
#include "data/bundle.h"

void *lethe_bundle_alloc(struct lethe_bundle *bundle, size_t count, size_t size,
                         struct lethe_error *err)
{
    struct lethe_bundle_store *store = bundle->store;
    if (store->count == store->room) {
        size_t room = store->room ? 2 * store->room : 32;
        void **larger = lethe_realloc(store->block, room, sizeof *larger);
        if (!larger)
            goto fail;
        store->block = larger;
        store->room = room;
    }
    void *block = lethe_alloc(count, size);
    if (!block)
        goto fail;
    return store->block[store->count++] = block;
fail:
    lethe_fail_memory(err, "a bundle", count, size);
    return NULL;
}

const char *lethe_bundle_keep(struct lethe_bundle *bundle, const char *text,
                              struct lethe_error *err)
{
    size_t n = strlen(text) + 1;
    char *copy = lethe_bundle_alloc(bundle, n, 1, err);
    return copy ? memcpy(copy, text, n) : NULL;
}
