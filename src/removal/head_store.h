/* SPDX-License-Identifier: MIT
 * The last layer of a network as a model of its own, kept while forget sets and settings change:
 * softmax regression on what that layer sees of every sample. The network in front of it runs once
 * for as long as nothing there changes. */
#ifndef LETHE_REMOVAL_HEAD_STORE_H
#define LETHE_REMOVAL_HEAD_STORE_H

#include "base/hash.h"
#include "lethe/cancel.h"
#include "lethe/dataset.h"
#include "lethe/nn.h"

struct lethe_controls;
struct lethe_ekfac_store;
struct lethe_head_store; /* shared between snapshots and threads */

/* Immutable and shared, but for what is kept with it. */
struct lethe_head_model {
    int refs; /* changed atomically */
    struct lethe_graph *graph;
    char below[LETHE_HASH_TEXT]; /* hash of the weights in front of the layer */
    size_t *entries; /* (parameters) the entry of the network's w that each of its own is */
    struct lethe_dataset *train, *heldout; /* features, by the ids of the samples; heldout may be
                                              NULL */
    struct lethe_controls *controls;       /* of removals from this model */
    struct lethe_ekfac_store *ekfacs;      /* likewise, never on disk */
};
struct lethe_head_model *lethe_head_model_ref(struct lethe_head_model *model);
void lethe_head_model_unref(struct lethe_head_model *model); /* NULL ok */

struct lethe_head_store *lethe_head_store_new(void); /* NULL when out of memory */
struct lethe_head_store *lethe_head_store_ref(struct lethe_head_store *store);
void lethe_head_store_unref(struct lethe_head_store *store); /* NULL ok */
/* Bytes that features may take, at first as many as there are. store may be NULL, here and below.
 */
void lethe_head_store_limit(struct lethe_head_store *store, size_t memory);
size_t lethe_head_store_room(struct lethe_head_store *store);

/* *model is the kept one of that name, a reference of the caller's; or NULL, and then the caller is
 * to make it under `watch` and to give it, or NULL, to lethe_head_store_put. Where another thread
 * makes it just now it is waited for, and that thread goes on even where background work would
 * pause. */
enum lethe_err lethe_head_store_get(struct lethe_head_model **model, struct lethe_head_store *store,
                                    const char *name, struct lethe_watch *watch,
                                    struct lethe_error *err);
/* Keeps a reference instead of the model before. */
void lethe_head_store_put(struct lethe_head_store *store, const char *name,
                          struct lethe_head_model *model);

#endif
