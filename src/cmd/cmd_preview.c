/* SPDX-License-Identifier: MIT
 * preview: what the removal would do, beside what retraining does. */
#include <string.h>
#include "cmd/commands.h"
#include "workbench/answer_preview.h"
#include "workbench/closing.h"
#include "workbench/pipeline.h"
#include "workbench/trail.h"
#include "workbench/workbench.h"

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
