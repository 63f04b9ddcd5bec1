/* SPDX-License-Identifier: MIT
 * The samples of each set, and one problem over each of them for one thread. */
#include "removal/worker_problems.h"

const struct lethe_ids *lethe_snapshot_ids(const struct lethe_snapshot *snapshot,
                                           enum lethe_side set)
{
    switch (set) {
    case LETHE_SIDE_FORGET:
        return &snapshot->forget;
    case LETHE_SIDE_RETAIN:
        return &snapshot->retain;
    case LETHE_SIDE_TUNE:
        return &snapshot->tune;
    case LETHE_SIDE_GLANCE:
        return &snapshot->glance;
    default:
        return &snapshot->report;
    }
}

static int is_heldout(enum lethe_side set)
{
    return set != LETHE_SIDE_FORGET && set != LETHE_SIDE_RETAIN;
}

enum lethe_err lethe_worker_problem(struct lethe_problem **problem,
                                    struct lethe_worker_problems *worker,
                                    const struct lethe_snapshot *snapshot, enum lethe_side set,
                                    struct lethe_error *err)
{
    const struct lethe_ids *ids = lethe_snapshot_ids(snapshot, set);
    *problem = worker->problem[set];
    if (*problem || !ids->count)
        return LETHE_OK;
    const struct lethe_problem_spec spec = {.graph = snapshot->graph,
                                            .data = is_heldout(set) ? snapshot->heldout
                                                                    : snapshot->train,
                                            .ids = ids->at,
                                            .count = ids->count,
                                            .decay = snapshot->decay,
                                            .dtype = snapshot->dtype,
                                            .threads = worker->threads};
    enum lethe_err code = lethe_problem_new(&worker->problem[set], &spec, err);
    *problem = worker->problem[set];
    return code;
}

void lethe_worker_problems_release(struct lethe_worker_problems *worker)
{
    for (int set = 0; set < LETHE_SIDES; set++)
        lethe_problem_free(worker->problem[set]);
    *worker = (struct lethe_worker_problems){0};
}
