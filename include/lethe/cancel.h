/* SPDX-License-Identifier: MIT
 * A cancellation flag and a progress figure, shared between the one who asks and the one who
 * works. Long algorithms take a struct lethe_watch (NULL is allowed), report progress at step
 * borders and return LETHE_ECANCEL soon after the flag is raised. Raising it is async-signal-safe.
 */
#ifndef LETHE_CANCEL_H
#define LETHE_CANCEL_H

#include <stdatomic.h>
#include "lethe/error.h"

struct lethe_watch {
    atomic_int cancelled;
    atomic_int pause;            /* background work waits while this is not 0 */
    atomic_long done, total;     /* steps; total 0 = unknown */
    _Atomic(const char *) stage; /* static text: "perturbing", "factoring" */
};

void lethe_watch_init(struct lethe_watch *watch);
void lethe_watch_cancel(struct lethe_watch *watch);
/* Reports progress, waits while paused, and returns LETHE_ECANCEL (err filled) when cancelled. */
enum lethe_err lethe_watch_step(struct lethe_watch *watch, const char *stage, long done, long total,
                                struct lethe_error *err);

#endif
