/* SPDX-License-Identifier: MIT
 * Problems of one thread: graph, samples and executor for each set of a snapshot's samples. */
#ifndef LETHE_REMOVAL_WORKER_PROBLEMS_H
#define LETHE_REMOVAL_WORKER_PROBLEMS_H

#include <pthread.h>
#include "removal/snapshot.h"

/* One problem (graph + samples + executor) for each set that is asked for. They belong to one
 * thread. */
struct lethe_worker_problems {
    struct lethe_problem *problem[LETHE_SIDES]; /* NULL: not made, or the set is empty */
    pthread_t owner;                            /* of a snapshot's problems */
    struct lethe_worker_problems *next;
    unsigned threads; /* of its executors, 0: one for each processor */
};
enum lethe_err lethe_worker_problem(struct lethe_problem **problem,
                                    struct lethe_worker_problems *worker,
                                    const struct lethe_snapshot *snapshot, enum lethe_side set,
                                    struct lethe_error *err);
void lethe_worker_problems_release(struct lethe_worker_problems *worker);

#endif
