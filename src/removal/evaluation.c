/* SPDX-License-Identifier: MIT
 * Logits of given weights on the sets of samples, and the figures that follow from them. */
#include "removal/evaluation.h"

#include <string.h>

#include "base/alloc.h"

static enum lethe_err run_set(struct lethe_evaluation *outcome,
                              const struct lethe_snapshot *snapshot,
                              struct lethe_worker_problems *worker, const double *w,
                              enum lethe_side set, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    struct lethe_problem *problem;
    enum lethe_err code = lethe_worker_problem(&problem, worker, snapshot, set, err);
    if (code || !problem)
        return code;
    const size_t n = lethe_problem_count(problem);
    outcome->logits[set] = lethe_alloc(n * outcome->classes, sizeof(double));
    outcome->labels[set] = lethe_alloc(n, sizeof(int));
    if (!outcome->logits[set] || !outcome->labels[set])
        return lethe_fail_memory(err, "logits", n * outcome->classes, sizeof(double));
    memcpy(outcome->labels[set], lethe_problem_labels(problem), n * sizeof(int));
    outcome->count[set] = n;
    return lethe_problem_logits(problem, outcome->logits[set], w, watch, err);
}

static struct lethe_outputs outputs(const struct lethe_evaluation *outcome, enum lethe_side set)
{
    return (struct lethe_outputs){outcome->logits[set], outcome->labels[set], outcome->count[set],
                                  outcome->classes};
}

/* A first look leaves the retained samples out. */
static int is_looked_at(enum lethe_side set, enum lethe_side heldout)
{
    return set != LETHE_SIDE_RETAIN || heldout != LETHE_SIDE_GLANCE;
}

enum lethe_err lethe_evaluation_measure(struct lethe_evaluation *outcome,
                                        const struct lethe_snapshot *snapshot,
                                        struct lethe_worker_problems *worker, const double *w,
                                        enum lethe_side heldout, struct lethe_watch *watch,
                                        struct lethe_error *err)
{
    struct lethe_evaluation made = {.classes = lethe_graph_classes(snapshot->graph),
                                    .heldout = heldout};
    const enum lethe_side sets[] = {LETHE_SIDE_FORGET, LETHE_SIDE_RETAIN, heldout};
    enum lethe_err code = LETHE_OK;
    size_t all = 0, done = 0;
    for (size_t k = 0; k < 3; k++)
        all += is_looked_at(sets[k], heldout) ? lethe_snapshot_ids(snapshot, sets[k])->count : 0;
    for (size_t k = 0; !code && k < 3; k++) {
        const size_t count = lethe_snapshot_ids(snapshot, sets[k])->count;
        if (!is_looked_at(sets[k], heldout))
            continue;
        const struct lethe_watch_span outside =
            lethe_watch_enter(watch, "evaluating", (double)done / (double)(all ? all : 1),
                              (double)(done + count) / (double)(all ? all : 1));
        code = run_set(&made, snapshot, worker, w, sets[k], watch, err);
        lethe_watch_leave(watch, outside);
        done += count;
    }
    const struct lethe_figures_input input = {.forget = outputs(&made, LETHE_SIDE_FORGET),
                                              .retain = outputs(&made, LETHE_SIDE_RETAIN),
                                              .heldout = outputs(&made, heldout),
                                              .seed = snapshot->seed};
    if (!code)
        code = lethe_figures_measure(&made.figures, &input, err);
    if (code)
        lethe_evaluation_release(&made);
    else
        *outcome = made;
    return code;
}

struct lethe_measure lethe_evaluation_metric(const struct lethe_evaluation *evaluation,
                                             const struct lethe_metric *metric)
{
    const struct lethe_metric_input input = {
        &evaluation->figures, outputs(evaluation, LETHE_SIDE_FORGET),
        outputs(evaluation, LETHE_SIDE_RETAIN), outputs(evaluation, evaluation->heldout)};
    struct lethe_measure measure;
    metric->of_model(&measure, &input);
    return measure;
}

void lethe_evaluation_release(struct lethe_evaluation *outcome)
{
    for (int set = 0; set < LETHE_SIDES; set++) {
        lethe_free(outcome->logits[set]);
        lethe_free(outcome->labels[set]);
    }
    *outcome = (struct lethe_evaluation){0};
}
