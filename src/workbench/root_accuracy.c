/* SPDX-License-Identifier: MIT
 * What the weights the history began with are worth on the tune half. */
#include "base/alloc.h"
#include "workbench/workbench.h"

/* Held-out accuracy (tune half) of the weights the history began with, from where the paper's stop
 * counts. */
enum lethe_err lethe_workbench_root_accuracy(double *accuracy, struct lethe_workbench *wb,
                                             struct lethe_error *err)
{
    struct lethe_snapshot *snapshot;
    struct lethe_worker_problems worker = {0};
    struct lethe_problem *problem = NULL;
    struct lethe_outputs out = {0};
    struct lethe_set_figures figures;
    double *w = NULL, *logits = NULL;
    struct lethe_state *root = lethe_session_state(wb->session, 0);
    enum lethe_err code = lethe_workbench_snapshot(wb, &snapshot, err);
    if (!code)
        code = lethe_worker_problem(&problem, &worker, snapshot, LETHE_SIDE_TUNE, err);
    if (!code && !problem)
        code = lethe_fail(err, LETHE_EARG, "the gap stop needs held-out samples: leave 'gap=' out");
    if (code)
        goto out;
    out.n = lethe_problem_count(problem);
    out.classes = lethe_graph_classes(snapshot->graph);
    w = lethe_alloc(lethe_state_size(root), sizeof *w);
    logits = lethe_alloc(out.n * out.classes, sizeof *logits);
    if (!w || !logits) {
        code = lethe_fail_memory(err, "logits", out.n * out.classes, sizeof *logits);
        goto out;
    }
    code = lethe_state_weights(root, w, err);
    if (!code)
        code = lethe_problem_logits(problem, logits, w, NULL, err);
    out.logits = logits;
    out.labels = lethe_problem_labels(problem);
    if (!code) {
        lethe_set_measure(&figures, &out);
        *accuracy = figures.accuracy;
    }
out:
    lethe_free(w);
    lethe_free(logits);
    lethe_worker_problems_release(&worker);
    return code;
}
