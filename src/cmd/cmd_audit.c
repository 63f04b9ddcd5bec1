/* SPDX-License-Identifier: MIT
 * audit: trains many models with and without the forget samples, removes them from the former, and
 * asks of the removed and the retrained whether the two can be told apart. */
#include <math.h>
#include <string.h>
#include "base/alloc.h"
#include "base/text.h"
#include "cmd/commands.h"
#include "removal/stage_method.h"
#include "study/audit.h"
#include "workbench/answer_method.h"
#include "workbench/answer_preview.h"
#include "workbench/workbench.h"

struct auditing {
    struct lethe_ensemble ensemble;
    struct lethe_training_context training;
    struct lethe_audit audit;
    size_t n;
    char *arrays; /* NULL: none are written */
};

static void free_auditing(void *arg)
{
    struct auditing *a = arg;
    lethe_snapshot_unref(a->ensemble.snapshot);
    lethe_training_context_release(&a->training);
    lethe_free(a->arrays);
    lethe_free(a);
}

static enum lethe_err work_audit(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct auditing *a = arg;
    return lethe_audit_run(&a->audit, a->n, a->arrays, &a->ensemble, watch, err);
}

static void put_test(struct lethe_value *item, const char *key, const struct lethe_equivalence *e)
{
    struct lethe_value *test = lethe_hint(lethe_put_object(item, key), LETHE_HINT_QUIET);
    const int known = e->verdict != LETHE_LIKE_UNKNOWN;
    lethe_put_text(test, "verdict", known ? lethe_likeness_words(e->verdict) : NULL);
    lethe_put_real(test, "difference", known ? e->difference : NAN);
    lethe_put_real(test, "error", known ? e->error : NAN);
    lethe_put_real(test, "p", known ? e->p : NAN);
    lethe_put_real(test, "bound", known ? e->bound : NAN);
    lethe_put_real(test, "low", known ? e->low : NAN);
    lethe_put_real(test, "high", known ? e->high : NAN);
}

static void put_row(struct lethe_value *list, const struct lethe_audit_row *row)
{
    const unsigned hints = row->percent ? LETHE_HINT_PERCENT : 0;
    struct lethe_value *item = lethe_put_object(list, NULL);
    lethe_put_text(item, "figure", row->label);
    lethe_hint(lethe_put_text(item, "name", row->key), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(item, "before", row->shown.before), hints);
    lethe_hint(lethe_put_real(item, "now", row->shown.now), hints);
    lethe_hint(lethe_put_real(item, "retrain", row->shown.retrain), hints);
    lethe_hint(lethe_put_real(item, "sd", row->shown.sd), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(item, "z", row->shown.z), LETHE_HINT_FIXED);
    lethe_put_text(item, "says", lethe_audit_says(row));
    lethe_hint(lethe_put_text(item, "means", lethe_audit_means(row)), LETHE_HINT_QUIET);
    put_test(item, "originals_test", &row->before);
    put_test(item, "test", &row->now);
}

/* "told from unseen (U-LiRA accuracy, U-LiRA AUC); still known (forget accuracy)" */
static void add_meanings(struct lethe_text *to, const struct lethe_audit *audit)
{
    for (size_t i = 0; i < audit->count; i++) {
        const char *means = lethe_audit_means(&audit->rows[i]);
        int said = !means[0];
        for (size_t j = 0; !said && j < i; j++)
            said = !strcmp(means, lethe_audit_means(&audit->rows[j]));
        if (said)
            continue;
        lethe_text_addf(to, "%s%s (%s", to->length ? "; " : "", means, audit->rows[i].label);
        for (size_t j = i + 1; j < audit->count; j++)
            if (!strcmp(means, lethe_audit_means(&audit->rows[j])))
                lethe_text_addf(to, ", %s", audit->rows[j].label);
        lethe_text_add(to, ")");
    }
}

