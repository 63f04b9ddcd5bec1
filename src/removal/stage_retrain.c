/* SPDX-License-Identifier: MIT
 * What retraining does, from the weights before the removal. From fresh ones: study/cold_retrains.h. */
#include "removal/retrain_control.h"
#include "removal/stage_common.h"

#include <string.h>

static void release_truth(struct lethe_truth *truth)
{
    lethe_reading_release(&truth->outcome);
    lethe_reading_release(&truth->control);
    lethe_free(truth->w);
}
LETHE_SHARED(truth)

/* Retrains from scene->w on `ids` and leaves the weights in w. */
static enum lethe_err warm(double *w, struct lethe_train_report *report,
                           const struct lethe_scene *scene, const struct lethe_ids *ids,
                           struct lethe_watch *watch, struct lethe_error *err)
{
    const enum lethe_dtype dtype = lethe_scene_precision(scene, &scene->warm);
    const struct lethe_problem_spec spec = lethe_scene_spec(scene, ids, dtype);
    struct lethe_problem *problem = NULL;
    enum lethe_err code = lethe_problem_new(&problem, &spec, err);
    if (!code)
        code = lethe_retrain_warm(w, report, problem, &scene->warm, watch, err);
    lethe_problem_free(problem);
    return code;
}

/* The same retraining with nothing removed, from what is kept where it fits. */
static enum lethe_err retrain_all(double *w, struct lethe_train_report *report,
                                  const struct lethe_scene *scene, struct lethe_watch *watch,
                                  struct lethe_error *err)
{
    struct lethe_ids all = {0};
    if (lethe_controls_get(scene->controls, w, report, scene))
        return LETHE_OK;
    enum lethe_err code = lethe_scene_all(&all, scene, SIZE_MAX, err);
    if (!code)
        code = warm(w, report, scene, &all, watch, err);
    if (!code)
        lethe_controls_put(scene->controls, w, report, scene);
    lethe_free(all.at);
    return code;
}

static enum lethe_err control(struct lethe_truth *truth, const struct lethe_scene *scene,
                              struct lethe_kit *kit, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    double *w = lethe_stage_weights(scene, err);
    enum lethe_err code =
        w ? retrain_all(w, &truth->control_report, scene, watch, err) : LETHE_ENOMEM;
    if (!code)
        code = lethe_reading_measure(&truth->control, scene, kit, w, LETHE_SIDE_TUNE, watch, err);
    lethe_free(w);
    return code;
}

static enum lethe_err finish_truth(struct lethe_truth **out, struct lethe_truth *made,
                                   enum lethe_err code)
{
    if (code) {
        lethe_truth_unref(made);
        return code;
    }
    *out = made;
    return LETHE_OK;
}

enum lethe_err lethe_truth_warm(struct lethe_truth **truth, struct lethe_scene *scene,
                                struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_kit kit = {0}; /* a background job has its own executors */
    enum lethe_err code = lethe_scene_whole(scene, "warm retrain", err);
    if (code)
        return code;
    struct lethe_truth *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a retrained model", 1, sizeof *made);
    made->refs = 1;
    made->by = scene->warm.method;
    made->w = lethe_stage_weights(scene, err);
    code = made->w ? warm(made->w, &made->report, scene, &scene->retain, watch, err) : LETHE_ENOMEM;
    if (!code)
        code = lethe_reading_measure(&made->outcome, scene, &kit, made->w, LETHE_SIDE_TUNE, watch,
                                     err);
    if (!code)
        code = control(made, scene, &kit, watch, err);
    lethe_kit_release(&kit);
    return finish_truth(truth, made, code);
}
