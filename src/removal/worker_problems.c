/* SPDX-License-Identifier: MIT
 * The samples of each set, and one problem over each of them for one thread. */
#include "removal/worker_problems.h"

const struct lethe_ids *lethe_scene_ids(const struct lethe_scene *scene, enum lethe_side set)
{
    switch (set) {
    case LETHE_SIDE_FORGET:
        return &scene->forget;
    case LETHE_SIDE_RETAIN:
        return &scene->retain;
    case LETHE_SIDE_TUNE:
        return &scene->tune;
    case LETHE_SIDE_GLANCE:
        return &scene->glance;
    default:
        return &scene->report;
    }
}

static int is_heldout(enum lethe_side set)
{
    return set != LETHE_SIDE_FORGET && set != LETHE_SIDE_RETAIN;
}

enum lethe_err lethe_kit_problem(struct lethe_problem **problem, struct lethe_kit *kit,
                                 const struct lethe_scene *scene, enum lethe_side set,
                                 struct lethe_error *err)
{
    const struct lethe_ids *ids = lethe_scene_ids(scene, set);
    *problem = kit->problem[set];
    if (*problem || !ids->count)
        return LETHE_OK;
    const struct lethe_problem_spec spec = {.graph = scene->graph,
                                            .data = is_heldout(set) ? scene->heldout : scene->train,
                                            .ids = ids->at,
                                            .count = ids->count,
                                            .decay = scene->decay,
                                            .dtype = scene->dtype,
                                            .threads = kit->threads};
    enum lethe_err code = lethe_problem_new(&kit->problem[set], &spec, err);
    *problem = kit->problem[set];
    return code;
}

void lethe_kit_release(struct lethe_kit *kit)
{
    for (int set = 0; set < LETHE_SIDES; set++)
        lethe_problem_free(kit->problem[set]);
    *kit = (struct lethe_kit){0};
}
