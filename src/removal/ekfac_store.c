/* SPDX-License-Identifier: MIT
 * Two kept results: EKFAC over samples of S, and the last one with some of them taken out. Each is
 * named by the hash of everything it is a function of. */
#include "removal/ekfac_store.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

struct lethe_ekfac_store {
    int refs; /* changed atomically */
    pthread_mutex_t lock;
    struct kept {
        char name[LETHE_HASH_TEXT];
        struct lethe_ekfac *ekfac;
    } whole, less;
};

struct lethe_ekfac_store *lethe_ekfac_store_new(void)
{
    struct lethe_ekfac_store *made = lethe_alloc_zero(1, sizeof *made);
    if (made) {
        made->refs = 1;
        pthread_mutex_init(&made->lock, NULL);
    }
    return made;
}

struct lethe_ekfac_store *lethe_ekfac_store_ref(struct lethe_ekfac_store *store)
{
    __atomic_add_fetch(&store->refs, 1, __ATOMIC_RELAXED);
    return store;
}

void lethe_ekfac_store_unref(struct lethe_ekfac_store *store)
{
    if (!store || __atomic_sub_fetch(&store->refs, 1, __ATOMIC_ACQ_REL))
        return;
    lethe_ekfac_unref(store->whole.ekfac);
    lethe_ekfac_unref(store->less.ekfac);
    pthread_mutex_destroy(&store->lock);
    lethe_free(store);
}

struct lethe_ekfac *lethe_ekfac_store_find(struct lethe_ekfac_store *store, int less,
                                           const char *name)
{
    struct lethe_ekfac *found = NULL;
    if (!store)
        return NULL;
    pthread_mutex_lock(&store->lock);
    const struct kept *kept = less ? &store->less : &store->whole;
    if (kept->ekfac && !strcmp(kept->name, name))
        found = lethe_ekfac_ref(kept->ekfac);
    pthread_mutex_unlock(&store->lock);
    return found;
}

void lethe_ekfac_store_keep(struct lethe_ekfac_store *store, int less, const char *name,
                            struct lethe_ekfac *ekfac)
{
    if (!store)
        return;
    pthread_mutex_lock(&store->lock);
    struct kept *kept = less ? &store->less : &store->whole;
    lethe_ekfac_unref(kept->ekfac);
    kept->ekfac = lethe_ekfac_ref(ekfac);
    memcpy(kept->name, name, sizeof kept->name);
    pthread_mutex_unlock(&store->lock);
}
