/* SPDX-License-Identifier: MIT
 * The control that was made last, for snapshots that begin with the same weights. */
#include "removal/retrain_control.h"

#include <string.h>
#include "base/alloc.h"

struct lethe_controls {
    int refs;
    pthread_mutex_t lock;
    double *from, *w; /* (entries) before and after; NULL: none yet */
    size_t entries, samples;
    double decay;
    enum lethe_dtype dtype;
    struct lethe_train_options warm;
    int head_only;
    struct lethe_train_report report;
    pthread_mutex_t features_lock;  /* while features are made or read */
    struct lethe_features features; /* of all samples, at features_w */
    double *features_w;             /* (features_entries) */
    size_t features_entries;
};

struct lethe_controls *lethe_controls_new(void)
{
    struct lethe_controls *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return NULL;
    made->refs = 1;
    pthread_mutex_init(&made->lock, NULL);
    pthread_mutex_init(&made->features_lock, NULL);
    return made;
}

struct lethe_controls *lethe_controls_ref(struct lethe_controls *controls)
{
    __atomic_add_fetch(&controls->refs, 1, __ATOMIC_RELAXED);
    return controls;
}

void lethe_controls_unref(struct lethe_controls *controls)
{
    if (!controls || __atomic_sub_fetch(&controls->refs, 1, __ATOMIC_ACQ_REL))
        return;
    pthread_mutex_destroy(&controls->lock);
    pthread_mutex_destroy(&controls->features_lock);
    lethe_features_release(&controls->features);
    lethe_free(controls->features_w);
    lethe_free(controls->from);
    lethe_free(controls->w);
    lethe_free(controls);
}

static size_t entries_of(const struct lethe_snapshot *snapshot)
{
    return lethe_graph_size(snapshot->graph) + lethe_graph_buffers(snapshot->graph);
}

/* The same retraining, as far as settings of one bundle can differ. */
static int alike(const struct lethe_train_options *a, const struct lethe_train_options *b)
{
    return a->method == b->method && a->iterations == b->iterations;
}

static int fits(const struct lethe_controls *c, const struct lethe_snapshot *snapshot)
{
    return c->from && c->entries == entries_of(snapshot) && c->decay == snapshot->decay &&
           c->dtype == snapshot->dtype &&
           c->samples == snapshot->forget.count + snapshot->retain.count &&
           alike(&c->warm, &snapshot->warm) && c->head_only == snapshot->head_only &&
           memcmp(c->from, snapshot->w, c->entries * sizeof *c->from) == 0;
}

int lethe_controls_get(struct lethe_controls *controls, double *w,
                       struct lethe_train_report *report, const struct lethe_snapshot *snapshot)
{
    if (!controls)
        return 0;
    pthread_mutex_lock(&controls->lock);
    const int found = fits(controls, snapshot);
    if (found) {
        memcpy(w, controls->w, controls->entries * sizeof *w);
        *report = controls->report;
    }
    pthread_mutex_unlock(&controls->lock);
    return found;
}

void lethe_controls_put(struct lethe_controls *controls, const double *w,
                        const struct lethe_train_report *report,
                        const struct lethe_snapshot *snapshot)
{
    const size_t entries = entries_of(snapshot);
    if (!controls)
        return;
    double *from = lethe_alloc(entries, sizeof *from), *to = lethe_alloc(entries, sizeof *to);
    if (!from || !to) {
        lethe_free(from);
        lethe_free(to);
        return;
    }
    memcpy(from, snapshot->w, entries * sizeof *from);
    memcpy(to, w, entries * sizeof *to);
    pthread_mutex_lock(&controls->lock);
    lethe_free(controls->from);
    lethe_free(controls->w);
    controls->from = from;
    controls->w = to;
    controls->entries = entries;
    controls->samples = snapshot->forget.count + snapshot->retain.count;
    controls->decay = snapshot->decay;
    controls->dtype = snapshot->dtype;
    controls->warm = snapshot->warm;
    controls->head_only = snapshot->head_only;
    controls->report = *report;
    pthread_mutex_unlock(&controls->lock);
}

/* ---- the last layer -------------------------------------------------------------------------- */

/* Features of all samples of the snapshot, at its weights. */
static enum lethe_err make_features(struct lethe_features *features,
                                    const struct lethe_snapshot *snapshot,
                                    const struct lethe_ids *all, struct lethe_watch *watch,
                                    struct lethe_error *err)
{
    const struct lethe_problem_spec spec =
        lethe_snapshot_spec(snapshot, all, lethe_graph_passes(snapshot->graph));
    struct lethe_problem *problem = NULL;
    enum lethe_err code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_features_make(features, snapshot->w, problem, watch, err);
    lethe_problem_free(problem);
    return code;
}

/* Those that are kept hold for the same weights and as many samples. */
static int features_fit(const struct lethe_controls *c, const struct lethe_snapshot *snapshot,
                        size_t samples)
{
    const size_t entries = entries_of(snapshot);
    return c->features_w && c->features_entries == entries && c->features.count == samples &&
           memcmp(c->features_w, snapshot->w, entries * sizeof *c->features_w) == 0;
}

static enum lethe_err keep_features(struct lethe_controls *c, const struct lethe_snapshot *snapshot,
                                    const struct lethe_ids *all, struct lethe_watch *watch,
                                    struct lethe_error *err)
{
    const size_t entries = entries_of(snapshot);
    if (features_fit(c, snapshot, all->count))
        return LETHE_OK;
    lethe_features_release(&c->features);
    lethe_free(c->features_w);
    c->features_entries = 0;
    c->features_w = lethe_alloc(entries, sizeof *c->features_w);
    if (!c->features_w)
        return lethe_fail_memory(err, "weights", entries, sizeof *c->features_w);
    memcpy(c->features_w, snapshot->w, entries * sizeof *c->features_w);
    enum lethe_err code = make_features(&c->features, snapshot, all, watch, err);
    c->features_entries = code ? 0 : entries;
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

enum lethe_err lethe_controls_head(struct lethe_controls *controls, double *w,
                                   struct lethe_train_report *report,
                                   const struct lethe_snapshot *snapshot,
                                   const struct lethe_ids *ids, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    struct lethe_ids all = {0};
    struct lethe_features own = {0};
    size_t *places = NULL;
    enum lethe_err code = lethe_snapshot_all(&all, snapshot, SIZE_MAX, err);
    if (code)
        return code;
    if (controls)
        pthread_mutex_lock(&controls->features_lock);
    code = controls ? keep_features(controls, snapshot, &all, watch, err)
                    : make_features(&own, snapshot, &all, watch, err);
    const struct lethe_features *features = controls ? &controls->features : &own;
    if (!code && !(places = places_of(ids, &all)))
        code = lethe_fail_memory(err, "sample ids", ids->count, sizeof *places);
    if (!code)
        code = lethe_features_train(w, report, snapshot->graph, features, places, ids->count,
                                    snapshot->decay, &snapshot->warm, watch, err);
    if (controls)
        pthread_mutex_unlock(&controls->features_lock);
    lethe_features_release(&own);
    lethe_free(places);
    lethe_free(all.at);
    return code;
}
