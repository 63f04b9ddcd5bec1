/* SPDX-License-Identifier: MIT
 * What a member is made from, what it is called on disk, and how it is made. */
#include "study/ensemble.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "lethe/rng.h"
#include "removal/damping.h"
#include "removal/head_snapshot.h"
#include "removal/head_store.h"
#include "removal/stage_common.h"
#include "removal/stage_method.h"
#include "study/head_name.h"
#include "study/kept_selection.h"

/* ---- samples --------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

enum lethe_err lethe_ensemble_ids(struct lethe_ids *ids, const struct lethe_ensemble *ensemble,
                                  uint64_t draw, int with_forget, struct lethe_error *err)
{
    const struct lethe_ids *retain = &ensemble->snapshot->retain,
                           *forget = &ensemble->snapshot->forget;
    const size_t most = retain->count + forget->count;
    size_t kept = (size_t)((double)retain->count * ensemble->share + 0.5);
    struct lethe_rng rng;
    size_t *at = lethe_alloc(most, sizeof *at);
    if (!at)
        return lethe_fail_memory(err, "sample ids", most, sizeof *at);
    kept = kept ? kept : 1;
    if (retain->count)
        memcpy(at, retain->at, retain->count * sizeof *at);
    if (kept < retain->count) {
        lethe_rng_init(&rng, ensemble->snapshot->seed, LETHE_RNG_SHADOW, draw, 0);
        lethe_rng_shuffle(&rng, at, retain->count);
    } else {
        kept = retain->count;
    }
    if (with_forget && forget->count)
        memcpy(at + kept, forget->at, forget->count * sizeof *at);
    ids->at = at;
    ids->count = kept + (with_forget ? forget->count : 0);
    qsort(ids->at, ids->count, sizeof *at, ascending);
    return LETHE_OK;
}

enum lethe_err lethe_ensemble_movable(struct lethe_ensemble *own,
                                      struct lethe_training_context *training,
                                      const struct lethe_ensemble *ensemble,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_snapshot *movable = NULL;
    enum lethe_err code = lethe_snapshot_movable(&movable, ensemble->snapshot, watch, err);
    if (code)
        return code;
    *training = *ensemble->training;
    *own = *ensemble;
    own->snapshot = movable;
    own->training = training;
    if (movable->of)
        training->recipe = ensemble->snapshot->warm;
    return LETHE_OK;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Everything that decides the weights; fields one by one, for padding has no meaning. */
static void name_training(char name[LETHE_HASH_TEXT], const struct lethe_ensemble *c, uint64_t seed,
                          const struct lethe_ids *ids)
{
    const struct lethe_train_options *r = &c->training->recipe;
    const double reals[] = {c->snapshot->decay, r->tolerance, r->rate,
                            r->momentum,        r->drop,      r->dropout};
    const uint64_t wholes[] = {(uint64_t)lethe_snapshot_precision(c->snapshot, r),
                               (uint64_t)r->method,
                               r->iterations,
                               r->memory,
                               r->batch,
                               (uint64_t)r->schedule,
                               r->drop_every,
                               (uint64_t)r->flip,
                               r->crop,
                               seed,
                               lethe_graph_size(c->snapshot->graph),
                               ids->count};
    struct lethe_hash hash;
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, "lethe retrain 2", 15);
    lethe_hash_add(&hash, c->training->model_hash, strlen(c->training->model_hash) + 1);
    lethe_hash_add(&hash, c->training->data_hash, strlen(c->training->data_hash) + 1);
    lethe_hash_add(&hash, reals, sizeof reals);
    lethe_hash_add(&hash, wholes, sizeof wholes);
    lethe_hash_add(&hash, ids->at, ids->count * sizeof *ids->at);
    if (c->snapshot->of)
        lethe_hash_add(&hash, c->snapshot->of->below, LETHE_HASH_TEXT);
    lethe_hash_text(&hash, name);
}

/* A removal is decided by its original, who is to be forgotten, and the settings that decide. */
static void name_removal(char name[LETHE_HASH_TEXT], const struct lethe_ensemble *c,
                         const struct lethe_settings *settings)
{
    struct lethe_hash hash;
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, "lethe removal 1", 15);
    lethe_hash_add(&hash, name, LETHE_HASH_TEXT);
    lethe_hash_add(&hash, c->snapshot->forget.at,
                   c->snapshot->forget.count * sizeof *c->snapshot->forget.at);
    for (int key = 0; key < LETHE_SET_COUNT; key++)
        if (key == LETHE_SET_RETRAIN_BY && c->snapshot->head_only) /* chosen, or by auto */
            lethe_hash_add(&hash, "head", sizeof "head");
        else if (lethe_setting_decides(settings, (enum lethe_setting)key))
            lethe_hash_add(&hash, settings->text[key], strlen(settings->text[key]) + 1);
    lethe_hash_text(&hash, name);
}

