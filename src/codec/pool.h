/* SPDX-License-Identifier: MIT
 * A handful of threads that wait in the kernel, not in a spin loop, and share out the items of one
 * job at a time. Items are taken in any order by any worker: a job's result must not depend on it.
 */
#ifndef LETHE_CODEC_POOL_H
#define LETHE_CODEC_POOL_H

#include <stddef.h>
#include "lethe/cancel.h"

struct codec_pool;

/* workers counts the caller, who works too; at least 1. */
enum lethe_err lethe_codec_pool_new(struct codec_pool **pool, unsigned workers,
                                    struct lethe_error *err);
void lethe_codec_pool_free(struct codec_pool *pool); /* NULL ok */
unsigned lethe_codec_pool_workers(const struct codec_pool *pool);

typedef void codec_work(void *job, size_t item, unsigned worker);
/* Calls work for every item below count; no new item is begun once watch (NULL ok) is cancelled.
 * Returns when all workers are idle again. */
void lethe_codec_pool_run(struct codec_pool *pool, codec_work *work, void *job, size_t count,
                          struct lethe_watch *watch);

#endif
