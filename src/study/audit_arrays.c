/* SPDX-License-Identifier: MIT
 * The models of an audit, what they say about every sample, and who was trained on what. */
#include "study/audit_arrays.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/array.h"

enum { SETS = 3, MOST = 24, NAME = 32 };

static const enum lethe_side sides[SETS] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN, LETHE_SIDE_TUNE};
static const char *const sets[SETS] = {"forget", "retain", "heldout"};
static const char *const groups[LETHE_GROUPS] = {"before", "now", "retrain"};

struct arrays {
    struct lethe_npz_member members[MOST];
    char names[MOST][NAME];
    size_t count;
};

/* A new array of doubles of up to three dimensions, 0 for none; NULL with err filled. */
static double *add(struct arrays *a, const char *first, const char *second, const size_t dims[3],
                   struct lethe_error *err)
{
    struct lethe_array *array = &a->members[a->count].array;
    const size_t ndim = dims[2] ? 3 : dims[1] ? 2 : 1;
    size_t size = 1;
    for (size_t d = 0; d < ndim; d++)
        size *= dims[d];
    double *data = lethe_alloc(size, sizeof *data);
    if (!data) {
        lethe_fail_memory(err, first, size, sizeof *data);
        return NULL;
    }
    snprintf(a->names[a->count], NAME, "%s%s", first, second);
    *array = (struct lethe_array){.type = LETHE_DOUBLE, .ndim = ndim, .count = size, .data = data};
    memcpy(array->dims, dims, ndim * sizeof *dims);
    a->members[a->count].name = a->names[a->count];
    a->count++;
    return data;
}

static enum lethe_err add_samples(struct arrays *a, const struct lethe_snapshot *snapshot, int set,
                                  struct lethe_error *err)
{
    const struct lethe_ids *ids = lethe_snapshot_ids(snapshot, sides[set]);
    const struct lethe_dataset *data = set == 2 ? snapshot->heldout : snapshot->train;
    const size_t dims[3] = {ids->count, 0, 0};
    double *numbers = add(a, sets[set], "", dims, err);
    double *labels = numbers ? add(a, sets[set], "_label", dims, err) : NULL;
    for (size_t i = 0; labels && i < ids->count; i++) {
        numbers[i] = (double)ids->at[i];
        labels[i] = lethe_dataset_label(data, ids->at[i]);
    }
    return labels ? LETHE_OK : LETHE_ENOMEM;
}

static enum lethe_err add_weights(struct arrays *a, int group, size_t n,
                                  const struct lethe_member *members, struct lethe_error *err)
{
    const size_t size = members[0].kept.size, dims[3] = {n, size, 0};
    double *to = add(a, groups[group], "_weights", dims, err);
    for (size_t k = 0; to && k < n; k++)
        memcpy(to + k * size, members[k].kept.w, size * sizeof *to);
    return to ? LETHE_OK : LETHE_ENOMEM;
}

static enum lethe_err add_trained(struct arrays *a, int group, size_t n,
                                  const struct lethe_member *members,
                                  const struct lethe_ensemble *ensemble, struct lethe_error *err)
{
    const struct lethe_ids *retain = &ensemble->snapshot->retain;
    const size_t dims[3] = {n, retain->count, 0};
    double *to = add(a, groups[group], "_trained", dims, err);
    enum lethe_err code = to ? LETHE_OK : LETHE_ENOMEM;
    for (size_t k = 0; !code && k < n; k++) {
        struct lethe_ids ids = {0};
        code = lethe_ensemble_ids(&ids, ensemble, members[k].draw, 0, err);
        size_t at = 0;
        for (size_t i = 0; !code && i < retain->count; i++) {
            while (at < ids.count && ids.at[at] < retain->at[i])
                at++;
            to[k * retain->count + i] = at < ids.count && ids.at[at] == retain->at[i];
        }
        lethe_free(ids.at);
    }
    return code;
}

/* Logits of n models of one group about all sets. */
static enum lethe_err add_logits(struct arrays *a, int group, size_t n,
                                 const struct lethe_member *members,
                                 const struct lethe_ensemble *ensemble, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    const struct lethe_snapshot *snapshot = ensemble->snapshot;
    const size_t classes = lethe_graph_classes(snapshot->graph);
    struct lethe_worker_problems worker = {0};
    double *to[SETS] = {NULL};
    enum lethe_err code = LETHE_OK;
    for (int s = 0; !code && s < SETS; s++) {
        const size_t dims[3] = {n, lethe_snapshot_ids(snapshot, sides[s])->count, classes};
        char rest[NAME];
        snprintf(rest, sizeof rest, "_%s_logits", sets[s]);
        to[s] = add(a, groups[group], rest, dims, err);
        code = to[s] ? LETHE_OK : LETHE_ENOMEM;
    }
    for (size_t k = 0; !code && k < n; k++) {
        struct lethe_evaluation evaluation = {0};
        code = lethe_evaluation_measure(&evaluation, snapshot, &worker, members[k].kept.w,
                                        LETHE_SIDE_TUNE, watch, err);
        for (int s = 0; !code && s < SETS; s++) {
            const size_t size = evaluation.count[sides[s]] * classes;
            if (size)
                memcpy(to[s] + k * size, evaluation.logits[sides[s]], size * sizeof **to);
        }
        lethe_evaluation_release(&evaluation);
    }
    lethe_worker_problems_release(&worker);
    return code;
}

enum lethe_err lethe_audit_arrays_write(const char *path, size_t n,
                                        struct lethe_member *const members[LETHE_GROUPS],
                                        const struct lethe_ensemble *ensemble,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    struct arrays *a = lethe_alloc_zero(1, sizeof *a);
    if (!a)
        return lethe_fail_memory(err, "arrays", 1, sizeof *a);
    enum lethe_err code = LETHE_OK;
    for (int s = 0; !code && s < SETS; s++)
        code = add_samples(a, ensemble->snapshot, s, err);
    for (int g = 0; !code && g < LETHE_GROUPS; g++) {
        code = lethe_watch_step(watch, "writing", g, LETHE_GROUPS, err);
        if (!code)
            code = add_weights(a, g, n, members[g], err);
        if (!code && g != LETHE_NOW)
            code = add_trained(a, g, n, members[g], ensemble, err);
        if (!code)
            code = add_logits(a, g, n, members[g], ensemble, watch, err);
    }
    if (!code)
        code = lethe_npz_write(path, a->members, a->count, err);
    for (size_t i = 0; i < a->count; i++)
        lethe_array_release(&a->members[i].array);
    lethe_free(a);
    return code;
}
