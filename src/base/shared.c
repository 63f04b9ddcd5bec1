/* SPDX-License-Identifier: MIT
 * A block with a count of those who read it. */
#include "lethe/shared.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/alloc.h"

struct lethe_shared {
    atomic_int refs;
    double *w;
};

struct lethe_shared *lethe_shared_new(double *w)
{
    struct lethe_shared *shared = lethe_alloc(1, sizeof *shared);
    if (!shared)
        return NULL;
    atomic_init(&shared->refs, 1);
    shared->w = w;
    return shared;
}

struct lethe_shared *lethe_shared_ref(struct lethe_shared *shared)
{
    atomic_fetch_add(&shared->refs, 1);
    return shared;
}

void lethe_shared_unref(struct lethe_shared *shared)
{
    if (!shared || atomic_fetch_sub(&shared->refs, 1) != 1)
        return;
    lethe_free(shared->w);
    lethe_free(shared);
}

const double *lethe_shared_read(const struct lethe_shared *shared)
{
    return shared ? shared->w : NULL;
}
