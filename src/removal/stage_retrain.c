/* SPDX-License-Identifier: MIT
 * What retraining does, from the weights before the removal. From fresh ones:
 * study/cold_retrains.h. */
#include "removal/retrain_control.h"
#include "removal/head_snapshot.h"
#include "removal/stage_common.h"

#include <string.h>

static void release_retrained(struct lethe_retrained *retrained)
{
    lethe_evaluation_release(&retrained->outcome);
    lethe_evaluation_release(&retrained->control);
    lethe_free(retrained->w);
}
LETHE_SHARED(retrained)

/* Retrains from snapshot->w on `ids` and leaves the weights in w. */
static enum lethe_err warm(double *w, struct lethe_train_report *report,
                           const struct lethe_snapshot *snapshot, const struct lethe_ids *ids,
                           struct lethe_watch *watch, struct lethe_error *err)
{
    const enum lethe_dtype dtype = lethe_snapshot_precision(snapshot, &snapshot->warm);
    const struct lethe_problem_spec spec = lethe_snapshot_spec(snapshot, ids, dtype);
    struct lethe_problem *problem = NULL;
    enum lethe_err code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_retrain_warm(w, report, problem, &snapshot->warm, watch, err);
    lethe_problem_free(problem);
    return code;
}

/* The same retraining with nothing removed, from what is kept where it fits. */
static enum lethe_err retrain_all(double *w, struct lethe_train_report *report,
                                  const struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct lethe_ids all = {0};
    if (lethe_controls_get(snapshot->controls, w, report, snapshot))
        return LETHE_OK;
    enum lethe_err code = lethe_snapshot_all(&all, snapshot, SIZE_MAX, err);
    if (!code)
        code = warm(w, report, snapshot, &all, watch, err);
    if (!code)
        lethe_controls_put(snapshot->controls, w, report, snapshot);
    lethe_free(all.at);
    return code;
}

/* The same without the forget samples. A recipe goes through the batches of the control, in which
 * the forget samples only keep their places: what the two differ by is then the removal, and not
 * another order of the samples. */
static enum lethe_err retrain_without(double *w, struct lethe_train_report *report,
                                      const struct lethe_snapshot *snapshot,
                                      struct lethe_watch *watch, struct lethe_error *err)
{
    if (snapshot->warm.method == LETHE_TRAIN_LBFGS)
        return warm(w, report, snapshot, &snapshot->retain, watch, err);
    struct lethe_snapshot like = *snapshot; /* borrows; never released */
    struct lethe_ids all = {0};
    unsigned char *left_out = NULL;
    enum lethe_err code = lethe_snapshot_marked(&all, &left_out, snapshot, err);
    like.warm.left_out = left_out;
    if (!code)
        code = warm(w, report, &like, &all, watch, err);
    lethe_free(left_out);
    lethe_free(all.at);
    return code;
}

/* Of what may move, into w of that size. */
static enum lethe_err make_weights(double *w, struct lethe_train_report *report,
                                   const struct lethe_snapshot *movable, int control,
                                   struct lethe_watch *watch, struct lethe_error *err)
{
    return control ? retrain_all(w, report, movable, watch, err)
                   : retrain_without(w, report, movable, watch, err);
}

enum lethe_err lethe_warm_weights(struct lethe_warm_weights *warm, struct lethe_snapshot *snapshot,
                                  int control, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_snapshot *movable = NULL;
    enum lethe_err code = lethe_snapshot_whole(snapshot, "warm retrain", err);
    if (!code)
        code = lethe_snapshot_movable(&movable, snapshot, watch, err);
    if (code)
        return code;
    *warm = (struct lethe_warm_weights){.w = lethe_stage_weights(snapshot, err)};
    double *own = movable == snapshot ? warm->w : lethe_stage_weights(movable, err);
    code = warm->w && own ? make_weights(own, &warm->report, movable, control, watch, err)
                          : LETHE_ENOMEM;
    if (!code && movable != snapshot)
        lethe_head_put(warm->w, own, movable);
    if (movable != snapshot)
        lethe_free(own);
    if (code) {
        lethe_free(warm->w);
        warm->w = NULL;
    }
    return code;
}

/* What weights of the snapshot say, by what moves of them: all, where it is a last layer itself. */
static enum lethe_err measure(struct lethe_evaluation *outcome,
                              const struct lethe_snapshot *snapshot, struct lethe_snapshot *movable,
                              struct lethe_worker_problems *worker, const double *w,
                              struct lethe_watch *watch, struct lethe_error *err)
{
    const int part = movable != snapshot;
    double *own = part ? lethe_stage_weights(movable, err) : NULL;
    if (part && !own)
        return LETHE_ENOMEM;
    if (own)
        lethe_head_get(own, w, movable);
    enum lethe_err code = lethe_evaluation_measure(outcome, movable, worker, own ? own : w,
                                                   LETHE_SIDE_TUNE, watch, err);
    lethe_free(own);
    return code;
}

enum lethe_err lethe_retrained_of(struct lethe_retrained **retrained,
                                  struct lethe_snapshot *snapshot, struct lethe_warm_weights *warm,
                                  const struct lethe_warm_weights *control,
                                  struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_worker_problems worker = {0}; /* a background job has its own executors */
    struct lethe_snapshot *movable = NULL;
    enum lethe_err code = lethe_snapshot_movable(&movable, snapshot, watch, err);
    if (code)
        return code;
    struct lethe_retrained *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a retrained model", 1, sizeof *made);
    *made = (struct lethe_retrained){.refs = 1,
                                     .by = snapshot->warm.method,
                                     .head_only = snapshot->head_only,
                                     .w = warm->w,
                                     .report = warm->report,
                                     .control_report = control->report};
    warm->w = NULL;
    code = measure(&made->outcome, snapshot, movable, &worker, made->w, watch, err);
    if (!code)
        code = measure(&made->control, snapshot, movable, &worker, control->w, watch, err);
    lethe_worker_problems_release(&worker);
    if (code)
        lethe_retrained_unref(made);
    else
        *retrained = made;
    return code;
}

enum lethe_err lethe_retrained_warm(struct lethe_retrained **retrained,
                                    struct lethe_snapshot *snapshot, struct lethe_watch *watch,
                                    struct lethe_error *err)
{
    struct lethe_warm_weights warm = {0}, control = {0};
    enum lethe_err code = lethe_warm_weights(&warm, snapshot, 0, watch, err);
    if (!code)
        code = lethe_warm_weights(&control, snapshot, 1, watch, err);
    if (!code)
        code = lethe_retrained_of(retrained, snapshot, &warm, &control, watch, err);
    lethe_free(warm.w);
    lethe_free(control.w);
    return code;
}
