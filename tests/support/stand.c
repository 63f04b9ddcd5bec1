/* SPDX-License-Identifier: MIT
 * Whoever is not forgotten stays. Any mistake here is one of ours: abort. */
#include "tests/support/stand.h"

#include <stdlib.h>

#include "lethe/retrain.h"

struct lethe_snapshot *stand_open(const struct net *net, size_t samples, const size_t *gone,
                                  size_t count)
{
    size_t kept[512], stays = 0;
    struct lethe_snapshot *made = NULL;
    if (samples > sizeof kept / sizeof *kept)
        abort();
    for (size_t i = 0, k = 0; i < samples; i++)
        if (k < count && gone[k] == i)
            k++;
        else
            kept[stays++] = i;
    const struct lethe_snapshot from = {.graph = net->graph,
                                        .train = net->data,
                                        .w = net->w,
                                        .decay = 1e-2,
                                        .trained_on = samples,
                                        .whole = 1,
                                        .seed = 5,
                                        .dtype = LETHE_F64,
                                        .warm = lethe_retrain_defaults(),
                                        .forget = {(size_t *)gone, count},
                                        .retain = {kept, stays}};
    if (lethe_snapshot_new(&made, &from, NULL))
        abort();
    return made;
}