static void put_verdict(struct lethe_value *out, const struct lethe_audit *audit)
{
    const struct lethe_audit_row *by = audit->by < audit->count ? &audit->rows[audit->by] : NULL;
    struct lethe_text meanings = {0};
    if (by && audit->verdict == LETHE_LIKE_DIFFERENT)
        lethe_put_note(out, "the removals can be told from retraining, by the %s", by->label);
    else if (by && audit->verdict == LETHE_LIKE_RETRAINED)
        lethe_put_note(out,
                       "the removals are as retraining: the %s is within %.2g of chance, and "
                       "no figure of the forget samples is different",
                       by->label, by->now.bound);
    else if (audit->verdict == LETHE_LIKE_UNDECIDED)
        lethe_put_note(out,
                       "%zu models of each kind cannot tell the removals from retraining, nor "
                       "show that they are alike: more can, 'audit n=%zu'",
                       audit->n, audit->n < LETHE_AUDIT_MODELS ? LETHE_AUDIT_MODELS : 2 * audit->n);
    add_meanings(&meanings, audit);
    if (meanings.length)
        lethe_put_note(out, "different: %s", lethe_text_get(&meanings));
    lethe_text_release(&meanings);
}

static void put_notes(struct lethe_value *out, const struct auditing *a)
{
    const struct lethe_audit *audit = &a->audit;
    put_verdict(out, audit);
    if (audit->nothing_to_unlearn)
        lethe_put_note(out, "already inside the noise floor: nothing to unlearn");
    if (audit->over_unlearned)
        lethe_put_note(out, "over-unlearned: further from the forget samples than models that "
                            "never saw them");
    if (audit->verdict != LETHE_LIKE_UNKNOWN)
        lethe_put_note(out,
                       "z: difference of the means over its standard error; different: two-sided "
                       "test at 5 %%; as retraining: two one-sided tests at 5 %% that the means "
                       "are less than %g of one retraining's sd apart, which tells one model right "
                       "65 times in 100; else cannot tell",
                       LETHE_BOUND_OF_MEANS);
    if (audit->n >= LETHE_AUDIT_MODELS)
        lethe_put_note(out,
                       "of figures of two groups the retrain column is what chance gives: both "
                       "groups shuffled, %d times; with N = %zu the forgetting quality sees "
                       "epsilons up to %g",
                       (int)LETHE_AUDIT_SHUFFLES, audit->n, audit->epsilon_limit);
    if (audit->share < 1)
        lethe_put_note(out,
                       "each model is trained on its own %g %% of the retained samples: the step "
                       "removes a larger part of what a model knows than the preview's does",
                       100 * audit->share);
    if (a->ensemble.snapshot->head_only)
        lethe_put_note(out, "every model is trained, and removed from, in the last layer alone "
                            "('set retrain.by'): the layers below are the same in all");
    if (audit->unconverged)
        lethe_put_note(out, "%zu of %zu trainings did not converge", audit->unconverged,
                       2 * audit->n);
}

static enum lethe_err finish_audit(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                   struct lethe_error *err)
{
    const struct auditing *a = arg;
    const struct lethe_audit *audit = &a->audit;
    (void)wb;
    (void)err;
    struct lethe_value *list = lethe_put_list(out, "figures");
    for (size_t i = 0; i < audit->count; i++)
        put_row(list, &audit->rows[i]);
    lethe_put_text(out, "verdict", lethe_likeness_words(audit->verdict));
    lethe_put_text(out, "decided_by", audit->by < audit->count ? audit->rows[audit->by].key : NULL);
    lethe_put_count(out, "models", audit->n);
    lethe_put_count(out, "samples", audit->trained);
    lethe_put_count(out, "without_forget", audit->retrained);
    lethe_hint(lethe_put_real(out, "share", audit->share), LETHE_HINT_QUIET);
    const struct lethe_settings *by = &a->ensemble.settings;
    const int other = lethe_method_put_name(out, by);
    if (!other || lethe_settings_mask(by))
        lethe_put_text(out, "blanket", by->text[LETHE_SET_BLANKET]);
    if (!other) {
        lethe_put_text(out, "curvature", by->text[LETHE_SET_CURVATURE]);
        lethe_put_text(out, "damping", by->text[LETHE_SET_DAMPING]);
    }
    if (a->arrays)
        lethe_put_text(out, "path", a->arrays);
    lethe_put_real(out, "noise_floor", audit->floor);
    lethe_hint(lethe_put_real(out, "epsilon_limit", audit->epsilon_limit), LETHE_HINT_QUIET);
    lethe_put_count(out, "unconverged", audit->unconverged);
    lethe_hint(lethe_put_real(out, "time_training", audit->seconds_training), LETHE_HINT_SECONDS);
    lethe_hint(lethe_put_real(out, "time_removing", audit->seconds_removing), LETHE_HINT_SECONDS);
    put_notes(out, a);
    return LETHE_OK;
}

