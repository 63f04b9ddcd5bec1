/* SPDX-License-Identifier: MIT
 * Two kept models. The control is called by all of S, whoever is to be forgotten: it serves every
 * forget set of the same head. */
#include "study/warm_retrain.h"

#include <string.h>

#include "base/alloc.h"
#include "study/weights_cache.h"

static void add_recipe(struct lethe_hash *hash, const struct lethe_train_options *r)
{
    const double reals[] = {r->tolerance, r->rate, r->momentum, r->drop, r->dropout};
    const uint64_t wholes[] = {
        (uint64_t)r->method,    r->iterations, r->memory, r->metric,         r->batch,
        (uint64_t)r->schedule,  r->drop_every, r->seed,   (uint64_t)r->flip, r->crop,
        r->first_metric != NULL};
    lethe_hash_add(hash, reals, sizeof reals);
    lethe_hash_add(hash, wholes, sizeof wholes);
}

static enum lethe_err name_one(char name[LETHE_HASH_TEXT], const struct lethe_snapshot *s,
                               const struct lethe_training_context *training, int control,
                               struct lethe_error *err)
{
    const size_t size = lethe_graph_size(s->graph) + lethe_graph_buffers(s->graph);
    const size_t left_out = control ? 0 : s->forget.count;
    struct lethe_ids all = {0};
    struct lethe_hash hash;
    const enum lethe_err code = lethe_snapshot_all(&all, s, SIZE_MAX, err);
    const uint64_t wholes[] = {s->seed,
                               s->trained_on,
                               (uint64_t)s->dtype,
                               (uint64_t)lethe_snapshot_precision(s, &s->warm),
                               (uint64_t)s->head_only,
                               size,
                               all.count,
                               left_out};
    if (code)
        return code;
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, "lethe warm 1", 12);
    lethe_hash_add(&hash, training->model_hash, strlen(training->model_hash) + 1);
    lethe_hash_add(&hash, training->data_hash, strlen(training->data_hash) + 1);
    lethe_hash_add(&hash, &s->decay, sizeof s->decay);
    lethe_hash_add(&hash, wholes, sizeof wholes);
    add_recipe(&hash, &s->warm);
    lethe_hash_add(&hash, s->w, size * sizeof *s->w);
    lethe_hash_add(&hash, all.at, all.count * sizeof *all.at);
    if (left_out)
        lethe_hash_add(&hash, s->forget.at, left_out * sizeof *s->forget.at);
    lethe_hash_text(&hash, name);
    lethe_free(all.at);
    return LETHE_OK;
}

/* One of the two, read or trained. */
static enum lethe_err make_one(struct lethe_warm_weights *warm, struct lethe_snapshot *snapshot,
                               const struct lethe_training_context *training, int control,
                               struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t size = lethe_graph_size(snapshot->graph) + lethe_graph_buffers(snapshot->graph);
    char name[LETHE_HASH_TEXT];
    if (!training || !training->folder)
        return lethe_warm_weights(warm, snapshot, control, watch, err);
    struct lethe_kept kept = {.w = lethe_alloc(size, sizeof *kept.w), .size = size};
    enum lethe_err code = kept.w ? name_one(name, snapshot, training, control, err)
                                 : lethe_fail_memory(err, "weights", size, sizeof *kept.w);
    if (!code && lethe_weights_cache_read(&kept, training->folder, name)) {
        *warm = (struct lethe_warm_weights){kept.w, kept.report};
        return LETHE_OK;
    }
    lethe_free(kept.w);
    if (!code)
        code = lethe_warm_weights(warm, snapshot, control, watch, err);
    if (code)
        return code;
    kept.w = warm->w;
    kept.report = warm->report;
    return lethe_weights_cache_write(&kept, training->folder, name, err);
}

enum lethe_err lethe_warm_retrain_make(struct lethe_retrained **retrained,
                                       struct lethe_snapshot *snapshot,
                                       const struct lethe_training_context *training,
                                       struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_warm_weights warm = {0}, control = {0};
    enum lethe_err code = lethe_snapshot_whole(snapshot, "warm retrain", err);
    if (!code)
        code = make_one(&warm, snapshot, training, 0, watch, err);
    if (!code)
        code = make_one(&control, snapshot, training, 1, watch, err);
    if (!code)
        code = lethe_retrained_of(retrained, snapshot, &warm, &control, watch, err);
    lethe_free(warm.w);
    lethe_free(control.w);
    return code;
}
