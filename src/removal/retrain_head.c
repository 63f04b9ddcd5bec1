/* SPDX-License-Identifier: MIT
 * See retrain_head.h. */
#include "removal/retrain_head.h"

#include <string.h>

#include "base/alloc.h"

/* Features of all samples of the snapshot, at its weights. */
static enum lethe_err make_features(struct lethe_head_features *features,
                                    const struct lethe_snapshot *snapshot,
                                    const struct lethe_ids *all, struct lethe_watch *watch,
                                    struct lethe_error *err)
{
    const struct lethe_problem_spec spec =
        lethe_snapshot_spec(snapshot, all, lethe_graph_passes(snapshot->graph));
    struct lethe_problem *problem = NULL;
    enum lethe_err code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_head_features_make(features, snapshot->w, problem, watch, err);
    lethe_problem_free(problem);
    return code;
}

/* Those that are kept hold for the same weights and as many samples. */
static enum lethe_err keep_features(struct lethe_kept_features *kept,
                                    const struct lethe_snapshot *snapshot,
                                    const struct lethe_ids *all, struct lethe_watch *watch,
                                    struct lethe_error *err)
{
    const size_t entries = lethe_graph_size(snapshot->graph) + lethe_graph_buffers(snapshot->graph);
    if (kept->entries == entries && kept->features.count == all->count &&
        !memcmp(kept->w, snapshot->w, entries * sizeof *kept->w))
        return LETHE_OK;
    lethe_head_features_release(&kept->features);
    lethe_free(kept->w);
    kept->entries = 0;
    kept->w = lethe_alloc(entries, sizeof *kept->w);
    if (!kept->w)
        return lethe_fail_memory(err, "weights", entries, sizeof *kept->w);
    memcpy(kept->w, snapshot->w, entries * sizeof *kept->w);
    enum lethe_err code = make_features(&kept->features, snapshot, all, watch, err);
    kept->entries = code ? 0 : entries;
    return code;
}

/* Places of ids among all, both ascending. */
static size_t *places_of(const struct lethe_ids *ids, const struct lethe_ids *all)
{
    size_t *places = lethe_alloc(ids->count + 1, sizeof *places);
    for (size_t i = 0, k = 0; places && i < ids->count; i++) {
        while (k + 1 < all->count && all->at[k] < ids->at[i])
            k++;
        places[i] = k;
    }
    return places;
}

enum lethe_err lethe_retrain_head(double *w, struct lethe_train_report *report,
                                  const struct lethe_snapshot *snapshot,
                                  const struct lethe_ids *ids, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct lethe_kept_features *kept = lethe_controls_kept(snapshot->controls);
    struct lethe_ids all = {0};
    struct lethe_head_features own = {0};
    size_t *places = NULL;
    enum lethe_err code = lethe_snapshot_all(&all, snapshot, SIZE_MAX, err);
    if (code)
        return code;
    if (kept)
        pthread_mutex_lock(&kept->lock);
    code = kept ? keep_features(kept, snapshot, &all, watch, err)
                : make_features(&own, snapshot, &all, watch, err);
    if (!code && !(places = places_of(ids, &all)))
        code = lethe_fail_memory(err, "sample ids", ids->count, sizeof *places);
    if (!code)
        code = lethe_head_features_train(w, report, snapshot->graph, kept ? &kept->features : &own,
                                         places, ids->count, snapshot->decay, &snapshot->warm,
                                         watch, err);
    if (kept)
        pthread_mutex_unlock(&kept->lock);
    lethe_head_features_release(&own);
    lethe_free(places);
    lethe_free(all.at);
    return code;
}
