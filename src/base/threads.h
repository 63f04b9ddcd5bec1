/* SPDX-License-Identifier: MIT
 * A handful of threads that wait in the kernel, not in a spin loop, and share out the items of one
 * job at a time. Items are taken in any order by any worker: a job's result must not depend on it.
 */
#ifndef LETHE_BASE_THREADS_H
#define LETHE_BASE_THREADS_H

#include <stddef.h>
#include "lethe/cancel.h"

struct lethe_threads;

/* workers counts the caller, who works too; at least 1. */
enum lethe_err lethe_threads_new(struct lethe_threads **pool, unsigned workers,
                                 struct lethe_error *err);
void lethe_threads_free(struct lethe_threads *pool); /* NULL ok */
unsigned lethe_threads_count(const struct lethe_threads *pool);

typedef void lethe_threads_work(void *job, size_t item, unsigned worker);
/* Calls work for every item below count; no new item is begun once watch (NULL ok) is cancelled.
 * Returns when all workers are idle again. */
void lethe_threads_run(struct lethe_threads *pool, lethe_threads_work *work, void *job,
                       size_t count, struct lethe_watch *watch);

#endif
