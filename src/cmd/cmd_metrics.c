/* SPDX-License-Identifier: MIT
 * metrics: the figures of tiers 0 and 1 that a preview has no room for, with their intervals or
 * why there is none, beside the same figures of the retrained models. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/answer_preview.h"
#include "cmd/commands.h"
#include "lethe/audit.h"
#include "study/model_metrics.h"
#include "workbench/workbench.h"

enum { WHAT_ATTACK, WHAT_DISTANCE, WHAT_HARM, WHAT_ALL };

struct measuring {
    struct lethe_model_metrics metrics;
    size_t what;
    struct lethe_value *list; /* while answering */
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
    enum lethe_err code = LETHE_OK;
    if (m->what == WHAT_ATTACK || m->what == WHAT_ALL)
        code = lethe_model_metrics_attack(&m->metrics, watch, err);
    if (!code && m->what >= WHAT_HARM)
        code = lethe_model_metrics_harm(&m->metrics, err);
    return code;
}

/* ---- answer -----------------------------------------------------------------------------------
 */

/* One row; interval: of `now`, may be NULL. */
static void put(struct measuring *m, const char *name, const char *label,
                const struct lethe_shown *shown, const struct lethe_measure *interval,
                unsigned hints)
{
    struct lethe_value *row = lethe_put_object(m->list, NULL);
    lethe_put_text(row, "figure", label);
    lethe_hint(lethe_put_text(row, "name", name), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(row, "before", shown->before), hints);
    lethe_hint(lethe_put_real(row, "now", shown->now), hints);
    lethe_hint(lethe_put_real(row, "retrain", shown->retrain), hints);
    lethe_hint(lethe_put_real(row, "sd", shown->sd), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(row, "z", shown->z), LETHE_HINT_FIXED);
    lethe_hint(lethe_put_text(row, "says", shown->says ? lethe_likeness_words(shown->says) : NULL),
               shown->says ? 0 : LETHE_HINT_QUIET);
    const int known = interval && !isnan(interval->low);
    lethe_hint(lethe_put_real(row, "low", known ? interval->low : NAN), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_real(row, "high", known ? interval->high : NAN), LETHE_HINT_QUIET);
    if (known)
        lethe_put_textf(row, "now_within", "%.3g to %.3g", interval->low, interval->high);
    else
        lethe_put_text(row, "now_within", interval && interval->note[0] ? interval->note : "");
}

/* One figure of every model, as `of` reads it. */
typedef struct lethe_measure read_fn(const struct lethe_evaluation *evaluation,
                                     const struct lethe_attack_metrics *attack, size_t metric);

static struct lethe_measure of_model(const struct lethe_evaluation *evaluation,
                                     const struct lethe_attack_metrics *attack, size_t metric)
{
    (void)attack;
    return lethe_evaluation_metric(evaluation, lethe_metric(metric));
}

static struct lethe_measure of_attack(const struct lethe_evaluation *evaluation,
                                      const struct lethe_attack_metrics *attack, size_t metric)
{
    (void)evaluation;
    return metric == LETHE_METRIC_PROBE ? attack->probe : attack->logistic;
}

static void put_row(struct measuring *m, size_t number, read_fn *read, unsigned hints,
                    double *values)
{
    const struct lethe_metric *metric = lethe_metric(number);
    const struct lethe_measure before =
        read(&m->metrics.preview->before, &m->metrics.before, number);
    const struct lethe_measure now = read(&m->metrics.preview->now, &m->metrics.now, number);
    struct lethe_shown shown;
    for (size_t i = 0; i < m->metrics.count; i++)
        values[i] = read(&m->metrics.retrains[i]->outcome, &m->metrics.attacks[i], number).value;
    lethe_shown_fill(&shown, before.value, now.value, values, m->metrics.count);
    put(m, metric->name, metric->label, &shown, &now, hints);
}

static void put_relearning(struct measuring *m, double *values)
{
    struct lethe_shown shown;
    struct lethe_measure ratio = {.value = NAN, .low = NAN, .high = NAN};
    for (size_t i = 0; i < m->metrics.count; i++)
        values[i] = lethe_attack_metrics_steps(&m->metrics.attacks[i]);
    lethe_shown_fill(&shown, lethe_attack_metrics_steps(&m->metrics.before),
                     lethe_attack_metrics_steps(&m->metrics.now), values, m->metrics.count);
    put(m, "relearn_steps", "relearn steps", &shown, NULL, 0);
    if (!m->metrics.count)
        return;
    lethe_relearn_ratio(&ratio, m->metrics.now.relearn, m->metrics.attacks[0].relearn);
    const double aim = 1;
    lethe_shown_fill(&shown, NAN, ratio.value, &aim, 1);
    const struct lethe_metric *metric = lethe_metric(LETHE_METRIC_RELEARN);
    put(m, metric->name, metric->label, &shown, &ratio, LETHE_HINT_FIXED);
}

/* Attacks on one model, and with `all` its other figures. */
static void put_attacks(struct measuring *m, double *values)
{
    for (size_t i = 0; i < lethe_metric_count(); i++) {
        const struct lethe_metric *metric = lethe_metric(i);
        const int attack = strncmp(metric->name, "attack.", 7) == 0;
        if (metric->of_model && !(metric->flags & LETHE_METRIC_NOT_IN_METRICS) &&
            (attack || m->what == WHAT_ALL))
            put_row(m, i, of_model, lethe_look_hints(metric->look), values);
    }
    put_row(m, LETHE_METRIC_LOGISTIC, of_attack, LETHE_HINT_PERCENT, values);
    put_row(m, LETHE_METRIC_PROBE, of_attack, LETHE_HINT_PERCENT, values);
    put_relearning(m, values);
}

