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
    const struct lethe_path_point pass = {.objective = objective,
                                          .gradient = gradient,
                                          .forget_accuracy = seen.figures.forget.accuracy,
                                          .forget_loss = seen.figures.forget.loss,
                                          .heldout_accuracy = seen.figures.heldout.accuracy};
    lethe_path_add(path, &pass, seen.logits[LETHE_SIDE_FORGET]);
    lethe_evaluation_release(&seen);
    return LETHE_OK;
}

static int each(void *user, const double *w, double objective, double gradient)
{
    struct walk *walk = user;
    walk->code = note(walk, w, objective, gradient);
    walk->path->stopped =
        lethe_watch_stopped(walk->watch) && walk->path->count <= walk->path->asked;
    return walk->code != LETHE_OK || walk->path->stopped;
}

static void precondition(const void *context, double *x)
{
    const struct walk *walk = context;
    (void)lethe_ekfac_solve(walk->ekfac, x, walk->shift, NULL);
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
    struct walk walk = {.snapshot = snapshot, .watch = watch, .err = err};
    struct lethe_problem *retain = NULL;
    struct lethe_train_options options = lethe_retrain_defaults();
    struct lethe_train_report report;
    enum lethe_err code = open_walk(&walk, &retain, mu, settings, err);
    if (!code)
        code = lethe_path_new(&walk.path, passes, snapshot->forget.count,
                              lethe_graph_classes(snapshot->graph), err);
    options.iterations = passes;
    options.tolerance = 1e-12;
    options.each = each;
    options.each_user = &walk;
    if (walk.ekfac) {
        options.precondition = precondition;
        options.precondition_context = &walk;
    }
    if (!code) {
        const struct lethe_watch_span outside = lethe_watch_enter(watch, "passes", 0, 1);
        lethe_snapshot_walk(snapshot, walk.path);
        lethe_watch_may_stop(watch, LETHE_STOP_GIVEN, 1);
        code = lethe_train(w, &report, retain, &options, watch, err);
        lethe_watch_may_stop(watch, LETHE_STOP_GIVEN, 0);
        lethe_snapshot_walk(snapshot, NULL);
        lethe_watch_leave(watch, outside);
    }
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
