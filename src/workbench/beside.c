/* SPDX-License-Identifier: MIT
 * A preview beside the warm retraining, kept until one of the two is another. */
#include "workbench/beside.h"

#include "base/alloc.h"

struct lethe_beside {
    struct lethe_preview *preview; /* NULL: nothing is kept */
    struct lethe_retrained *warm;
    struct lethe_compared compared;
};

struct lethe_beside *lethe_beside_new(void)
{
    return lethe_alloc_zero(1, sizeof(struct lethe_beside));
}

void lethe_beside_forget(struct lethe_beside *beside)
{
    if (!beside || !beside->preview)
        return;
    lethe_preview_unref(beside->preview);
    lethe_retrained_unref(beside->warm);
    beside->preview = NULL;
    beside->warm = NULL;
}

void lethe_beside_free(struct lethe_beside *beside)
{
    lethe_beside_forget(beside);
    lethe_free(beside);
}

void lethe_beside_measure(struct lethe_beside *beside, struct lethe_compared *compared,
                          struct lethe_preview *preview, struct lethe_retrained *warm)
{
    if (beside && beside->preview == preview && beside->warm == warm) {
        *compared = beside->compared;
        return;
    }
    lethe_compared_make(compared, preview, warm);
    if (!beside)
        return;
    lethe_beside_forget(beside);
    beside->preview = lethe_preview_ref(preview);
    beside->warm = lethe_retrained_ref(warm);
    beside->compared = *compared;
}
