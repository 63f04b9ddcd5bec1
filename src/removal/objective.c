/* SPDX-License-Identifier: MIT
 * F_R, the objective over the retained samples: what an evaluation knows of it already, and
 * whether its gradient can be had beside that. See objective.h. */
#include "removal/objective.h"

#include "tensor/blas.h"

double lethe_objective_of(const struct lethe_evaluation *evaluation,
                          const struct lethe_snapshot *snapshot, const double *w)
{
    const size_t size = lethe_graph_size(snapshot->graph);
    return evaluation->figures.retain.loss + snapshot->decay / 2 * lethe_ddot(w, w, size);
}

int lethe_objective_is_dear(const struct lethe_snapshot *snapshot)
{
    const double much = 2e11; /* multiplications of one pass forward: some ten seconds */
    const double work = lethe_graph_work(snapshot->graph) * (double)snapshot->retain.count;
    return snapshot->warm.method != LETHE_TRAIN_LBFGS && work > much;
}
