/* SPDX-License-Identifier: MIT
 * Snapshot weights, right-hand sides and curvature samples, as several stages need them. */
#include "removal/stage_common.h"

#include <stdlib.h>
#include <string.h>

#include "removal/ekfac_store.h"
#include "unlearn/pairs.h"

int lethe_stage_plain(const struct lethe_graph *graph)
{
    struct lethe_blanket all = {0};
    for (size_t k = 0; k < lethe_graph_layer_count(graph);
         k++) { /* what needs no list of parameters */
        const struct lethe_layer *layer = lethe_graph_layer(graph, k);
        if (!layer->single || layer->unit_params != layer->fan_in + (layer->has_bias ? 1 : 0))
            return 0;
    }
    if (lethe_blanket_all(&all, graph, NULL))
        return 0;
    const int plain = lethe_unit_pairs_possible(graph, &all, 0);
    lethe_blanket_release(&all);
    return plain;
}

uint64_t lethe_stage_seed(const struct lethe_settings *settings)
{
    return strtoull(settings->text[LETHE_SET_SEED], NULL, 10);
}

static size_t weights_size(const struct lethe_snapshot *snapshot)
{
    return lethe_graph_size(snapshot->graph) + lethe_graph_buffers(snapshot->graph);
}

double *lethe_stage_weights(const struct lethe_snapshot *snapshot, struct lethe_error *err)
{
    size_t size = weights_size(snapshot);
    double *w = lethe_alloc(size, sizeof *w);
    if (w)
        memcpy(w, snapshot->w, size * sizeof *w);
    else
        lethe_fail_memory(err, "weights", size, sizeof *w);
    return w;
}

size_t lethe_memory_batch(const struct lethe_graph *graph, enum lethe_dtype dtype, size_t memory)
{
    const size_t bytes = dtype == LETHE_F32 ? sizeof(float) : sizeof(double);
    const size_t each = 2 * bytes * lethe_graph_footprint(graph) + 1; /* and derivatives */
    const size_t batch = memory / each;
    return batch < 1 ? 1 : batch < 256 ? batch : 256;
}

enum lethe_err lethe_stage_samples(struct lethe_problem **problem,
                                   const struct lethe_snapshot *snapshot,
                                   const struct lethe_settings *settings, size_t count,
                                   enum lethe_dtype dtype, struct lethe_error *err)
{
    struct lethe_ids ids = {.at = lethe_alloc(count, sizeof *ids.at)};
    if (!ids.at)
        return lethe_fail_memory(err, "curvature samples", count, sizeof *ids.at);
    ids.count = lethe_curvature_samples(ids.at, snapshot->retain.at, snapshot->retain.count, count,
                                        lethe_stage_seed(settings));
    struct lethe_problem_spec spec = lethe_snapshot_spec(snapshot, &ids, dtype);
    if (dtype == LETHE_F32) {
        const size_t fit =
            lethe_memory_batch(snapshot->graph, dtype, lethe_settings_memory(settings) / 4);
        spec.batch = fit < ids.count ? fit : ids.count;
        spec.threads = 0;
    }
    enum lethe_err code = lethe_problem_new(problem, &spec, err);
    lethe_free(ids.at);
    return code;
}