enum lethe_err lethe_member_name(char name[LETHE_HASH_TEXT], const struct lethe_member *member,
                                 const struct lethe_ensemble *c, struct lethe_error *err)
{
    struct lethe_ids ids = {0};
    if (member->kind == LETHE_MEMBER_HEAD) {
        lethe_head_name(name, c->snapshot, c->training);
        name_removal(name, c, member->settings);
        return LETHE_OK;
    }
    enum lethe_err code =
        lethe_ensemble_ids(&ids, c, member->draw, member->kind != LETHE_MEMBER_RETRAIN, err);
    if (code)
        return code;
    name_training(name, c, member->kept.seed, &ids);
    if (member->kind == LETHE_MEMBER_REMOVAL)
        name_removal(name, c, &c->settings);
    lethe_free(ids.at);
    return LETHE_OK;
}

/* ---- making one ------------------------------------------------------------------------------ */

static enum lethe_err train(struct lethe_member *member, const struct lethe_ensemble *c,
                            const struct lethe_ids *ids, struct lethe_watch *watch,
                            struct lethe_error *err)
{
    const enum lethe_dtype dtype = lethe_snapshot_precision(c->snapshot, &c->training->recipe);
    struct lethe_problem_spec spec = lethe_snapshot_spec(c->snapshot, ids, dtype);
    struct lethe_problem *problem = NULL;
    spec.threads = 1;
    memcpy(member->kept.w, c->snapshot->w, member->kept.size * sizeof *member->kept.w);
    enum lethe_err code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_retrain_cold(member->kept.w, &member->kept.report, problem,
                                  &c->training->recipe, member->kept.seed, watch, err);
    lethe_problem_free(problem);
    return code;
}

/* The step of the settings, at the original's own weights: its own selection, its own curvature.
 * training: where the selection is kept; NULL: nowhere. */
static enum lethe_err take_step(double *w, struct lethe_snapshot *snapshot,
                                const struct lethe_settings *settings,
                                const struct lethe_training_context *training,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_selected *selected = NULL;
    struct lethe_blanket_curvature *curve = NULL;
    struct lethe_factor *factor = NULL;
    struct lethe_update update = {0};
    enum lethe_form form;
    const int all = !strcmp(settings->text[LETHE_SET_BLANKET], "all");
    const double mu = lethe_damping_of(settings, snapshot);
    enum lethe_err code = lethe_form_find(&form, settings->text[LETHE_SET_FORM], err);
    if (!code && !all)
        code = lethe_kept_selection(&selected, snapshot, settings, training, watch, err);
    if (!code)
        code =
            lethe_blanket_curvature_wanted(&curve, snapshot, selected, NULL, settings, watch, err);
    size_t units = 0;
    if (!code) {
        units =
            all ? curve->blanket.count
                : lethe_blanket_curvature_units(snapshot->graph, &selected->selection, settings);
        units = units < curve->blanket.count ? units : curve->blanket.count;
    }
    if (!code && units)
        code = lethe_step_factor(&factor, curve, units, mu, 0, settings, watch, err);
    const struct lethe_step_spec spec = {curve, factor, units, mu, form};
    if (!code && units)
        code = lethe_step_make(&update, &spec, err);
    if (!code && units)
        lethe_update_apply(w, &update, &curve->blanket);
    lethe_update_release(&update);
    lethe_factor_unref(factor);
    lethe_blanket_curvature_unref(curve);
    lethe_selected_unref(selected);
    return code;
}

/* The order of its mask, if it follows one, is kept likewise. */
static enum lethe_err run_method(double *w, struct lethe_snapshot *snapshot,
                                 const struct lethe_settings *settings,
                                 const struct lethe_training_context *training,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_unlearn_report report;
    struct lethe_settings by;
    struct lethe_selected *order = NULL;
    size_t units;
    int needed;
    enum lethe_err code = lethe_method_order(&by, &needed, snapshot, settings, err);
    if (!code && needed)
        code = lethe_kept_selection(&order, snapshot, &by, training, watch, err);
    if (!code)
        code = lethe_method_weights(w, &report, &units, snapshot, settings, order, 1, watch, err);
    lethe_selected_unref(order);
    return code;
}

static enum lethe_err remove_by(double *w, struct lethe_snapshot *snapshot,
                                const struct lethe_settings *settings,
                                const struct lethe_training_context *training,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    return lethe_settings_other_method(settings)
               ? run_method(w, snapshot, settings, training, watch, err)
               : take_step(w, snapshot, settings, training, watch, err);
}

