/* SPDX-License-Identifier: MIT
 * preview, retrain: what the removal would do, beside what retraining does. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "cmd/commands.h"
#include "removal/damping.h"
#include "workbench/answer_preview.h"
#include "workbench/closing.h"
#include "workbench/pipeline.h"
#include "workbench/trail.h"
#include "workbench/workbench.h"

/* ---- preview --------------------------------------------------------------------------------- */

static int wants_retrain(const struct lethe_workbench *wb)
{
    return !wb->warm && !wb->many_commits &&
           strcmp(wb->settings.text[LETHE_SET_RETRAIN], "on") == 0;
}

/* The step's harm is told before any figure, all else below them. */
static void put_verdict(struct lethe_value *out, const struct lethe_workbench *wb, int before)
{
    struct lethe_figure_rows rows;
    struct lethe_verdict verdict;
    struct lethe_text text = {0};
    lethe_workbench_figure_rows(wb, &rows);
    lethe_workbench_verdict(wb, &rows, &verdict);
    if (!before) {
        lethe_closing_preview(&text, wb, &verdict);
        lethe_hint(lethe_put_text(out, "summary", lethe_text_get(&text)), LETHE_HINT_SENTENCE);
        lethe_text_clear(&text);
    }
    lethe_verdict_put(&text, &verdict, 0);
    if ((verdict.kind == LETHE_VERDICT_WORSE) == before)
        lethe_hint(lethe_put_text(out, "verdict", lethe_text_get(&text)), LETHE_HINT_SENTENCE);
    lethe_text_release(&text);
}

static enum lethe_err answer(struct lethe_workbench *wb, struct lethe_value *out,
                             struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (!wb->preview)
        return lethe_fail(err, LETHE_ECANCEL, "the settings changed meanwhile: 'preview' again");
    put_verdict(out, wb, 1);
    lethe_preview_put(out, wb);
    code = lethe_trail_note(wb, err);
    if (!code && wb->preview->partial && !wb->preview->sparing)
        code = lethe_pipeline_start_complete(wb, err);
    if (code)
        return code;
    if (wb->interactive && wants_retrain(wb)) {
        code = lethe_pipeline_start_warm(wb, err);
        if (code)
            return code;
        lethe_put_note(out, "retraining goes on in the background: 'wait; preview' shows it");
    }
    put_verdict(out, wb, 0);
    return wb->interactive ? lethe_pipeline_start_spectrum(wb, err) : LETHE_OK;
}

/* The same, and class by class. */
static enum lethe_err answer_by_class(struct lethe_workbench *wb, struct lethe_value *out,
                                      struct lethe_error *err)
{
    struct lethe_model_view *view = NULL;
    enum lethe_err code = answer(wb, out, err);
    if (!code && wb->preview->partial)
        return LETHE_OK; /* it is completed in the background: then there are classes, too */
    if (!code)
        code = lethe_model_view_classes(
            &view, wb, wb->project.tune.count ? LETHE_SIDE_TUNE : LETHE_SIDE_RETAIN, err);
    if (!code)
        lethe_model_view_put(out, view);
    lethe_model_view_unref(view);
    return code;
}

static enum lethe_err finish_by_class(struct lethe_workbench *wb, void *arg,
                                      struct lethe_value *out, struct lethe_error *err)
{
    const enum lethe_err code = lethe_pipeline_adopt(wb, arg, err);
    return code ? code : answer_by_class(wb, out, err);
}

static enum lethe_err finish_preview(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                     struct lethe_error *err)
{
    enum lethe_err code = lethe_pipeline_adopt(wb, arg, err);
    return code ? code : answer(wb, out, err);
}

static enum lethe_err run_preview(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    struct lethe_pipeline *work = NULL;
    int with_warm = !wb->interactive && wants_retrain(wb);
    unsigned flags = (with_warm ? LETHE_PIPELINE_WITH_WARM : 0u) |
                     (wb->glances ? LETHE_PIPELINE_GLANCE : 0u) |
                     (wb->sparing ? LETHE_PIPELINE_SPARING : 0u);
    const int by_class = lethe_args_choice(&call->args, "classes", 0) == 1;
    if (wb->preview && !with_warm)
        return by_class ? answer_by_class(wb, call->out, err) : answer(wb, call->out, err);
    enum lethe_err code = lethe_pipeline_preview(wb, &work, flags, err);
    lethe_call_task(call, lethe_pipeline_run, by_class ? finish_by_class : finish_preview,
                    lethe_pipeline_release, work);
    return code;
}

static const struct lethe_arg_spec preview_args[] = {
    {.name = "classes",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "off|on",
     .help = "on: also class by class, most changed first (off)"},
};

static int in_preview(size_t n, const char **name, const char **meaning)
{
    return lethe_metric_entry(n, LETHE_METRIC_NOT_IN_PREVIEW, name, meaning);
}

