/* SPDX-License-Identifier: MIT
 * Making, sharing and copying snapshots, and what is kept with one: the problems of each thread and
 * what the weights of the snapshot say. */
#include "removal/snapshot.h"

#include <string.h>

#include "base/alloc.h"
#include "lethe/curvature.h"
#include "removal/evaluation.h"
#include "removal/retrain_control.h"

/* Samples for a first look: a part of the tune half. */
static enum lethe_err draw_glance(struct lethe_scene *scene, struct lethe_error *err)
{
    struct lethe_ids *glance = &scene->glance;
    glance->at = lethe_alloc(LETHE_SCENE_GLANCE, sizeof *glance->at);
    if (!glance->at)
        return lethe_fail_memory(err, "sample ids", LETHE_SCENE_GLANCE, sizeof *glance->at);
    glance->count = lethe_curvature_samples(glance->at, scene->tune.at, scene->tune.count,
                                            LETHE_SCENE_GLANCE, scene->seed);
    return LETHE_OK;
}

static enum lethe_err copy_ids(struct lethe_ids *to, const struct lethe_ids *from,
                               struct lethe_error *err)
{
    to->at = lethe_alloc(from->count, sizeof *to->at);
    if (!to->at)
        return lethe_fail_memory(err, "sample ids", from->count, sizeof *to->at);
    if (from->count)
        memcpy(to->at, from->at, from->count * sizeof *to->at);
    to->count = from->count;
    return LETHE_OK;
}

enum lethe_err lethe_scene_new(struct lethe_scene **scene, const struct lethe_scene *from,
                               struct lethe_error *err)
{
    struct lethe_scene *made = lethe_alloc(1, sizeof *made);
    const size_t size = lethe_graph_size(from->graph) + lethe_graph_buffers(from->graph);
    if (!made)
        return lethe_fail_memory(err, "a scene", 1, sizeof *made);
    *made = *from;
    made->refs = 1;
    made->kits = NULL;
    made->before = made->glanced = NULL;
    if (made->controls)
        lethe_controls_ref(made->controls);
    made->glance = (struct lethe_ids){0};
    pthread_mutex_init(&made->kits_lock, NULL);
    made->forget = made->retain = made->removed = made->tune = made->report = (struct lethe_ids){0};
    lethe_graph_ref(made->graph);
    lethe_dataset_ref(made->train);
    if (made->heldout)
        lethe_dataset_ref(made->heldout);
    made->w = lethe_alloc(size, sizeof *made->w);
    enum lethe_err code = made->w ? LETHE_OK : lethe_fail_memory(err, "weights", size, 8);
    if (!code)
        memcpy(made->w, from->w, size * sizeof *made->w);
    struct lethe_ids *to[] = {&made->forget, &made->retain, &made->removed, &made->tune,
                              &made->report};
    const struct lethe_ids *source[] = {&from->forget, &from->retain, &from->removed, &from->tune,
                                        &from->report};
    for (size_t i = 0; !code && i < sizeof to / sizeof *to; i++)
        code = copy_ids(to[i], source[i], err);
    if (!code)
        code = draw_glance(made, err);
    if (code) {
        lethe_scene_unref(made);
        return code;
    }
    *scene = made;
    return LETHE_OK;
}

