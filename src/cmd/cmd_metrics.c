/* SPDX-License-Identifier: MIT
 * metrics: the figures of tiers 0 and 1 that a preview has no room for, with their intervals or
 * why there is none, beside the same figures of the retrained models. */
#include <math.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "study/metric_rows.h"
#include "workbench/answer_preview.h"
#include "workbench/workbench.h"

struct measuring {
    struct lethe_model_metrics metrics;
    enum lethe_metrics_asked asked;
};

static void free_measuring(void *arg)
{
    struct measuring *m = arg;
    lethe_model_metrics_release(&m->metrics);
    lethe_free(m);
}

static enum lethe_err work_metrics(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct measuring *m = arg;
    return lethe_metric_rows_measure(&m->metrics, m->asked, watch, err);
}

static void put_row(struct lethe_value *list, const struct lethe_metric_row *from)
{
    const struct lethe_shown *shown = &from->shown;
    const unsigned hints = lethe_look_hints(from->look);
    struct lethe_value *row = lethe_put_object(list, NULL);
    lethe_put_text(row, "figure", from->label);
    lethe_hint(lethe_put_text(row, "name", from->name), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(row, "before", shown->before), hints);
    lethe_hint(lethe_put_real(row, "now", shown->now), hints);
    lethe_hint(lethe_put_real(row, "retrain", shown->retrain), hints);
    lethe_hint(lethe_put_real(row, "sd", shown->sd), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(row, "z", shown->z), LETHE_HINT_FIXED);
    lethe_hint(lethe_put_text(row, "says", shown->says ? lethe_likeness_words(shown->says) : NULL),
               shown->says ? 0 : LETHE_HINT_QUIET);
    const int known = !isnan(from->now.low);
    lethe_hint(lethe_put_real(row, "low", known ? from->now.low : NAN), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(row, "high", known ? from->now.high : NAN), LETHE_HINT_QUIET);
    if (known)
        lethe_put_textf(row, "now_within", "%.3g to %.3g", from->now.low, from->now.high);
    else
        lethe_put_text(row, "now_within", from->now.note);
}

static enum lethe_err finish_metrics(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                     struct lethe_error *err)
{
    const struct measuring *m = arg;
    struct lethe_metric_row *rows = NULL;
    size_t count = 0;
    (void)wb;
    const enum lethe_err code = lethe_metric_rows_make(&rows, &count, &m->metrics, m->asked, err);
    if (code)
        return code;
    struct lethe_value *list = lethe_put_list(out, "figures");
    for (size_t i = 0; i < count; i++)
        put_row(list, &rows[i]);
    lethe_free(rows);
    lethe_put_count(out, "cold", m->metrics.count >= LETHE_ENOUGH_RETRAINS ? m->metrics.count : 0);
    lethe_put_text(out, "heldout_half", "tune");
    if (!m->metrics.warm && m->asked != LETHE_METRICS_HARM)
        lethe_put_note(out, "no warm retrain to measure distances to: 'retrain warm' first");
    return LETHE_OK;
}

static enum lethe_err run_metrics(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    if (!wb->preview)
        return lethe_fail(err, LETHE_EARG, "there is no removal to measure yet: 'preview' first");
    struct measuring *m = lethe_alloc_zero(1, sizeof *m);
    if (!m)
        return lethe_fail_memory(err, "metrics", 1, sizeof *m);
    lethe_call_task(call, work_metrics, finish_metrics, free_measuring, m);
    m->asked = (enum lethe_metrics_asked)lethe_args_choice(&call->args, "WHAT", LETHE_METRICS_ALL);
    const struct lethe_model_metrics_models models = {wb->snapshot, wb->preview, wb->warm,
                                                      wb->colds, wb->cold_count};
    return lethe_model_metrics_init(&m->metrics, &models, err);
}

static int in_metrics(size_t n, const char **name, const char **meaning)
{
    return lethe_metric_entry(n, LETHE_METRIC_NOT_IN_METRICS, name, meaning);
}

static const struct lethe_arg_spec metrics_args[] = {
    {.name = "WHAT",
     .kind = LETHE_ARG_CHOICE,
     .choices = "attack|distance|harm|all",
     .help = "attacks, distances to the warm retrain, harm to the retained samples (all)"},
};

const struct lethe_command lethe_command_metrics = {
    .name = "metrics",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
    .summary = "Measure the preview in every way one model can be measured",
    .detail = "Attacks with their 95 % intervals, or why there is none; a logistic regression on "
              "the losses, a linear probe on the features before the last layer, the steps it "
              "takes to learn the samples again; KL, Jensen-Shannon, activation distance and churn "
              "to the warm retrain on each set; what the removal cost the samples that stay. The "
              "retrain column is the warm retrain, or the mean over cold ones from three on. "
              "'audit' asks many models; 'explain NAME' says what a figure means.",
    .examples = "preview; metrics\nretrain cold k=5; metrics attack",
    .entries = "figures of one model",
    .entry = in_metrics,
    LETHE_ARGS(metrics_args),
    .run = run_metrics,
};