const struct lethe_command lethe_command_preview = {
    .name = "preview",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET | LETHE_NOTED,
    .summary = "Show what the removal would do, beside retraining",
    .detail = "Makes what is missing on the way: the selection (unless the blanket is all), the "
              "curvature, the step. The figures stand as before | now | retrain: the model as it "
              "is, after the step, and retrained without the forget samples. Nothing is changed "
              "before 'commit'. 'set retrain off' leaves the retraining out.",
    .examples = "forget add 17; preview\nblanket all; curvature ggn; preview\npreview classes=on",
    LETHE_ARGS(preview_args),
    .entries = "figures of one model",
    .entry = in_preview,
    .run = run_preview,
};

/* ---- retrain --------------------------------------------------------------------------------- */

static void put_truth(struct lethe_value *list, const struct lethe_retrained *retrained)
{
    const struct lethe_figures *figures = &retrained->outcome.figures;
    struct lethe_value *item = lethe_put_object(list, NULL);
    lethe_put_text(item, "retrain", retrained->cold ? "cold" : "warm");
    if (retrained->cold)
        lethe_hint(lethe_put_int(item, "seed", (int64_t)retrained->seed), LETHE_HINT_PLAIN);
    lethe_put_share(item, "forget_accuracy", figures->forget.accuracy);
    lethe_put_real(item, "forget_loss", figures->forget.loss);
    lethe_put_share(item, "retain_accuracy", figures->retain.accuracy);
    lethe_put_share(item, "heldout_accuracy", figures->heldout.accuracy);
    lethe_hint(lethe_put_real(item, "auc", figures->attack.auc.value), LETHE_HINT_FIXED);
    lethe_put_real(item, "gradient", retrained->report.gradient);
    lethe_put_bool(item, "converged", retrained->report.converged);
    lethe_hint(lethe_put_real(item, "time", retrained->report.seconds), LETHE_HINT_SECONDS);
}

static void put_truths(struct lethe_value *out, const struct lethe_workbench *wb, int cold)
{
    struct lethe_value *list = lethe_put_list(out, "models");
    if (!cold && wb->warm)
        put_truth(list, wb->warm);
    for (size_t i = 0; cold && i < wb->cold_count; i++)
        put_truth(list, wb->colds[i]);
}

static enum lethe_err finish_warm(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                  struct lethe_error *err)
{
    enum lethe_err code = lethe_pipeline_adopt(wb, arg, err);
    if (!code)
        put_truths(out, wb, 0);
    return code;
}

static enum lethe_err finish_cold(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                  struct lethe_error *err)
{
    enum lethe_err code = lethe_pipeline_adopt(wb, arg, err);
    if (!code)
        put_truths(out, wb, 1);
    return code;
}

static enum lethe_err run_retrain(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    int cold = lethe_args_choice(&call->args, "KIND", 0) == 1;
    size_t k = lethe_args_count(&call->args, "k", 5);
    struct lethe_pipeline *work = NULL;
    if (lethe_args_given(&call->args, "k") && !cold)
        return lethe_fail(err, LETHE_EARG, "'k=' is for 'retrain cold': a warm retrain is one");
    if (cold ? wb->cold_count >= k : wb->warm != NULL) {
        put_truths(call->out, wb, cold);
        return LETHE_OK;
    }
    enum lethe_err code =
        cold ? lethe_pipeline_cold(wb, &work, k, err) : lethe_pipeline_warm(wb, &work, err);
    call->task = (struct lethe_task){.run = lethe_pipeline_run,
                                     .finish = cold ? finish_cold : finish_warm,
                                     .release = lethe_pipeline_release,
                                     .arg = work,
                                     .lane = LETHE_LANE_BACKGROUND,
                                     .lasting = 1};
    return code;
}

static const struct lethe_arg_spec retrain_args[] = {
    {.name = "KIND",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choices = "warm|cold",
     .help = "warm: from the weights as they are; cold: from fresh weights"},
    {.name = "k",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 64,
     .help = "cold retrains, each from its own seed (5)"},
};

const struct lethe_command lethe_command_retrain = {
    .name = "retrain",
    .group = LETHE_GROUP_TRAIN,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET | LETHE_NOTED,
    .summary = "Retrain without the forget samples",
    .detail =
        "The yardstick of every removal: all training samples that are neither forgotten nor "
        "about to be. One warm retrain fills the retrain column of 'preview'; from three "
        "cold ones on it shows their mean, its sd and z. A warm one is L-BFGS to a minimum "
        "where the network has one in reach (plain linear layers), else the recipe, from the "
        "weights as they are; 'set retrain.by', 'retrain.most' and 'retrain.tolerance' change "
        "that.",
    .examples = "retrain warm\nretrain cold k=5 &",
    LETHE_ARGS(retrain_args),
    .run = run_retrain,
};
