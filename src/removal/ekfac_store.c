/* SPDX-License-Identifier: MIT
 * Two kept results: EKFAC over samples of S, and the last one with some of them taken out. Each is
 * named by the hash of everything it is a function of. */
#include "removal/ekfac_store.h"

#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "removal/ekfac_file.h"

struct lethe_ekfac_store {
    int refs; /* changed atomically */
    pthread_mutex_t lock;
    struct kept {
        char name[LETHE_HASH_TEXT];
        struct lethe_ekfac *ekfac;
    } whole, less;
    struct claim {
        char name[LETHE_HASH_TEXT];
        const void *owner; /* NULL: nobody */
        struct lethe_watch *watch;
    } claim;
    char *folder; /* NULL: nothing is kept on disk */
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
    lethe_free(store->folder);
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

/* ---- one thread makes it, others wait -------------------------------------------------------- */

int lethe_ekfac_store_claim(struct lethe_ekfac_store *store, const char *name, const void *owner,
                            struct lethe_watch *watch)
{
    int free = 1;
    if (!store)
        return 1;
    pthread_mutex_lock(&store->lock);
    struct claim *claim = &store->claim;
    if (!claim->owner) {
        *claim = (struct claim){.owner = owner, .watch = watch};
        memcpy(claim->name, name, sizeof claim->name);
    } else {
        free = strcmp(claim->name, name) != 0; /* of another name: beside it, without a claim */
    }
    pthread_mutex_unlock(&store->lock);
    return free;
}

void lethe_ekfac_store_unclaim(struct lethe_ekfac_store *store, const void *owner)
{
    if (!store)
        return;
    pthread_mutex_lock(&store->lock);
    if (store->claim.owner == owner)
        store->claim = (struct claim){0};
    pthread_mutex_unlock(&store->lock);
}

/* Is it still being made? Then what its maker says of it. */
static int look_at(struct lethe_ekfac_store *store, const char *name, const char **stage,
                   long *done, long *total)
{
    pthread_mutex_lock(&store->lock);
    const struct claim *claim = &store->claim;
    const int busy = claim->owner && !strcmp(claim->name, name);
    if (busy && claim->watch) {
        atomic_store(&claim->watch->pause, 0);
        *stage = atomic_load(&claim->watch->stage);
        *done = atomic_load(&claim->watch->done);
        *total = atomic_load(&claim->watch->total);
    }
    pthread_mutex_unlock(&store->lock);
    return busy;
}

enum lethe_err lethe_ekfac_store_await(struct lethe_ekfac_store *store, const char *name,
                                       struct lethe_watch *watch, struct lethe_error *err)
{
    const struct timespec nap = {0, 2000000};
    const char *stage = "curvature factors";
    long done = 0, total = 0;
    enum lethe_err code = LETHE_OK;
    while (!code && look_at(store, name, &stage, &done, &total)) {
        code = lethe_watch_step(watch, stage, done, total, err);
        nanosleep(&nap, NULL);
    }
    return code;
}

/* ---- on disk --------------------------------------------------------------------------------- */

void lethe_ekfac_store_home(struct lethe_ekfac_store *store, const char *folder)
{
    char *copy = folder ? lethe_strdup(folder) : NULL;
    if (!store) {
        lethe_free(copy);
        return;
    }
    pthread_mutex_lock(&store->lock);
    lethe_free(store->folder);
    store->folder = copy;
    pthread_mutex_unlock(&store->lock);
}

static char *path_in(const char *folder)
{
    return folder ? lethe_path_join(folder, "curvature.ekfac") : NULL;
}

char *lethe_ekfac_store_path(struct lethe_ekfac_store *store)
{
    if (!store)
        return NULL;
    pthread_mutex_lock(&store->lock);
    char *path = path_in(store->folder);
    pthread_mutex_unlock(&store->lock);
    return path;
}

void lethe_ekfac_store_write(struct lethe_ekfac_store *store, const struct lethe_ekfac *ekfac,
                             const char *name)
{
    pthread_mutex_lock(&store->lock);
    char *path = path_in(store->folder);
    if (path)
        lethe_ekfac_file_write(ekfac, path, name);
    lethe_free(path);
    pthread_mutex_unlock(&store->lock);
}
