/* SPDX-License-Identifier: MIT
 * EKFAC of the whole network, made once for weights and samples and kept while forget sets,
 * blankets and dampings change. It is made over samples of S; what it is asked for is R, so the
 * share of the samples to be forgotten is always taken out. */
#ifndef LETHE_REMOVAL_EKFAC_STORE_H
#define LETHE_REMOVAL_EKFAC_STORE_H

#include "lethe/ekfac.h"
#include "removal/settings.h"
#include "removal/snapshot.h"

struct lethe_ekfac_store; /* shared between snapshots and threads */

struct lethe_ekfac_store *lethe_ekfac_store_new(void); /* NULL when out of memory */
struct lethe_ekfac_store *lethe_ekfac_store_ref(struct lethe_ekfac_store *store);
void lethe_ekfac_store_unref(struct lethe_ekfac_store *store); /* NULL ok */

/* The kept one of that name (less: with samples taken out), a reference of the caller's; NULL:
 * none. store may be NULL. */
struct lethe_ekfac *lethe_ekfac_store_find(struct lethe_ekfac_store *store, int less,
                                           const char *name);
/* Keeps a reference instead of the one before. store may be NULL. */
void lethe_ekfac_store_keep(struct lethe_ekfac_store *store, int less, const char *name,
                            struct lethe_ekfac *ekfac);

/* ---- one thread makes it, others wait -------------------------------------------------------- */

/* 1: the caller is to make the one of that name, and then to give the claim back: owner is any
 * address of its own, watch what it works under (NULL ok). 0: another thread is making it. */
int lethe_ekfac_store_claim(struct lethe_ekfac_store *store, const char *name, const void *owner,
                            struct lethe_watch *watch);
void lethe_ekfac_store_unclaim(struct lethe_ekfac_store *store, const void *owner);
/* Waits until nobody makes that one any more, with its maker's progress as its own. The maker goes
 * on meanwhile, even where background work would pause. */
enum lethe_err lethe_ekfac_store_await(struct lethe_ekfac_store *store, const char *name,
                                       struct lethe_watch *watch, struct lethe_error *err);

/* ---- on disk --------------------------------------------------------------------------------- */

/* The folder in which one is kept from now on, copied; NULL: none. Once this returns nothing is
 * written to the folder before. */
void lethe_ekfac_store_home(struct lethe_ekfac_store *store, const char *folder);
/* The file it is kept in (lethe_free); NULL: it is not. store may be NULL. */
char *lethe_ekfac_store_path(struct lethe_ekfac_store *store);
/* Writes that file under the name of removal/ekfac_file.h, if there is a folder for it. */
void lethe_ekfac_store_write(struct lethe_ekfac_store *store, const struct lethe_ekfac *ekfac,
                             const char *name);

/* Samples of `present` that EKFAC is made from: fewer the more work one of them is. */
size_t lethe_ekfac_samples(const struct lethe_graph *graph, size_t present);
/* Samples that go through a network at once, so that what is kept of them stays below `memory`
 * bytes; at most 256. */
size_t lethe_memory_batch(const struct lethe_graph *graph, enum lethe_dtype dtype, size_t memory);
/* Is it worth being made ahead of its use, and kept on disk? */
int lethe_ekfac_is_work(const struct lethe_graph *graph, size_t present);
/* Makes the one over samples of S and leaves it in the store. */
enum lethe_err lethe_snapshot_ekfac_ahead(struct lethe_snapshot *snapshot,
                                          const struct lethe_settings *settings,
                                          struct lethe_watch *watch, struct lethe_error *err);
/* *ekfac is a reference of the caller's. The same bits whoever asks and whatever the store or the
 * disk holds. */
enum lethe_err lethe_snapshot_ekfac(struct lethe_ekfac **ekfac, struct lethe_snapshot *snapshot,
                                    const struct lethe_settings *settings,
                                    struct lethe_watch *watch, struct lethe_error *err);

#endif