static void put_distance(struct measuring *m, const char *set, const char *name, double before,
                         double now, double aim, unsigned hints)
{
    char label[48];
    struct lethe_shown shown;
    snprintf(label, sizeof label, "%s%s%s", name, set[0] ? " " : "", set);
    lethe_shown_fill(&shown, before, now, &aim, 1);
    for (char *c = label; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    char key[48];
    snprintf(key, sizeof key, "%s%s%s", name, set[0] ? "." : "", set);
    put(m, key, label, &shown, NULL, hints);
}

static void put_recovery(struct measuring *m, enum lethe_metric_kind kind, double value)
{
    const struct lethe_metric *metric = lethe_metric(kind);
    struct lethe_shown shown;
    const double whole = 1;
    lethe_shown_fill(&shown, isnan(value) ? NAN : 0, value, &whole, isnan(value) ? 0U : 1U);
    put(m, metric->name, metric->label, &shown, NULL, LETHE_HINT_FIXED);
}

static void put_distances(struct measuring *m)
{
    static const char *const sets[] = {"forget", "retain", "heldout"};
    struct lethe_compared c;
    lethe_compared_make(&c, m->metrics.preview, m->metrics.warm);
    for (size_t s = 0; s < 3; s++) {
        put_distance(m, sets[s], "kl", c.before[s].kl, c.now[s].kl, 0, 0);
        put_distance(m, sets[s], "js", c.before[s].js, c.now[s].js, 0, 0);
        put_distance(m, sets[s], "activation", c.before[s].activation, c.now[s].activation, 0, 0);
        put_distance(m, sets[s], "churn", c.before[s].churn, c.now[s].churn, 0, LETHE_HINT_PERCENT);
    }
    put_recovery(m, LETHE_METRIC_RECOVERY_PROBS, c.recovery.probs);
    put_recovery(m, LETHE_METRIC_RECOVERY, c.recovery.value);
    put_recovery(m, LETHE_METRIC_CHANGE_PROBS, c.recovery.change_probs);
    put_recovery(m, LETHE_METRIC_CHANGE, c.recovery.change);
    const struct lethe_metric *fold = lethe_metric(LETHE_METRIC_KL_FOLD);
    struct lethe_shown shown;
    lethe_shown_fill(&shown, isnan(c.fold) ? NAN : 1, c.fold, NULL, 0);
    put(m, fold->name, fold->label, &shown, NULL, 0);
    put_distance(m, "", "average_gap", c.gap_before, c.gap_now, 0, LETHE_HINT_FIXED);
    put_distance(m, "", "tug_of_war", c.tow_before, c.tow, 1, LETHE_HINT_FIXED);
}

static void put_harm(struct measuring *m)
{
    const struct lethe_harm *h = &m->metrics.harm;
    const struct {
        const char *name, *label;
        double before, now;
    } rows[] = {{"harm.mean_change", "retained loss, mean", NAN, h->mean_change},
                {"harm.q95_change", "retained loss, 95 %", NAN, h->q95_change},
                {"harm.worst_change", "retained loss, worst", NAN, h->worst_change},
                {"harm.lost", "retained lost", NAN, (double)h->lost},
                {"harm.gained", "retained gained", NAN, (double)h->gained},
                {"harm.auc", "AUC of retained", h->auc_before, h->auc_now}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lethe_shown shown;
        lethe_shown_fill(&shown, rows[i].before, rows[i].now, NULL, 0);
        put(m, rows[i].name, rows[i].label, &shown, NULL, 0);
    }
}

static enum lethe_err finish_metrics(struct lethe_workbench *wb, void *arg, struct lethe_value *out,
                                     struct lethe_error *err)
{
    struct measuring *m = arg;
    double *values = lethe_alloc(m->metrics.count + 1, sizeof *values);
    (void)wb;
    if (!values)
        return lethe_fail_memory(err, "metrics", m->metrics.count, sizeof *values);
    m->list = lethe_put_list(out, "figures");
    if (m->what == WHAT_ATTACK || m->what == WHAT_ALL)
        put_attacks(m, values);
    if (m->metrics.warm && (m->what == WHAT_DISTANCE || m->what == WHAT_ALL))
        put_distances(m);
    if (m->what >= WHAT_HARM)
        put_harm(m);
    lethe_free(values);
    lethe_put_count(out, "cold", m->metrics.count >= LETHE_ENOUGH_RETRAINS ? m->metrics.count : 0);
    lethe_put_text(out, "heldout_half", "tune");
    if (!m->metrics.warm && m->what != WHAT_HARM)
        lethe_put_note(out, "no warm retrain to measure distances to: 'retrain warm' first");
    return LETHE_OK;
}

/* ---- command ----------------------------------------------------------------------------------
 */

static enum lethe_err run_metrics(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    if (!wb->preview)
        return lethe_fail(err, LETHE_EARG, "there is no removal to measure yet: 'preview' first");
    struct measuring *m = lethe_alloc_zero(1, sizeof *m);
    if (!m)
        return lethe_fail_memory(err, "metrics", 1, sizeof *m);
    call->task = (struct lethe_task){.run = work_metrics,
                                     .finish = finish_metrics,
                                     .release = free_measuring,
                                     .arg = m,
                                     .lane = LETHE_LANE_INTERACTIVE};
    m->what = lethe_args_choice(&call->args, "WHAT", WHAT_ALL);
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
