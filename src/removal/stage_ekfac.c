/* SPDX-License-Identifier: MIT
 * EKFAC of a snapshot over samples drawn from S, with those to be forgotten taken out. */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "removal/ekfac_file.h"
#include "removal/ekfac_store.h"
#include "removal/stage_common.h"

size_t lethe_ekfac_samples(const struct lethe_graph *graph, size_t present)
{
    /* 64 of a network of ResNet-18's size on 32 x 32 pixels; the dearer the fewer, by the power
     * that leaves a network of 1.4e6 multiplications a second's worth */
    const double count = 64 * pow(5.56e8 / fmax(lethe_graph_work(graph), 1), 0.37);
    const size_t wanted = count < 16 ? 16 : count > 2000 ? 2000 : (size_t)count;
    return wanted < present ? wanted : present;
}

/* EKFAC samples, drawn from S, and among them those of U. */
struct drawn {
    struct lethe_ids all, forget;
};

static void release_drawn(struct drawn *d)
{
    lethe_free(d->all.at);
    lethe_free(d->forget.at);
}

static enum lethe_err draw(struct drawn *d, const struct lethe_snapshot *snapshot, uint64_t seed,
                           struct lethe_error *err)
{
    struct lethe_ids all = {0};
    *d = (struct drawn){0};
    enum lethe_err code = lethe_snapshot_all(&all, snapshot, SIZE_MAX, err);
    if (code)
        return code;
    const size_t most = lethe_ekfac_samples(snapshot->graph, all.count);
    d->all.at = lethe_alloc(most + 1, sizeof *d->all.at);
    d->forget.at = lethe_alloc(most + 1, sizeof *d->forget.at);
    if (!d->all.at || !d->forget.at) {
        release_drawn(d);
        code = lethe_fail_memory(err, "curvature samples", 2 * most, sizeof *d->all.at);
    } else {
        d->all.count = lethe_curvature_samples(d->all.at, all.at, all.count, most, seed);
        for (size_t i = 0; i < d->all.count; i++)
            if (lethe_ids_has(&snapshot->forget, d->all.at[i]))
                d->forget.at[d->forget.count++] = d->all.at[i];
    }
    lethe_free(all.at);
    return code;
}

static void name_of(char name[LETHE_HASH_TEXT], const struct lethe_snapshot *snapshot,
                    const struct drawn *d, uint64_t seed, size_t memory, int less)
{
    struct lethe_hash hash;
    const size_t size = lethe_graph_size(snapshot->graph) + lethe_graph_buffers(snapshot->graph);
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, "lethe ekfac 1", 13);
    lethe_hash_add(&hash, snapshot->w, size * sizeof *snapshot->w);
    lethe_hash_add(&hash, &seed, sizeof seed);
    lethe_hash_add(&hash, &memory, sizeof memory);
    lethe_hash_add(&hash, &snapshot->graph, sizeof snapshot->graph);
    lethe_hash_add(&hash, &snapshot->train, sizeof snapshot->train);
    lethe_hash_add(&hash, d->all.at, d->all.count * sizeof *d->all.at);
    if (less)
        lethe_hash_add(&hash, d->forget.at, d->forget.count * sizeof *d->forget.at);
    lethe_hash_text(&hash, name);
}

static enum lethe_err problem_over(struct lethe_problem **problem,
                                   const struct lethe_snapshot *snapshot,
                                   const struct lethe_ids *ids, size_t memory,
                                   struct lethe_error *err)
{
    struct lethe_problem_spec spec = lethe_snapshot_spec(snapshot, ids, LETHE_F32);
    const size_t batch = lethe_memory_batch(snapshot->graph, LETHE_F32, memory / 4);
    spec.batch = batch < ids->count ? batch : ids->count;
    return lethe_problem_new(problem, &spec, err);
}

/* Labels drawn for a sample, 0: every class. Where outputs are nearly certain most labels that are
 * drawn say nothing, and a solve takes three times the products. */
static size_t labels_of(const struct lethe_graph *graph, size_t samples)
{
    const double operations = 4e9, classes = (double)lethe_graph_classes(graph);
    const double labels = operations / ((double)samples * (double)lethe_graph_size(graph));
    if (!lethe_stage_plain(graph))
        return 1;
    return labels >= classes ? 0 : labels > 1 ? (size_t)labels : 1;
}