/* The same of what may move: w begins as the snapshot's. */
static enum lethe_err remove_movable(double *w, struct lethe_snapshot *snapshot,
                                     const struct lethe_settings *settings,
                                     const struct lethe_training_context *training,
                                     struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_snapshot *movable = NULL;
    enum lethe_err code = lethe_snapshot_movable(&movable, snapshot, watch, err);
    if (code || movable == snapshot)
        return code ? code : remove_by(w, snapshot, settings, training, watch, err);
    double *own = lethe_stage_weights(movable, err);
    code = own ? remove_by(own, movable, settings, NULL, watch, err) : LETHE_ENOMEM;
    if (!code)
        lethe_head_put(w, own, movable);
    lethe_free(own);
    return code;
}

/* From the snapshot's weights. What cannot be made is an answer, too. */
static enum lethe_err remove_at_head(struct lethe_member *member, const struct lethe_ensemble *c,
                                     struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_snapshot *snapshot = NULL;
    struct lethe_error own = {0};
    const double start = lethe_clock();
    enum lethe_err code = lethe_snapshot_new(&snapshot, c->snapshot, err);
    if (code)
        return code;
    memcpy(member->kept.w, snapshot->w, member->kept.size * sizeof *member->kept.w);
    code = remove_movable(member->kept.w, snapshot, member->settings, c->training, watch, &own);
    if (code == LETHE_ENUM || code == LETHE_EARG) {
        for (size_t i = 0; i < member->kept.size; i++)
            member->kept.w[i] = NAN;
        code = LETHE_OK;
    }
    if (code && err)
        *err = own;
    member->kept.report = (struct lethe_train_report){.seconds = lethe_clock() - start};
    lethe_snapshot_unref(snapshot);
    return code;
}

static enum lethe_err remove_from(struct lethe_member *member, const struct lethe_ensemble *c,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_snapshot *snapshot = NULL, like = *c->snapshot;
    struct lethe_ids retain = {0};
    const double start = lethe_clock();
    enum lethe_err code = lethe_ensemble_ids(&retain, c, member->draw, 0, err);
    if (code)
        return code;
    like.w = (double *)member->from; /* copied by the new snapshot */
    like.retain = retain;
    like.trained_on = retain.count + like.forget.count;
    like.whole = 1;
    code = lethe_snapshot_new(&snapshot, &like, err);
    if (!code) {
        memcpy(member->kept.w, member->from, member->kept.size * sizeof *member->kept.w);
        code = remove_movable(member->kept.w, snapshot, &c->settings, NULL, watch, err);
    }
    if (code && code != LETHE_ECANCEL)
        lethe_error_at(err, "the original of seed %llu", (unsigned long long)member->kept.seed);
    member->kept.report = (struct lethe_train_report){.seconds = lethe_clock() - start};
    lethe_snapshot_unref(snapshot);
    lethe_free(retain.at);
    return code;
}

enum lethe_err lethe_ensemble_one(struct lethe_member *member,
                                  const struct lethe_ensemble *ensemble, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct lethe_ids ids = {0};
    enum lethe_err code = LETHE_OK;
    if (member->kind == LETHE_MEMBER_HEAD) {
        code = remove_at_head(member, ensemble, watch, err);
    } else if (member->kind == LETHE_MEMBER_REMOVAL) {
        code = remove_from(member, ensemble, watch, err);
    } else {
        code = lethe_ensemble_ids(&ids, ensemble, member->draw,
                                  member->kind == LETHE_MEMBER_ORIGINAL, err);
        if (!code)
            code = train(member, ensemble, &ids, watch, err);
    }
    lethe_free(ids.at);
    member->made = !code;
    return code;
}

enum lethe_err lethe_member_init(struct lethe_member *member, const struct lethe_ensemble *ensemble,
                                 enum lethe_member_kind kind, uint64_t draw, uint64_t seed,
                                 struct lethe_error *err)
{
    const struct lethe_graph *graph = ensemble->snapshot->graph;
    const size_t size = lethe_graph_size(graph) + lethe_graph_buffers(graph);
    *member = (struct lethe_member){.kind = kind, .draw = draw};
    member->kept = (struct lethe_kept){.size = size, .seed = seed};
    member->kept.w = lethe_alloc(size, sizeof *member->kept.w);
    return member->kept.w ? LETHE_OK
                          : lethe_fail_memory(err, "weights", size, sizeof *member->kept.w);
}

void lethe_member_release(struct lethe_member *member)
{
    lethe_free(member->kept.w);
    *member = (struct lethe_member){0};
}
