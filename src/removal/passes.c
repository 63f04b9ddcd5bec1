/* SPDX-License-Identifier: MIT
 * The path of a removal that goes on after its step. */
#include "removal/passes.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "removal/ekfac_store.h"
#include "removal/stage_common.h"

struct walk {
    struct lethe_path *path;
    struct lethe_snapshot *snapshot;
    struct lethe_worker_problems *worker;
    struct lethe_ekfac *ekfac;
    double shift;
    size_t most;
    struct lethe_watch *watch;
    struct lethe_error *err;
    enum lethe_err code; /* of what was measured on the way */
};

/* Figures of the weights an iteration led to. */
static enum lethe_err note(struct walk *walk, const double *w, double objective, double gradient)
{
    struct lethe_path *path = walk->path;
    struct lethe_evaluation seen = {0};
    enum lethe_err code = lethe_evaluation_measure(&seen, walk->snapshot, walk->worker, w,
                                                   LETHE_SIDE_GLANCE, walk->watch, walk->err);
    if (code)
        return code;
    path->at[path->count] =
        (struct lethe_path_point){.objective = objective,
                                  .gradient = gradient,
                                  .forget_accuracy = seen.figures.forget.accuracy,
                                  .forget_loss = seen.figures.forget.loss,
                                  .heldout_accuracy = seen.figures.heldout.accuracy};
    const size_t cells = path->samples * path->classes;
    memcpy(path->logits + path->count * cells, seen.logits[LETHE_SIDE_FORGET],
           cells * sizeof *path->logits);
    path->count++;
    lethe_evaluation_release(&seen);
    return LETHE_OK;
}

static int each(void *user, const double *w, double objective, double gradient)
{
    struct walk *walk = user;
    if (walk->path->count <= walk->most)
        walk->code = note(walk, w, objective, gradient);
    return walk->code != LETHE_OK;
}

static void precondition(const void *context, double *x)
{
    const struct walk *walk = context;
    (void)lethe_ekfac_solve(walk->ekfac, x, walk->shift, NULL);
}

static enum lethe_err new_path(struct lethe_path **path, const struct lethe_snapshot *snapshot,
                               size_t passes, struct lethe_error *err)
{
    struct lethe_path *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a path", 1, sizeof *made);
    made->refs = 1;
    made->samples = snapshot->forget.count;
    made->classes = lethe_graph_classes(snapshot->graph);
    made->at = lethe_alloc(passes + 1, sizeof *made->at);
    made->logits = lethe_alloc((passes + 1) * made->samples, made->classes * sizeof(double));
    if (!made->at || !made->logits) {
        lethe_path_unref(made);
        return lethe_fail_memory(err, "a path", (passes + 1) * snapshot->forget.count,
                                 sizeof(double));
    }
    *path = made;
    return LETHE_OK;
}

static enum lethe_err open_walk(struct walk *walk, struct lethe_problem **retain, double mu,
                                const struct lethe_settings *settings, struct lethe_error *err)
{
    struct lethe_snapshot *snapshot = walk->snapshot;
    enum lethe_err code = lethe_snapshot_whole(snapshot, "going on after the step is", err);
    if (!code)
        code = lethe_snapshot_worker(&walk->worker, snapshot, err);
    if (!code)
        code = lethe_worker_problem(retain, walk->worker, snapshot, LETHE_SIDE_RETAIN, err);
    if (code || lethe_dense_parameters(snapshot, settings) >= lethe_graph_size(snapshot->graph))
        return code;
    walk->shift = snapshot->decay + mu;
    if (!(walk->shift > 0))
        walk->shift = 1e-6;
    return lethe_snapshot_ekfac(&walk->ekfac, snapshot, settings, walk->watch, err);
}

enum lethe_err lethe_passes_run(struct lethe_path **path, double *w,
                                struct lethe_snapshot *snapshot, double mu, size_t passes,
                                const struct lethe_settings *settings, struct lethe_watch *watch,
                                struct lethe_error *err)
{
    const double start = lethe_clock();
    struct walk walk = {.snapshot = snapshot, .most = passes, .watch = watch, .err = err};
    struct lethe_problem *retain = NULL;
    struct lethe_train_options options = lethe_retrain_defaults();
    struct lethe_train_report report;
    enum lethe_err code = open_walk(&walk, &retain, mu, settings, err);
    if (!code)
        code = new_path(&walk.path, snapshot, passes, err);
    options.iterations = passes;
    options.tolerance = 1e-12;
    options.each = each;
    options.each_user = &walk;
    if (walk.ekfac) {
        options.precondition = precondition;
        options.precondition_context = &walk;
    }
    if (!code)
        code = lethe_train(w, &report, retain, &options, watch, err);
    if (walk.code)
        code = walk.code;
    lethe_ekfac_unref(walk.ekfac);
    if (code) {
        lethe_path_unref(walk.path);
        return code;
    }
    walk.path->evaluations = report.evaluations;
    walk.path->seconds = lethe_clock() - start;
    *path = walk.path;
    return LETHE_OK;
}
