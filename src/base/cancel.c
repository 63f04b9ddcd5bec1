/* SPDX-License-Identifier: MIT
 * Progress and cancellation through atomics only: no locks, no callbacks. */
#include "lethe/cancel.h"

#include <time.h>

void lethe_watch_init(struct lethe_watch *watch)
{
    atomic_init(&watch->cancelled, 0);
    atomic_init(&watch->pause, 0);
    atomic_init(&watch->done, 0);
    atomic_init(&watch->total, 0);
    atomic_init(&watch->stage, "");
}

void lethe_watch_cancel(struct lethe_watch *watch)
{
    atomic_store(&watch->cancelled, 1);
}

enum lethe_err lethe_watch_step(struct lethe_watch *watch, const char *stage, long done, long total,
                                struct lethe_error *err)
{
    if (!watch)
        return LETHE_OK;
    atomic_store_explicit(&watch->stage, stage, memory_order_relaxed);
    atomic_store_explicit(&watch->done, done, memory_order_relaxed);
    atomic_store_explicit(&watch->total, total, memory_order_relaxed);
    const struct timespec nap = {0, 2000000};
    while (atomic_load(&watch->pause) && !atomic_load(&watch->cancelled))
        nanosleep(&nap, NULL);
    if (atomic_load(&watch->cancelled))
        return lethe_fail(err, LETHE_ECANCEL, "cancelled while %s", stage);
    return LETHE_OK;
}
