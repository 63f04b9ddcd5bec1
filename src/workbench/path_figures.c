/* SPDX-License-Identifier: MIT
 * Figures along a path. */
#include "workbench/path_figures.h"

#include <math.h>

#include "workbench/workbench.h"

struct lethe_path_figures lethe_path_figures(const struct lethe_path *path, size_t k,
                                             const struct lethe_evaluation *before,
                                             const struct lethe_retrained *retrained)
{
    const size_t cells = path->samples * path->classes;
    const enum lethe_side u = LETHE_SIDE_FORGET;
    struct lethe_path_figures out = {NAN, NAN};
    struct lethe_distance d;
    struct lethe_recovery r;
    if (!retrained || retrained->outcome.count[u] < path->samples)
        return out;
    lethe_distance_measure(&d, path->logits + k * cells, retrained->outcome.logits[u],
                           path->samples, path->classes);
    out.kl = d.kl;
    if (before && before->logits[u] && retrained->control.logits[u]) {
        const struct lethe_recovery_input in = {before->logits[u],
                                                path->logits + k * cells,
                                                retrained->outcome.logits[u],
                                                retrained->control.logits[u],
                                                path->samples,
                                                path->classes};
        lethe_recovery_measure(&r, &in);
        out.probs = r.probs;
    }
    return out;
}

struct lethe_path *lethe_workbench_path(const struct lethe_workbench *wb)
{
    struct lethe_path *path = wb->snapshot ? lethe_snapshot_walking(wb->snapshot) : NULL;
    if (!path && wb->preview && wb->preview->path)
        path = lethe_path_ref(wb->preview->path);
    return path;
}
