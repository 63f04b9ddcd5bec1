/* SPDX-License-Identifier: MIT
 * Making, sharing and copying snapshots, and what is kept with one: the problems of each thread and
 * what the weights of the snapshot say. */
#include "removal/snapshot.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/update.h"
#include "removal/ekfac_store.h"
#include "removal/evaluation.h"
#include "removal/head_store.h"
#include "removal/path.h"
#include "removal/retrain_control.h"

/* Samples for a first look: a part of the tune half, fewer where a pass is long. */
static enum lethe_err draw_glance(struct lethe_snapshot *snapshot, struct lethe_error *err)
{
    const double operations = 5e9; /* multiplications: about a tenth of a second */
    const double quick = operations / fmax(lethe_graph_work(snapshot->graph), 1);
    const size_t wanted = quick > LETHE_SNAPSHOT_GLANCE         ? LETHE_SNAPSHOT_GLANCE
                          : quick < LETHE_SNAPSHOT_GLANCE_LEAST ? LETHE_SNAPSHOT_GLANCE_LEAST
                                                                : (size_t)quick;
    struct lethe_ids *glance = &snapshot->glance;
    glance->at = lethe_alloc(wanted, sizeof *glance->at);
    if (!glance->at)
        return lethe_fail_memory(err, "sample ids", wanted, sizeof *glance->at);
    glance->count = lethe_curvature_samples(glance->at, snapshot->tune.at, snapshot->tune.count,
                                            wanted, snapshot->seed);
    return LETHE_OK;
}

enum lethe_err lethe_snapshot_spare(struct lethe_snapshot *snapshot, struct lethe_error *err)
{
    snapshot->sparing = 1;
    return lethe_ids_copy(&snapshot->glance, snapshot->tune.at, snapshot->tune.count, err);
}

/* Those of `from`, by reference, or a copy where it was given others than its block holds. */
static enum lethe_err take_weights(struct lethe_snapshot *made, const struct lethe_snapshot *from,
                                   struct lethe_error *err)
{
    const size_t size = lethe_graph_size(from->graph) + lethe_graph_buffers(from->graph);
    made->weights = NULL;
    if (from->weights && lethe_shared_read(from->weights) == from->w) {
        made->weights = lethe_shared_ref(from->weights);
        return LETHE_OK;
    }
    double *copy = lethe_alloc(size, sizeof *copy);
    made->weights = copy ? lethe_shared_new(copy) : NULL;
    if (!made->weights) {
        lethe_free(copy);
        return lethe_fail_memory(err, "weights", size, sizeof *copy);
    }
    memcpy(copy, from->w, size * sizeof *copy);
    made->w = copy;
    return LETHE_OK;
}

