/* SPDX-License-Identifier: MIT
 * The memory of a path, which previews and targets share. */
#include "removal/path.h"

#include "removal/stage_common.h"

static void release_path(struct lethe_path *path)
{
    lethe_free(path->at);
    lethe_free(path->logits);
}
LETHE_SHARED(path)