enum lethe_err lethe_scene_all(struct lethe_ids *ids, const struct lethe_scene *scene,
                               size_t except, struct lethe_error *err)
{
    const struct lethe_ids *u = &scene->forget, *r = &scene->retain;
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

enum lethe_dtype lethe_scene_precision(const struct lethe_scene *scene,
                                       const struct lethe_train_options *options)
{
    return options->method == LETHE_TRAIN_LBFGS ? scene->dtype : LETHE_F32;
}

struct lethe_problem_spec lethe_scene_spec(const struct lethe_scene *scene,
                                           const struct lethe_ids *ids, enum lethe_dtype dtype)
{
    return (struct lethe_problem_spec){.graph = scene->graph,
                                       .data = scene->train,
                                       .ids = ids->at,
                                       .count = ids->count,
                                       .decay = scene->decay,
                                       .dtype = dtype};
}

enum lethe_err lethe_scene_single(struct lethe_scene **scene, const struct lethe_scene *from,
                                  size_t id, struct lethe_error *err)
{
    struct lethe_scene like = *from;
    struct lethe_ids retain = {0};
    enum lethe_err code = lethe_scene_all(&retain, from, id, err);
    like.forget = (struct lethe_ids){&id, 1};
    like.retain = retain;
    if (!code)
        code = lethe_scene_new(scene, &like, err);
    lethe_free(retain.at);
    return code;
}

struct lethe_scene *lethe_scene_ref(struct lethe_scene *scene)
{
    __atomic_add_fetch(&scene->refs, 1, __ATOMIC_RELAXED);
    return scene;
}

void lethe_scene_unref(struct lethe_scene *scene)
{
    if (!scene || __atomic_sub_fetch(&scene->refs, 1, __ATOMIC_ACQ_REL))
        return;
    for (struct lethe_kit *kit = scene->kits, *next; kit; kit = next) {
        next = kit->next;
        lethe_kit_release(kit);
        lethe_free(kit);
    }
    if (scene->before)
        lethe_reading_release(scene->before);
    if (scene->glanced)
        lethe_reading_release(scene->glanced);
    lethe_free(scene->before);
    lethe_free(scene->glanced);
    lethe_controls_unref(scene->controls);
    pthread_mutex_destroy(&scene->kits_lock);
    lethe_graph_unref(scene->graph);
    lethe_dataset_unref(scene->train);
    lethe_dataset_unref(scene->heldout);
    lethe_free(scene->w);
    lethe_free(scene->forget.at);
    lethe_free(scene->retain.at);
    lethe_free(scene->removed.at);
    lethe_free(scene->tune.at);
    lethe_free(scene->report.at);
    lethe_free(scene->glance.at);
    lethe_free(scene);
}

enum lethe_err lethe_scene_whole(const struct lethe_scene *scene, const char *what,
                                 struct lethe_error *err)
{
    if (scene->whole)
        return LETHE_OK;
    return lethe_fail(err, LETHE_EARG, "%s not available: %zu of %zu training samples here", what,
                      scene->retain.count + scene->forget.count, scene->trained_on);
}

enum lethe_err lethe_scene_kit(struct lethe_kit **kit, struct lethe_scene *scene,
                               struct lethe_error *err)
{
    const pthread_t self = pthread_self();
    pthread_mutex_lock(&scene->kits_lock);
    struct lethe_kit *mine = scene->kits;
    while (mine && !pthread_equal(mine->owner, self))
        mine = mine->next;
    if (!mine && (mine = lethe_alloc_zero(1, sizeof *mine))) {
        mine->owner = self;
        mine->next = scene->kits;
        scene->kits = mine;
    }
    pthread_mutex_unlock(&scene->kits_lock);
    *kit = mine;
    return mine ? LETHE_OK : lethe_fail_memory(err, "a scene", 1, sizeof *mine);
}

/* A reading of the scene's own weights, made once: *kept is under the lock. */
static enum lethe_err kept_reading(const struct lethe_reading **reading,
                                   struct lethe_reading **kept, struct lethe_scene *scene,
                                   enum lethe_side heldout, struct lethe_watch *watch,
                                   struct lethe_error *err)
{
    struct lethe_kit *kit;
    pthread_mutex_lock(&scene->kits_lock);
    *reading = *kept;
    pthread_mutex_unlock(&scene->kits_lock);
    if (*reading)
        return LETHE_OK;
    struct lethe_reading *made = lethe_alloc_zero(1, sizeof *made);
    enum lethe_err code = made ? lethe_scene_kit(&kit, scene, err)
                               : lethe_fail_memory(err, "figures", 1, sizeof *made);
    if (!code)
        code = lethe_reading_measure(made, scene, kit, scene->w, heldout, watch, err);
    pthread_mutex_lock(&scene->kits_lock);
    if (!code && !*kept) { /* else another thread was faster, with the same figures */
        *kept = made;
        made = NULL;
    }
    *reading = *kept;
    pthread_mutex_unlock(&scene->kits_lock);
    if (made)
        lethe_reading_release(made);
    lethe_free(made);
    return code;
}

enum lethe_err lethe_scene_before(const struct lethe_reading **before, struct lethe_scene *scene,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    return kept_reading(before, &scene->before, scene, LETHE_SIDE_TUNE, watch, err);
}

enum lethe_err lethe_scene_glance(const struct lethe_reading **before, struct lethe_scene *scene,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    return kept_reading(before, &scene->glanced, scene, LETHE_SIDE_GLANCE, watch, err);
}

const struct lethe_reading *lethe_scene_known(struct lethe_scene *scene)
{
    pthread_mutex_lock(&scene->kits_lock);
    const struct lethe_reading *known = scene->before;
    pthread_mutex_unlock(&scene->kits_lock);
    return known;
}
