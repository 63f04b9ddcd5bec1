/* SPDX-License-Identifier: MIT
 * Losses come from the reading; features and relearning need passes of their own. */
#include "study/attack_metrics.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "eval/measure.h"
#include "lethe/audit.h"

static const double rate = 0.1;

double lethe_attack_metrics_target(double loss_before)
{
    return 1.02 * loss_before + 0.001;
}

double lethe_attack_metrics_steps(const struct lethe_attack_metrics *attack)
{
    return attack->relearn == SIZE_MAX ? NAN : (double)attack->relearn;
}

/* Rows of the held-out half whose class some forget sample has; returns how many. */
static size_t same_classes(size_t *rows, const struct lethe_evaluation *evaluation)
{
    const enum lethe_side half = evaluation->heldout;
    size_t kept = 0;
    for (size_t i = 0; i < evaluation->count[half]; i++)
        for (size_t j = 0; j < evaluation->count[LETHE_SIDE_FORGET]; j++)
            if (evaluation->labels[half][i] == evaluation->labels[LETHE_SIDE_FORGET][j]) {
                rows[kept++] = i;
                break;
            }
    return kept;
}

static struct lethe_outputs outputs(const struct lethe_evaluation *evaluation, enum lethe_side side)
{
    return (struct lethe_outputs){evaluation->logits[side], evaluation->labels[side],
                                  evaluation->count[side], evaluation->classes};
}

static enum lethe_err logistic(struct lethe_attack_metrics *attack,
                               const struct lethe_evaluation *evaluation, const size_t *rows,
                               size_t others, uint64_t seed, struct lethe_error *err)
{
    const struct lethe_outputs forget = outputs(evaluation, LETHE_SIDE_FORGET),
                               heldout = outputs(evaluation, evaluation->heldout);
    double *losses = lethe_alloc(forget.n + heldout.n, sizeof *losses);
    if (!losses)
        return lethe_fail_memory(err, "losses", forget.n + heldout.n, sizeof *losses);
    lethe_rows_score(NULL, losses, NULL, &forget);
    lethe_rows_score(NULL, losses + forget.n, NULL, &heldout);
    for (size_t i = 0; i < others; i++)
        losses[forget.n + i] = losses[forget.n + rows[i]];
    const struct lethe_features groups = {losses, losses + forget.n, forget.n, others, 1};
    enum lethe_err code = lethe_logistic_attack(&attack->logistic, &groups, seed, err);
    lethe_free(losses);
    return code;
}

/* Inputs of the last layer for all samples of a problem: (count, width). */
static enum lethe_err features(double *to, struct lethe_problem *problem, const double *w,
                               size_t layer, size_t width, struct lethe_error *err)
{
    const size_t classes = lethe_graph_classes(lethe_problem_graph(problem));
    double *logits = lethe_alloc(lethe_problem_batch(problem) * classes, sizeof *logits);
    enum lethe_err code = logits ? LETHE_OK : lethe_fail_memory(err, "logits", classes, 8);
    lethe_problem_weights(problem, w);
    for (size_t b = 0, first, n; !code && b < lethe_problem_batches(problem); b++) {
        code = lethe_problem_forward(problem, b, logits, &first, &n, err);
        if (!code)
            lethe_exec_input(lethe_problem_exec(problem), layer, to + first * width);
    }
    lethe_free(logits);
    return code;
}

