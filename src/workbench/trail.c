/* SPDX-License-Identifier: MIT
 * Keeping the trail. */
#include "workbench/trail.h"

#include <string.h>

#include "base/alloc.h"

void lethe_trail_release(struct lethe_trail *trail)
{
    lethe_free(trail->at);
    lethe_free(trail->table);
    *trail = (struct lethe_trail){0};
}

void lethe_trail_clear(struct lethe_trail *trail)
{
    lethe_trail_release(trail);
    trail->unwritten = 1;
}

enum lethe_err lethe_trail_keep(struct lethe_trail *trail, const struct lethe_trail_entry *entry,
                                struct lethe_error *err)
{
    trail->unwritten = 1;
    for (size_t i = 0; i < trail->count; i++) {
        struct lethe_trail_entry *old = &trail->at[i];
        if (!strcmp(old->method, entry->method) && !strcmp(old->with, entry->with) &&
            !strcmp(old->of, entry->of)) {
            *old = *entry;
            return LETHE_OK;
        }
    }
    struct lethe_trail_entry *more = lethe_realloc(trail->at, trail->count + 1, sizeof *more);
    if (!more)
        return lethe_fail_memory(err, "the trail", trail->count + 1, sizeof *more);
    trail->at = more;
    trail->at[trail->count++] = *entry;
    return LETHE_OK;
}
