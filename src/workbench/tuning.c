/* SPDX-License-Identifier: MIT
 * A search on a snapshot of the workbench, and its answer. */
#include "workbench/tuning.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "workbench/answer_method.h"
#include "workbench/workbench.h"

struct lethe_tuning_work {
    struct lethe_snapshot *origin; /* the workbench's, when it was asked for */
    struct lethe_comparison_base base;
    struct lethe_training_context training;
    struct lethe_tune_options options;
    struct lethe_tuning tuning;
};

void lethe_tuning_work_free(void *arg)
{
    struct lethe_tuning_work *work = arg;
    if (!work)
        return;
    lethe_comparison_base_release(&work->base);
    lethe_training_context_release(&work->training);
    lethe_tuning_release(&work->tuning);
    lethe_snapshot_unref(work->origin);
    lethe_free(work);
}

enum lethe_err lethe_tuning_work_new(struct lethe_tuning_work **work, struct lethe_workbench *wb,
                                     const char *method, size_t trials, double budget,
                                     struct lethe_error *err)
{
    struct lethe_snapshot *snapshot;
    struct lethe_tune_options options = {.trials = trials, .budget = budget};
    enum lethe_err code = lethe_unlearn_find(&options.method, method, err);
    if (!code && !options.method->run)
        code = lethe_fail(err, LETHE_EARG,
                          "the Newton step has no parameters to search: 'compare damping' and "
                          "'surface' show its damping and blanket");
    if (!code)
        code = lethe_workbench_snapshot(wb, &snapshot, err);
    if (!code)
        code = lethe_snapshot_whole(snapshot, "a search is judged by retraining, which is", err);
    if (code)
        return code;
    struct lethe_tuning_work *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "a search", 1, sizeof *made);
    made->options = options;
    made->origin = lethe_snapshot_ref(snapshot);
    code = lethe_comparison_base_init(&made->base, snapshot, &wb->settings, wb->selected, wb->warm,
                                      err);
    if (!code)
        code = lethe_workbench_training_context(&made->training, wb, err);
    if (code)
        lethe_tuning_work_free(made);
    else
        *work = made;
    return code;
}

enum lethe_err lethe_tuning_work_run(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct lethe_tuning_work *work = arg;
    enum lethe_err code = lethe_comparison_base_prepare(&work->base, &work->training, watch, err);
    return code ? code
                : lethe_tune(&work->tuning, &work->base, &work->training, &work->options, watch,
                             err);
}

static void put_trial(struct lethe_value *list, const struct lethe_method_trial *trial,
                      size_t number, int best)
{
    const struct lethe_variant *v = &trial->variant;
    struct lethe_value *row = lethe_put_object(list, NULL);
    if (isnan(trial->score)) /* there was no time for it */
        return;
    lethe_put_count(row, "trial", number);
    lethe_put_text(row, "best", best ? "*" : "");
    lethe_put_real(row, "score", isinf(trial->score) ? NAN : trial->score);
    lethe_put_real(row, "kl_forget", v->kl_forget);
    lethe_put_real(row, "kl_retain", v->kl_retain);
    lethe_put_real(row, "kl_heldout", v->kl_heldout);
    lethe_hint(lethe_put_real(row, "time", v->seconds), LETHE_HINT_SECONDS);
    lethe_put_text(row, "with", trial->settings.text[LETHE_SET_METHOD_WITH]);
    lethe_hint(lethe_put_count(row, "rung", trial->rung + 1), LETHE_HINT_QUIET);
    lethe_hint(
        lethe_put_share(row, "forget_accuracy", v->failed ? NAN : v->figures.forget.accuracy),
        LETHE_HINT_QUIET);
    lethe_hint(
        lethe_put_share(row, "heldout_accuracy", v->failed ? NAN : v->figures.heldout.accuracy),
        LETHE_HINT_QUIET);
}

static void put_all(struct lethe_value *out, const struct lethe_tuning_work *work)
{
    const struct lethe_tuning *t = &work->tuning;
    struct lethe_value *list = lethe_put_list(out, "trials");
    for (size_t i = 0; i < t->count; i++)
        if (!isnan(t->trials[i].score))
            put_trial(list, &t->trials[i], i, i == t->best);
    lethe_put_text(out, "method", work->options.method->name);
    lethe_put_text(out, "with", t->trials[t->best].settings.text[LETHE_SET_METHOD_WITH]);
    lethe_put_real(out, "score", t->trials[t->best].score);
    lethe_put_count(out, "removals", t->made);
    lethe_put_text(out, "heldout_half", "tune");
    lethe_hint(lethe_put_real(out, "time", t->seconds), LETHE_HINT_SECONDS);
    lethe_put_note(out, "score: the sum of the KL to the warm retraining on forget, retained and "
                        "held-out samples; trial 0 has the published parameters; the half of the "
                        "held-out samples for reports was not looked at");
    if (t->out_of_time)
        lethe_put_note(out, "the budget ended the search: on a faster machine it finds other "
                            "parameters");
}

enum lethe_err lethe_tuning_work_adopt(struct lethe_workbench *wb, void *arg,
                                       struct lethe_value *out, struct lethe_error *err)
{
    struct lethe_tuning_work *work = arg;
    const struct lethe_tuning *t = &work->tuning;
    const char *with = t->trials[t->best].settings.text[LETHE_SET_METHOD_WITH];
    char line[LETHE_SETTING_TEXT + 64];
    if (wb->snapshot == work->origin && !wb->warm && work->base.warm) {
        wb->warm = lethe_retrained_ref(work->base.warm);
        wb->version++;
    }
    enum lethe_err code = lethe_method_choose(wb, work->options.method->name, with, err);
    snprintf(line, sizeof line, "method %s %s", work->options.method->name, with);
    if (!code)
        code = lethe_workbench_note(wb, line, err);
    if (!code)
        put_all(out, work);
    return code;
}