static enum lethe_err probe(struct lethe_attack_metrics *attack,
                            struct lethe_problem *const *problems, const double *w,
                            const size_t *rows, size_t others, uint64_t seed,
                            struct lethe_error *err)
{
    const struct lethe_graph *graph = lethe_problem_graph(problems[0]);
    const size_t last = lethe_graph_layer_count(graph) - 1;
    const struct lethe_layer *layer = lethe_graph_layer(graph, last);
    const size_t m = lethe_problem_count(problems[0]), h = lethe_problem_count(problems[1]);
    if (!last) {
        lethe_measure_absent(&attack->probe, "n/a (one layer: its features are the inputs)");
        return LETHE_OK;
    }
    if (layer->positions != 1) {
        lethe_measure_absent(&attack->probe, "n/a (the last layer is not a plain linear one)");
        return LETHE_OK;
    }
    double *x = lethe_alloc(m + h, layer->fan_in * sizeof *x);
    if (!x)
        return lethe_fail_memory(err, "features", m + h, layer->fan_in * sizeof *x);
    double *outside = x + m * layer->fan_in;
    enum lethe_err code = features(x, problems[0], w, last, layer->fan_in, err);
    if (!code)
        code = features(outside, problems[1], w, last, layer->fan_in, err);
    for (size_t i = 0; !code && i < others; i++)
        memmove(outside + i * layer->fan_in, outside + rows[i] * layer->fan_in,
                layer->fan_in * sizeof *x);
    const struct lethe_features groups = {x, outside, m, others, layer->fan_in};
    if (!code)
        code = lethe_linear_probe(&attack->probe, &groups, seed, err);
    lethe_free(x);
    return code;
}

static enum lethe_err relearn(struct lethe_attack_metrics *attack, struct lethe_problem *forget,
                              const double *from, double target, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    const struct lethe_graph *graph = lethe_problem_graph(forget);
    const size_t size = lethe_graph_size(graph), all = size + lethe_graph_buffers(graph);
    double losses[LETHE_RELEARN_STEPS + 1], *w = lethe_alloc(all + size, sizeof *w);
    size_t steps = 0;
    if (!w)
        return lethe_fail_memory(err, "weights", all + size, sizeof *w);
    double *gradient = w + all;
    enum lethe_err code = LETHE_OK;
    memcpy(w, from, all * sizeof *w);
    for (int more = 1; !code && more;) {
        double square = 0;
        code = lethe_problem_value(forget, &losses[steps], gradient, w, watch, err);
        for (size_t i = 0; i < size; i++)
            square += w[i] * w[i];
        losses[steps] -= lethe_problem_decay(forget) / 2 * square;
        more = steps < LETHE_RELEARN_STEPS && losses[steps] > target;
        for (size_t i = 0; more && i < size; i++)
            w[i] -= rate * gradient[i];
        steps++;
        if (!code)
            code = lethe_watch_step(watch, "relearning", (long)steps, LETHE_RELEARN_STEPS, err);
    }
    if (code == LETHE_ENUM) { /* descent at a fixed rate may run away: then it never learns */
        attack->relearn = SIZE_MAX;
        code = LETHE_OK;
    } else if (!code) {
        attack->relearn = lethe_relearn_steps(losses, steps, target);
    }
    lethe_free(w);
    return code;
}

enum lethe_err lethe_attack_metrics_measure(struct lethe_attack_metrics *attack,
                                            const struct lethe_snapshot *snapshot,
                                            struct lethe_worker_problems *worker, const double *w,
                                            const struct lethe_evaluation *evaluation,
                                            double target, struct lethe_watch *watch,
                                            struct lethe_error *err)
{
    struct lethe_problem *problems[2] = {NULL, NULL};
    const size_t h = evaluation->count[evaluation->heldout];
    size_t *rows = lethe_alloc(h, sizeof *rows);
    struct lethe_attack_metrics made = {.relearn = SIZE_MAX};
    lethe_measure_absent(&made.logistic, "n/a (no held-out samples)");
    lethe_measure_absent(&made.probe, "n/a (no held-out samples)");
    enum lethe_err code =
        rows ? lethe_worker_problem(&problems[0], worker, snapshot, LETHE_SIDE_FORGET, err)
             : lethe_fail_memory(err, "samples", h, sizeof *rows);
    if (!code)
        code = lethe_worker_problem(&problems[1], worker, snapshot, evaluation->heldout, err);
    if (!code && problems[1]) {
        const size_t others = same_classes(rows, evaluation);
        code = logistic(&made, evaluation, rows, others, snapshot->seed, err);
        if (!code)
            code = probe(&made, problems, w, rows, others, snapshot->seed, err);
        if (!code && snapshot->of)
            lethe_measure_absent(&made.probe, "n/a (the last layer alone: its features stay)");
    }
    if (!code)
        code = relearn(&made, problems[0], w, target, watch, err);
    if (!code)
        *attack = made;
    lethe_free(rows);
    return code;
}
