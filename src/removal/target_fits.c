/* SPDX-License-Identifier: MIT
 * Whether a target was made for the weights and samples of a snapshot. */
#include "removal/target.h"

#include <string.h>

static int same_ids(const struct lethe_ids *a, const struct lethe_ids *b)
{
    return a->count == b->count &&
           (!a->count || memcmp(a->at, b->at, a->count * sizeof *a->at) == 0);
}

static int same_curvature(const struct lethe_target *target, const struct lethe_settings *settings)
{
    const struct lethe_curvature_method *method = target->whole->curvature.method;
    return method && !strcmp(method->name, settings->text[LETHE_SET_CURVATURE]);
}

int lethe_target_fits(const struct lethe_target *target, const struct lethe_snapshot *snapshot,
                      const struct lethe_settings *settings)
{
    if (!same_curvature(target, settings))
        return 0;
    const struct lethe_snapshot *own = target->whole->snapshot;
    const size_t size = lethe_graph_size(snapshot->graph) + lethe_graph_buffers(snapshot->graph);
    return own == snapshot ||
           (own->graph == snapshot->graph && same_ids(&own->forget, &snapshot->forget) &&
            same_ids(&own->retain, &snapshot->retain) &&
            memcmp(own->w, snapshot->w, size * sizeof *own->w) == 0);
}
