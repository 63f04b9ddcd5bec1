/* SPDX-License-Identifier: MIT
 * One kept model, made by one thread while others wait for it. */
#include "removal/head_store.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "removal/ekfac_store.h"
#include "removal/retrain_control.h"

struct lethe_head_store {
    int refs; /* changed atomically */
    pthread_mutex_t lock;
    char name[LETHE_HASH_TEXT];
    struct lethe_head_model *model; /* of that name; NULL: none yet */
    int busy;                       /* somebody makes one */
    struct lethe_watch *maker;      /* of whoever does; NULL: it is not watched */
    size_t memory;
};

struct lethe_head_model *lethe_head_model_ref(struct lethe_head_model *model)
{
    __atomic_add_fetch(&model->refs, 1, __ATOMIC_RELAXED);
    return model;
}

void lethe_head_model_unref(struct lethe_head_model *model)
{
    if (!model || __atomic_sub_fetch(&model->refs, 1, __ATOMIC_ACQ_REL))
        return;
    lethe_graph_unref(model->graph);
    lethe_free(model->entries);
    lethe_dataset_unref(model->train);
    lethe_dataset_unref(model->heldout);
    lethe_controls_unref(model->controls);
    lethe_ekfac_store_unref(model->ekfacs);
    lethe_free(model);
}

struct lethe_head_store *lethe_head_store_new(void)
{
    struct lethe_head_store *made = lethe_alloc_zero(1, sizeof *made);
    if (made) {
        made->refs = 1;
        made->memory = SIZE_MAX;
        pthread_mutex_init(&made->lock, NULL);
    }
    return made;
}

struct lethe_head_store *lethe_head_store_ref(struct lethe_head_store *store)
{
    __atomic_add_fetch(&store->refs, 1, __ATOMIC_RELAXED);
    return store;
}

void lethe_head_store_unref(struct lethe_head_store *store)
{
    if (!store || __atomic_sub_fetch(&store->refs, 1, __ATOMIC_ACQ_REL))
        return;
    lethe_head_model_unref(store->model);
    pthread_mutex_destroy(&store->lock);
    lethe_free(store);
}

void lethe_head_store_limit(struct lethe_head_store *store, size_t memory)
{
    if (!store)
        return;
    pthread_mutex_lock(&store->lock);
    store->memory = memory;
    pthread_mutex_unlock(&store->lock);
}

size_t lethe_head_store_room(struct lethe_head_store *store)
{
    if (!store)
        return SIZE_MAX;
    pthread_mutex_lock(&store->lock);
    const size_t memory = store->memory;
    pthread_mutex_unlock(&store->lock);
    return memory;
}

/* 1: the model is there, or the caller is to make it. Else how far its maker is. */
static int look(struct lethe_head_model **model, struct lethe_head_store *store, const char *name,
                struct lethe_watch *watch, long *done, long *total)
{
    pthread_mutex_lock(&store->lock);
    const int busy = store->busy;
    if (store->model && !strcmp(store->name, name)) {
        *model = lethe_head_model_ref(store->model);
    } else if (!busy) {
        store->busy = 1;
        store->maker = watch;
    } else if (store->maker) {
        atomic_store(&store->maker->pause, 0);
        *done = atomic_load(&store->maker->done);
        *total = atomic_load(&store->maker->total);
    }
    pthread_mutex_unlock(&store->lock);
    return *model || !busy;
}

enum lethe_err lethe_head_store_get(struct lethe_head_model **model, struct lethe_head_store *store,
                                    const char *name, struct lethe_watch *watch,
                                    struct lethe_error *err)
{
    const struct timespec nap = {0, 2000000};
    enum lethe_err code = LETHE_OK;
    long done = 0, total = 0;
    *model = NULL;
    while (store && !code && !look(model, store, name, watch, &done, &total)) {
        code = lethe_watch_step(watch, "features", done, total, err);
        nanosleep(&nap, NULL);
    }
    return code;
}

void lethe_head_store_put(struct lethe_head_store *store, const char *name,
                          struct lethe_head_model *model)
{
    if (!store)
        return;
    pthread_mutex_lock(&store->lock);
    if (model) {
        lethe_head_model_unref(store->model);
        store->model = lethe_head_model_ref(model);
        memcpy(store->name, name, sizeof store->name);
    }
    store->busy = 0;
    store->maker = NULL;
    pthread_mutex_unlock(&store->lock);
}
