/* SPDX-License-Identifier: MIT
 * Every fifth sample is to be forgotten; the weights are a minimum of the objective over all. */
#include "tests/support/cloud_world.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "lethe/retrain.h"
#include "tests/support/blobs.h"

static void must(enum lethe_err code)
{
    if (code)
        abort();
}

void cloud_open(struct cloud_world *world, const size_t *report, size_t report_count)
{
    static const size_t widths[] = {4, 5, CLOUD_CLASSES, 0};
    size_t gone[CLOUD_GONE], stays[CLOUD_SAMPLES], tune[CLOUD_HELDOUT / 2], g = 0, s = 0;
    struct lethe_train_report trained;
    for (size_t i = 0; i < CLOUD_SAMPLES; i++)
        if (i % 5 == 2)
            gone[g++] = i;
        else
            stays[s++] = i;
    for (size_t i = 0; i < CLOUD_HELDOUT / 2; i++)
        tune[i] = i;
    struct lethe_graph *graph = blobs_net(widths);
    double *w = lethe_alloc_zero(lethe_graph_size(graph), sizeof *w);
    const struct lethe_snapshot from = {.graph = graph,
                                        .train = blobs(CLOUD_SAMPLES, widths[0], CLOUD_CLASSES, 5),
                                        .heldout =
                                            blobs(CLOUD_HELDOUT, widths[0], CLOUD_CLASSES, 6),
                                        .w = w,
                                        .decay = 1e-2,
                                        .trained_on = CLOUD_SAMPLES,
                                        .whole = 1,
                                        .seed = 4,
                                        .dtype = LETHE_F64,
                                        .warm = lethe_retrain_defaults(),
                                        .forget = {gone, g},
                                        .retain = {stays, s},
                                        .tune = {tune, CLOUD_HELDOUT / 2},
                                        .report = {(size_t *)report, report_count}};
    struct lethe_problem *problem = blobs_problem(graph, from.train, NULL, CLOUD_SAMPLES, 1e-2);
    lethe_graph_init(graph, 3, w);
    must(lethe_train(w, &trained, problem, &from.warm, NULL, NULL));
    *world = (struct cloud_world){.training.recipe = lethe_train_defaults(LETHE_TRAIN_LBFGS),
                                  .training.threads = 1};
    must(lethe_snapshot_new(&world->snapshot, &from, NULL));
    lethe_problem_free(problem);
    lethe_dataset_unref(from.train);
    lethe_dataset_unref(from.heldout);
    lethe_graph_unref(graph);
    lethe_free(w);
}

void cloud_close(struct cloud_world *world)
{
    lethe_snapshot_unref(world->snapshot);
    *world = (struct cloud_world){0};
}