enum lethe_err lethe_snapshot_new(struct lethe_snapshot **snapshot,
                                  const struct lethe_snapshot *from, struct lethe_error *err)
{
    struct lethe_snapshot *made = lethe_alloc(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a snapshot", 1, sizeof *made);
    *made = *from;
    made->refs = 1;
    made->workers = NULL;
    made->walk = NULL;
    made->head = NULL;
    made->before = made->glanced = NULL;
    made->pulls[0] = made->pulls[1] = NULL;
    if (made->ekfacs)
        lethe_ekfac_store_ref(made->ekfacs);
    if (made->controls)
        lethe_controls_ref(made->controls);
    if (made->heads)
        lethe_head_store_ref(made->heads);
    if (made->of)
        lethe_head_model_ref(made->of);
    made->glance = (struct lethe_ids){0};
    pthread_mutex_init(&made->workers_lock, NULL);
    made->forget = made->retain = made->removed = made->tune = made->report = (struct lethe_ids){0};
    lethe_graph_ref(made->graph);
    lethe_dataset_ref(made->train);
    if (made->heldout)
        lethe_dataset_ref(made->heldout);
    enum lethe_err code = take_weights(made, from, err);
    struct lethe_ids *to[] = {&made->forget, &made->retain, &made->removed, &made->tune,
                              &made->report};
    const struct lethe_ids *source[] = {&from->forget, &from->retain, &from->removed, &from->tune,
                                        &from->report};
    for (size_t i = 0; !code && i < sizeof to / sizeof *to; i++)
        code = lethe_ids_copy(to[i], source[i]->at, source[i]->count, err);
    if (!code)
        code = draw_glance(made, err);
    if (code) {
        lethe_snapshot_unref(made);
        return code;
    }
    *snapshot = made;
    return LETHE_OK;
}

enum lethe_err lethe_snapshot_all(struct lethe_ids *ids, const struct lethe_snapshot *snapshot,
                                  size_t except, struct lethe_error *err)
{
    const struct lethe_ids *u = &snapshot->forget, *r = &snapshot->retain;
    size_t i = 0, j = 0, n = 0, *at = lethe_alloc(u->count + r->count, sizeof *at);
    if (!at)
        return lethe_fail_memory(err, "sample ids", u->count + r->count, sizeof *at);
    while (i < u->count || j < r->count) {
        const int from_u = j == r->count || (i < u->count && u->at[i] < r->at[j]);
        const size_t next = from_u ? u->at[i++] : r->at[j++];
        if (next != except)
            at[n++] = next;
    }
    *ids = (struct lethe_ids){at, n};
    return LETHE_OK;
}

enum lethe_err lethe_snapshot_marked(struct lethe_ids *ids, unsigned char **left_out,
                                     const struct lethe_snapshot *snapshot, struct lethe_error *err)
{
    const struct lethe_ids *forget = &snapshot->forget;
    struct lethe_ids all = {0};
    enum lethe_err code = lethe_snapshot_all(&all, snapshot, SIZE_MAX, err);
    if (code)
        return code;
    unsigned char *marks = lethe_alloc_zero(all.count, 1);
    if (!marks) {
        lethe_free(all.at);
        return lethe_fail_memory(err, "samples", all.count, 1);
    }
    for (size_t i = 0, next = 0; i < all.count; i++) {
        while (next < forget->count && forget->at[next] < all.at[i])
            next++;
        marks[i] = next < forget->count && forget->at[next] == all.at[i];
    }
    *ids = all;
    *left_out = marks;
    return LETHE_OK;
}

enum lethe_dtype lethe_snapshot_precision(const struct lethe_snapshot *snapshot,
                                          const struct lethe_train_options *options)
{
    return options->method == LETHE_TRAIN_LBFGS ? lethe_graph_minimising(snapshot->graph)
                                                : LETHE_F32;
}

struct lethe_problem_spec lethe_snapshot_spec(const struct lethe_snapshot *snapshot,
                                              const struct lethe_ids *ids, enum lethe_dtype dtype)
{
    return (struct lethe_problem_spec){.graph = snapshot->graph,
                                       .data = snapshot->train,
                                       .ids = ids->at,
                                       .count = ids->count,
                                       .decay = snapshot->decay,
                                       .dtype = dtype};
}

enum lethe_err lethe_snapshot_single(struct lethe_snapshot **snapshot,
                                     const struct lethe_snapshot *from, size_t id,
                                     struct lethe_error *err)
{
    struct lethe_snapshot like = *from;
    struct lethe_ids retain = {0};
    enum lethe_err code = lethe_snapshot_all(&retain, from, id, err);
    like.forget = (struct lethe_ids){&id, 1};
    like.retain = retain;
    if (!code)
        code = lethe_snapshot_new(snapshot, &like, err);
    lethe_free(retain.at);
    return code;
}

struct lethe_snapshot *lethe_snapshot_ref(struct lethe_snapshot *snapshot)
{
    __atomic_add_fetch(&snapshot->refs, 1, __ATOMIC_RELAXED);
    return snapshot;
}

void lethe_snapshot_unref(struct lethe_snapshot *snapshot)
{
    if (!snapshot || __atomic_sub_fetch(&snapshot->refs, 1, __ATOMIC_ACQ_REL))
        return;
    for (struct lethe_worker_problems *worker = snapshot->workers, *next; worker; worker = next) {
        next = worker->next;
        lethe_worker_problems_release(worker);
        lethe_free(worker);
    }
    if (snapshot->before)
        lethe_evaluation_release(snapshot->before);
    if (snapshot->glanced)
        lethe_evaluation_release(snapshot->glanced);
    lethe_free(snapshot->before);
    lethe_free(snapshot->glanced);
    for (int k = 0; k < 2; k++) {
        if (snapshot->pulls[k])
            lethe_removal_release(snapshot->pulls[k]);
        lethe_free(snapshot->pulls[k]);
    }
    lethe_path_unref(snapshot->walk);
    lethe_snapshot_unref(snapshot->head);
    lethe_head_model_unref(snapshot->of);
    lethe_head_store_unref(snapshot->heads);
    lethe_ekfac_store_unref(snapshot->ekfacs);
    lethe_controls_unref(snapshot->controls);
    pthread_mutex_destroy(&snapshot->workers_lock);
    lethe_graph_unref(snapshot->graph);
    lethe_dataset_unref(snapshot->train);
    lethe_dataset_unref(snapshot->heldout);
    lethe_shared_unref(snapshot->weights);
    lethe_free(snapshot->forget.at);
    lethe_free(snapshot->retain.at);
    lethe_free(snapshot->removed.at);
    lethe_free(snapshot->tune.at);
    lethe_free(snapshot->report.at);
    lethe_free(snapshot->glance.at);
    lethe_free(snapshot);
}

enum lethe_err lethe_snapshot_whole(const struct lethe_snapshot *snapshot, const char *what,
                                    struct lethe_error *err)
{
    if (snapshot->whole)
        return LETHE_OK;
    return lethe_fail(err, LETHE_EARG, "%s not available: %zu of %zu training samples here", what,
                      snapshot->retain.count + snapshot->forget.count, snapshot->trained_on);
}

enum lethe_err lethe_snapshot_worker(struct lethe_worker_problems **worker,
                                     struct lethe_snapshot *snapshot, struct lethe_error *err)
{
    const pthread_t self = pthread_self();
    pthread_mutex_lock(&snapshot->workers_lock);
    struct lethe_worker_problems *mine = snapshot->workers;
    while (mine && !pthread_equal(mine->owner, self))
        mine = mine->next;
    if (!mine && (mine = lethe_alloc_zero(1, sizeof *mine))) {
        mine->owner = self;
        mine->next = snapshot->workers;
        snapshot->workers = mine;
    }
    pthread_mutex_unlock(&snapshot->workers_lock);
    *worker = mine;
    return mine ? LETHE_OK : lethe_fail_memory(err, "a snapshot", 1, sizeof *mine);
}

/* A reading of the snapshot's own weights, made once: *kept is under the lock. */
static enum lethe_err kept_reading(const struct lethe_evaluation **evaluation,
                                   struct lethe_evaluation **kept, struct lethe_snapshot *snapshot,
                                   enum lethe_side heldout, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    struct lethe_worker_problems *worker;
    pthread_mutex_lock(&snapshot->workers_lock);
    *evaluation = *kept;
    pthread_mutex_unlock(&snapshot->workers_lock);
    if (*evaluation)
        return LETHE_OK;
    struct lethe_evaluation *made = lethe_alloc_zero(1, sizeof *made);
    enum lethe_err code = made ? lethe_snapshot_worker(&worker, snapshot, err)
                               : lethe_fail_memory(err, "figures", 1, sizeof *made);
    if (!code)
        code = lethe_evaluation_measure(made, snapshot, worker, snapshot->w, heldout, watch, err);
    pthread_mutex_lock(&snapshot->workers_lock);
    if (!code && !*kept) { /* else another thread was faster, with the same figures */
        *kept = made;
        made = NULL;
    }
    *evaluation = *kept;
    pthread_mutex_unlock(&snapshot->workers_lock);
    if (made)
        lethe_evaluation_release(made);
    lethe_free(made);
    return code;
}

enum lethe_err lethe_snapshot_before(const struct lethe_evaluation **before,
                                     struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                                     struct lethe_error *err)
{
    return kept_reading(before, &snapshot->before, snapshot, LETHE_SIDE_TUNE, watch, err);
}

enum lethe_err lethe_snapshot_glance(const struct lethe_evaluation **before,
                                     struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                                     struct lethe_error *err)
{
    return kept_reading(before, &snapshot->glanced, snapshot, LETHE_SIDE_GLANCE, watch, err);
}

static enum lethe_err measure_removal(struct lethe_removal *removal,
                                      struct lethe_snapshot *snapshot, int with_residual,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_worker_problems *worker;
    struct lethe_problem *forget, *retain = NULL;
    enum lethe_err code = lethe_snapshot_worker(&worker, snapshot, err);
    if (!code)
        code = lethe_worker_problem(&forget, worker, snapshot, LETHE_SIDE_FORGET, err);
    if (!code && with_residual && snapshot->whole)
        code = lethe_worker_problem(&retain, worker, snapshot, LETHE_SIDE_RETAIN, err);
    if (!code)
        code = lethe_removal_init(removal, forget, retain, snapshot->w, snapshot->trained_on, watch,
                                  err);
    if (!code) /* what comes next is work of others */
        lethe_problem_rest(forget);
    if (!code && retain)
        lethe_problem_rest(retain);
    return code;
}

enum lethe_err lethe_snapshot_removal(const struct lethe_removal **removal,
                                      struct lethe_snapshot *snapshot, int with_residual,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_removal **kept = &snapshot->pulls[with_residual && snapshot->whole];
    pthread_mutex_lock(&snapshot->workers_lock);
    *removal = *kept;
    pthread_mutex_unlock(&snapshot->workers_lock);
    if (*removal)
        return LETHE_OK;
    struct lethe_removal *made = lethe_alloc_zero(1, sizeof *made);
    enum lethe_err code = made ? measure_removal(made, snapshot, with_residual, watch, err)
                               : lethe_fail_memory(err, "gradients", 1, sizeof *made);
    pthread_mutex_lock(&snapshot->workers_lock);
    if (!code && !*kept) { /* else another thread was faster, with the same numbers */
        *kept = made;
        made = NULL;
    }
    *removal = *kept;
    pthread_mutex_unlock(&snapshot->workers_lock);
    if (made)
        lethe_removal_release(made);
    lethe_free(made);
    return code;
}

void lethe_snapshot_walk(struct lethe_snapshot *snapshot, struct lethe_path *path)
{
    if (path)
        lethe_path_ref(path);
    pthread_mutex_lock(&snapshot->workers_lock);
    struct lethe_path *before = snapshot->walk;
    snapshot->walk = path;
    pthread_mutex_unlock(&snapshot->workers_lock);
    lethe_path_unref(before);
}

struct lethe_path *lethe_snapshot_walking(struct lethe_snapshot *snapshot)
{
    pthread_mutex_lock(&snapshot->workers_lock);
    struct lethe_path *walk = snapshot->walk ? lethe_path_ref(snapshot->walk) : NULL;
    pthread_mutex_unlock(&snapshot->workers_lock);
    return walk;
}

const struct lethe_evaluation *lethe_snapshot_known(struct lethe_snapshot *snapshot)
{
    pthread_mutex_lock(&snapshot->workers_lock);
    const struct lethe_evaluation *known = snapshot->before;
    pthread_mutex_unlock(&snapshot->workers_lock);
    return known;
}
