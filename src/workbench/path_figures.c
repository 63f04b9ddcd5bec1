/* SPDX-License-Identifier: MIT
 * Distances along a path. */
#include "workbench/path_figures.h"

#include <math.h>

double lethe_path_kl(const struct lethe_path *path, size_t k,
                     const struct lethe_retrained *retrained)
{
    const size_t cells = path->samples * path->classes;
    struct lethe_distance d;
    if (!retrained || retrained->outcome.count[LETHE_SIDE_FORGET] != path->samples)
        return NAN;
    lethe_distance_measure(&d, path->logits + k * cells,
                           retrained->outcome.logits[LETHE_SIDE_FORGET], path->samples,
                           path->classes);
    return d.kl;
}
