/* SPDX-License-Identifier: MIT
 * Giving up a copy of the training context. */
#include "study/training_context.h"

#include "base/alloc.h"

void lethe_workshop_release(struct lethe_workshop *workshop)
{
    lethe_free(workshop->folder);
    *workshop = (struct lethe_workshop){0};
}