/* The one over samples of S, from the disk where it is there, else made and kept there. */
static enum lethe_err make_whole(struct lethe_ekfac **ekfac, const struct lethe_snapshot *snapshot,
                                 const struct drawn *d, uint64_t seed, size_t memory,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    enum { POSITIONS = 64 };
    struct lethe_problem *problem = NULL;
    char name[LETHE_HASH_TEXT];
    const int kept = lethe_ekfac_is_work(snapshot->graph, d->all.count);
    char *path = kept ? lethe_ekfac_store_path(snapshot->ekfacs) : NULL;
    enum lethe_err code = problem_over(&problem, snapshot, &d->all, memory, err);
    const struct lethe_ekfac_spec spec = {.problem = problem,
                                          .w = snapshot->w,
                                          .seed = seed,
                                          .draws = labels_of(snapshot->graph, d->all.count),
                                          .positions = POSITIONS};
    if (!code && path)
        code = lethe_ekfac_file_name(name, &spec, watch, err);
    struct lethe_ekfac *made = !code && path ? lethe_ekfac_file_read(path, name, &spec) : NULL;
    if (!code && !made) {
        code = lethe_ekfac_new(&made, &spec, watch, err);
        if (!code && path)
            lethe_ekfac_store_write(snapshot->ekfacs, made, name);
    }
    lethe_problem_free(problem);
    lethe_free(path);
    if (!code)
        *ekfac = made;
    return code;
}

/* The same, from the store where it is there or about to be. */
static enum lethe_err need_whole(struct lethe_ekfac **ekfac, const struct lethe_snapshot *snapshot,
                                 const struct drawn *d, uint64_t seed, size_t memory,
                                 struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_ekfac_store *store = snapshot->ekfacs;
    char name[LETHE_HASH_TEXT];
    const char *owner = name; /* the claim's */
    enum lethe_err code = LETHE_OK;
    name_of(name, snapshot, d, seed, memory, 0);
    struct lethe_ekfac *found = lethe_ekfac_store_find(store, 0, name);
    while (!code && !found && !lethe_ekfac_store_claim(store, name, owner, watch)) {
        code = lethe_ekfac_store_await(store, name, watch, err);
        found = code ? NULL : lethe_ekfac_store_find(store, 0, name);
    }
    if (!code && !found) {
        code = make_whole(&found, snapshot, d, seed, memory, watch, err);
        if (!code)
            lethe_ekfac_store_keep(store, 0, name, found);
    }
    lethe_ekfac_store_unclaim(store, owner);
    if (!code)
        *ekfac = found;
    return code;
}

/* Takes the reference to whole. */
static enum lethe_err take_out(struct lethe_ekfac **ekfac, struct lethe_ekfac *whole,
                               const struct lethe_snapshot *snapshot, const struct drawn *d,
                               size_t memory, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_problem *problem = NULL;
    if (!d->forget.count || d->forget.count == d->all.count) {
        *ekfac = whole;
        return LETHE_OK;
    }
    enum lethe_err code = problem_over(&problem, snapshot, &d->forget, memory, err);
    if (!code)
        code = lethe_ekfac_without(ekfac, whole, problem, snapshot->w, watch, err);
    lethe_problem_free(problem);
    lethe_ekfac_unref(whole);
    return code;
}

enum lethe_err lethe_snapshot_ekfac(struct lethe_ekfac **ekfac, struct lethe_snapshot *snapshot,
                                    const struct lethe_settings *settings,
                                    struct lethe_watch *watch, struct lethe_error *err)
{
    const uint64_t seed = lethe_stage_seed(settings);
    const size_t memory = lethe_settings_memory(settings);
    char less[LETHE_HASH_TEXT];
    struct lethe_ekfac *whole = NULL, *made = NULL;
    struct drawn d;
    enum lethe_err code = draw(&d, snapshot, seed, err);
    if (code)
        return code;
    name_of(less, snapshot, &d, seed, memory, 1);
    made = lethe_ekfac_store_find(snapshot->ekfacs, 1, less);
    if (!made) {
        code = need_whole(&whole, snapshot, &d, seed, memory, watch, err);
        if (!code)
            code = take_out(&made, whole, snapshot, &d, memory, watch, err);
        if (!code)
            lethe_ekfac_store_keep(snapshot->ekfacs, 1, less, made);
    }
    release_drawn(&d);
    if (!code)
        *ekfac = made;
    return code;
}

enum lethe_err lethe_snapshot_ekfac_ahead(struct lethe_snapshot *snapshot,
                                          const struct lethe_settings *settings,
                                          struct lethe_watch *watch, struct lethe_error *err)
{
    const uint64_t seed = lethe_stage_seed(settings);
    struct lethe_ekfac *whole = NULL;
    struct drawn d;
    enum lethe_err code = draw(&d, snapshot, seed, err);
    if (code)
        return code;
    code = need_whole(&whole, snapshot, &d, seed, lethe_settings_memory(settings), watch, err);
    lethe_ekfac_unref(whole);
    release_drawn(&d);
    return code;
}

int lethe_ekfac_is_work(const struct lethe_graph *graph, size_t present)
{
    const double much = 2e8; /* multiplications of one pass forward: about a tenth of a second */
    return (double)lethe_ekfac_samples(graph, present) * lethe_graph_work(graph) > much;
}
