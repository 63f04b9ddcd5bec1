/* SPDX-License-Identifier: MIT
 * Changes of the forget set, and the samples that stay although they are nearly the same. */
#include "workbench/forget_set.h"

#include "base/alloc.h"
#include "workbench/workbench.h"

/* to = a united with, or without, b; both increasing. Room for both. */
static size_t combine(size_t *to, const struct lethe_ids *a, const struct lethe_ids *b, int remove)
{
    size_t i = 0, j = 0, n = 0;
    while (i < a->count || j < b->count) {
        int from_a = j == b->count || (i < a->count && a->at[i] < b->at[j]);
        int both = i < a->count && j < b->count && a->at[i] == b->at[j];
        if (both ? !remove : (from_a || !remove))
            to[n++] = from_a || both ? a->at[i] : b->at[j];
        i += from_a || both;
        j += !from_a || both;
    }
    return n;
}

static enum lethe_err change(struct lethe_workbench *wb, const struct lethe_ids *given, int remove,
                             struct lethe_error *err)
{
    const struct lethe_ids *have = &wb->project.forget;
    for (size_t i = 0; i < given->count; i++) {
        int there = lethe_ids_has(have, given->at[i]);
        if (there != remove)
            return lethe_fail(err, LETHE_EARG,
                              remove ? "sample %zu is not in the forget set"
                                     : "sample %zu is in the forget set already",
                              given->at[i]);
    }
    size_t *ids = lethe_alloc(have->count + given->count, sizeof *ids);
    if (!ids)
        return lethe_fail_memory(err, "forget set", have->count + given->count, sizeof *ids);
    size_t count = combine(ids, have, given, remove);
    enum lethe_err code = lethe_workbench_forget(wb, ids, count, err);
    lethe_free(ids);
    return code;
}

enum lethe_err lethe_workbench_forget_more(struct lethe_workbench *wb,
                                           const struct lethe_ids *given, struct lethe_error *err)
{
    return change(wb, given, 0, err);
}

enum lethe_err lethe_workbench_forget_less(struct lethe_workbench *wb,
                                           const struct lethe_ids *given, struct lethe_error *err)
{
    return change(wb, given, 1, err);
}

/* Numbers of a sample that are tokens; 0: no text. */
static size_t words_of(const struct lethe_graph *graph)
{
    return graph && lethe_graph_input_kind(graph, 0, NULL) == LETHE_INPUT_TOKENS
               ? lethe_graph_input_width(graph, 0)
               : 0;
}

enum lethe_err lethe_near_forget_set(struct lethe_near **pairs, size_t *found, int *too_many,
                                     const struct lethe_project *project, struct lethe_error *err)
{
    const double most = 3e8; /* multiplications while a person waits */
    const size_t n = lethe_dataset_count(project->train);
    size_t *retained = lethe_alloc(n, sizeof *retained), count = 0;
    *found = 0;
    if (!retained)
        return lethe_fail_memory(err, "samples", n, sizeof *retained);
    for (size_t id = 0; id < n; id++)
        if (!lethe_ids_has(&project->forget, id) && !lethe_ids_has(&project->removed, id))
            retained[count++] = id;
    const struct lethe_near_options options = {.distance = LETHE_NEAR_DISTANCE,
                                               .forget = project->forget.at,
                                               .retained = retained,
                                               .forget_count = project->forget.count,
                                               .retained_count = count,
                                               .words = words_of(project->graph)};
    const double work = (double)project->forget.count * (double)count;
    *too_many = work * (double)lethe_dataset_width(project->train) > most;
    const enum lethe_err code =
        *too_many ? LETHE_OK : lethe_near_find(pairs, found, project->train, &options, NULL, err);
    lethe_free(retained);
    return code;
}
