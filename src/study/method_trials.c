/* SPDX-License-Identifier: MIT
 * Trials are members of an ensemble that begin at the snapshot's own weights. */
#include "study/method_trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/methods.h"
#include "removal/stage_method.h"
#include "study/ensemble_run.h"

int lethe_method_trial_published(const struct lethe_method_trial *trial)
{
    const char *name = trial->settings.text[LETHE_SET_METHOD];
    const char *with = trial->settings.text[LETHE_SET_METHOD_WITH];
    const struct lethe_unlearn_method *method;
    struct lethe_unlearn_values usual;
    char published[LETHE_UNLEARN_TEXT];
    if (lethe_unlearn_find(&method, name, NULL))
        return 0;
    lethe_unlearn_defaults(&usual, method);
    lethe_unlearn_write(published, &usual, method);
    return !method->run || strcmp(with, published) == 0;
}

double lethe_method_score(const struct lethe_variant *variant)
{
    const double sum = variant->kl_forget + variant->kl_retain + variant->kl_heldout;
    return variant->failed || isnan(sum) ? HUGE_VAL : sum;
}

static enum lethe_err measure(struct lethe_method_trial *trial, const struct lethe_member *member,
                              const struct lethe_comparison_base *base, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    struct lethe_variant *v = &trial->variant;
    const double *w = member->kept.w, *from = base->snapshot->w;
    const size_t size = lethe_graph_size(base->snapshot->graph);
    double square = 0;
    *v = (struct lethe_variant){.seconds = member->kept.report.seconds, .mu = NAN};
    snprintf(v->name, sizeof v->name, "%s", trial->settings.text[LETHE_SET_METHOD]);
    trial->score = HUGE_VAL;
    if (!isfinite(w[0])) {
        v->failed = 1;
        snprintf(v->note, sizeof v->note,
                 "%s could not be made: it ran away, or is not for this "
                 "network",
                 v->name);
        return LETHE_OK;
    }
    for (size_t i = 0; i < size; i++) {
        v->parameters += w[i] != from[i];
        square += (w[i] - from[i]) * (w[i] - from[i]);
    }
    v->norm = sqrt(square);
    enum lethe_err code = lethe_variant_measure(v, base, w, watch, err);
    trial->score = code ? HUGE_VAL : lethe_method_score(v);
    return code;
}

enum lethe_err lethe_method_trials_run(struct lethe_method_trial *trials, size_t count,
                                       const struct lethe_comparison_base *base,
                                       const struct lethe_training_context *training,
                                       struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_ensemble ensemble = {
        .snapshot = base->snapshot, .settings = base->settings, .training = training, .share = 1};
    struct lethe_member *members = lethe_alloc_zero(count, sizeof *members);
    if (!members)
        return lethe_fail_memory(err, "trials", count, sizeof *members);
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; !code && i < count; i++) {
        code = lethe_member_init(&members[i], &ensemble, LETHE_MEMBER_HEAD, 0, base->snapshot->seed,
                                 err);
        members[i].settings = &trials[i].settings;
    }
    if (!code)
        code = lethe_ensemble_make(members, count, &ensemble, "unlearning", watch, err);
    for (size_t i = 0; !code && i < count; i++)
        code = measure(&trials[i], &members[i], base, watch, err);
    for (size_t i = 0; i < count; i++)
        lethe_member_release(&members[i]);
    lethe_free(members);
    return code;
}