static enum lethe_err run_audit(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_snapshot *snapshot;
    enum lethe_err code = lethe_workbench_snapshot(call->wb, &snapshot, err);
    if (!code)
        code = lethe_snapshot_whole(snapshot, "audit", err);
    if (code)
        return code;
    struct auditing *a = lethe_alloc_zero(1, sizeof *a);
    if (!a)
        return lethe_fail_memory(err, "an audit", 1, sizeof *a);
    call->task = (struct lethe_task){.run = work_audit,
                                     .finish = finish_audit,
                                     .release = free_auditing,
                                     .arg = a,
                                     .lane = LETHE_LANE_BACKGROUND};
    if (lethe_args_given(&call->args, "to")) {
        a->arrays = lethe_strdup(lethe_args_text(&call->args, "to", ""));
        if (!a->arrays)
            return lethe_fail_memory(err, "a path", 1, 1);
    }
    a->n = lethe_args_count(&call->args, "n", LETHE_AUDIT_MODELS);
    a->ensemble.share = lethe_args_real(&call->args, "share", lethe_audit_share(snapshot));
    a->ensemble.settings = call->wb->settings;
    a->ensemble.training = &a->training;
    code = lethe_workbench_training_context(&a->training, call->wb, err);
    return code ? code : lethe_snapshot_new(&a->ensemble.snapshot, snapshot, err);
}

static const struct lethe_arg_spec audit_args[] = {
    {.name = "n",
     .kind = LETHE_ARG_INT,
     .flags = LETHE_ARG_KEYED,
     .min = 1,
     .max = 1024,
     .help = "originals, and as many retrains (32, which some figures need)"},
    {.name = "share",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .min = 0.1,
     .max = 1,
     .help = "of the retained samples each is trained on (1; 0.5 for softmax regression or a last "
             "layer)"},
    {.name = "to",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "NPZ file for the models and what they say, for other programs"},
};

static int in_audit(size_t n, const char **name, const char **meaning)
{
    return lethe_metric_entry(n, LETHE_METRIC_NOT_IN_AUDIT, name, meaning);
}

const struct lethe_command lethe_command_audit = {
    .name = "audit",
    .group = LETHE_GROUP_UPDATE,
    .flags = LETHE_NEEDS_MODEL | LETHE_NEEDS_DATA | LETHE_NEEDS_FORGET,
    .summary = "Judge the removal over many models",
    .detail =
        "Trains originals by the recipe from other seeds, removes the forget samples from "
        "each by the settings as they are, trains as many models without these samples, and "
        "asks whether the two groups can be told apart: U-LiRA, KLOM, the NeurIPS 2023 "
        "score; then what attacks see in one model, averaged: LiRA, RMIA, the loss, a "
        "logistic regression, a linear probe, relearning. Models are kept with the session: "
        "an audit that was stopped or killed goes on where it ended.\n"
        "Where training has one minimum, each model is trained on a random half. Where only the "
        "last "
        "layer may move ('explain features'), models are of that layer, on features that stay.\n"
        "Each figure has one of three answers, as retraining, different, or cannot tell, from "
        "a two-sided and an equivalence test; see 'explain cannot tell'. 'to=' writes weights, "
        "logits of every set and who was trained on what, in double.",
    .examples = "audit &\naudit n=8 share=0.5\naudit to=models.npz",
    LETHE_ARGS(audit_args),
    .entries = "figures of one model",
    .entry = in_audit,
    .run = run_audit,
};
