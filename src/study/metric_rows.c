/* SPDX-License-Identifier: MIT
 * The figures of tiers 0 and 1 that a preview has no room for, row by row, beside the same figures
 * of the retrained models. */
#include "study/metric_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "lethe/audit.h"

enum { ROWS = LETHE_METRICS_MOST + 40 };

struct list {
    const struct lethe_model_metrics *of;
    enum lethe_metrics_asked asked;
    struct lethe_metric_row *at;
    size_t count;
};

enum lethe_err lethe_metric_rows_measure(struct lethe_model_metrics *of,
                                         enum lethe_metrics_asked asked, struct lethe_watch *watch,
                                         struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (asked == LETHE_METRICS_ATTACK || asked == LETHE_METRICS_ALL)
        code = lethe_model_metrics_attack(of, watch, err);
    if (!code && (asked == LETHE_METRICS_HARM || asked == LETHE_METRICS_ALL))
        code = lethe_model_metrics_harm(of, err);
    return code;
}

/* One row; interval: of `now`, may be NULL. */
static void add(struct list *m, const char *name, const char *label,
                const struct lethe_shown *shown, const struct lethe_measure *interval,
                enum lethe_metric_look look)
{
    if (m->count == ROWS)
        return;
    struct lethe_metric_row *row = &m->at[m->count++];
    *row = (struct lethe_metric_row){.shown = *shown, .look = look};
    row->now = interval ? *interval : (struct lethe_measure){.low = NAN, .high = NAN};
    snprintf(row->name, sizeof row->name, "%s", name);
    snprintf(row->label, sizeof row->label, "%s", label);
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

static void add_row(struct list *m, size_t number, read_fn *read, enum lethe_metric_look look,
                    double *values)
{
    const struct lethe_metric *metric = lethe_metric(number);
    const struct lethe_measure before = read(&m->of->preview->before, &m->of->before, number);
    const struct lethe_measure now = read(&m->of->preview->now, &m->of->now, number);
    struct lethe_shown shown;
    for (size_t i = 0; i < m->of->count; i++)
        values[i] = read(&m->of->retrains[i]->outcome, &m->of->attacks[i], number).value;
    lethe_shown_fill(&shown, before.value, now.value, values, m->of->count);
    add(m, metric->name, metric->label, &shown, &now, look);
}

static void add_relearning(struct list *m, double *values)
{
    struct lethe_shown shown;
    struct lethe_measure ratio = {.value = NAN, .low = NAN, .high = NAN};
    for (size_t i = 0; i < m->of->count; i++)
        values[i] = lethe_attack_metrics_steps(&m->of->attacks[i]);
    lethe_shown_fill(&shown, lethe_attack_metrics_steps(&m->of->before),
                     lethe_attack_metrics_steps(&m->of->now), values, m->of->count);
    add(m, "relearn_steps", "relearn steps", &shown, NULL, LETHE_LOOK_PLAIN);
    if (!m->of->count)
        return;
    lethe_relearn_ratio(&ratio, m->of->now.relearn, m->of->attacks[0].relearn);
    const double aim = 1;
    lethe_shown_fill(&shown, NAN, ratio.value, &aim, 1);
    const struct lethe_metric *metric = lethe_metric(LETHE_METRIC_RELEARN);
    add(m, metric->name, metric->label, &shown, &ratio, LETHE_LOOK_FRACTION);
}

/* Attacks on one model, and with `all` its other figures. */
static void add_attacks(struct list *m, double *values)
{
    for (size_t i = 0; i < lethe_metric_count(); i++) {
        const struct lethe_metric *metric = lethe_metric(i);
        const int attack = strncmp(metric->name, "attack.", 7) == 0;
        if (metric->of_model && !(metric->flags & LETHE_METRIC_NOT_IN_METRICS) &&
            (attack || m->asked == LETHE_METRICS_ALL))
            add_row(m, i, of_model, metric->look, values);
    }
    add_row(m, LETHE_METRIC_LOGISTIC, of_attack, LETHE_LOOK_PERCENT, values);
    add_row(m, LETHE_METRIC_PROBE, of_attack, LETHE_LOOK_PERCENT, values);
    add_relearning(m, values);
}

static void add_distance(struct list *m, const char *set, const char *name, double before,
                         double now, double aim, enum lethe_metric_look look)
{
    char label[48];
    struct lethe_shown shown;
    snprintf(label, sizeof label, "%s%s%s", name, set[0] ? " " : "", set);
    lethe_shown_fill(&shown, before, now, &aim, 1);
    for (char *c = label; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    char key[48];
    snprintf(key, sizeof key, "%s%s%s", name, set[0] ? "." : "", set);
    add(m, key, label, &shown, NULL, look);
}

static void add_recovery(struct list *m, enum lethe_metric_kind kind, double value)
{
    const struct lethe_metric *metric = lethe_metric(kind);
    struct lethe_shown shown;
    const double whole = 1;
    lethe_shown_fill(&shown, isnan(value) ? NAN : 0, value, &whole, isnan(value) ? 0U : 1U);
    add(m, metric->name, metric->label, &shown, NULL, LETHE_LOOK_FRACTION);
}

static void add_distances(struct list *m)
{
    static const char *const sets[] = {"forget", "retain", "heldout"};
    struct lethe_compared c;
    lethe_compared_make(&c, m->of->preview, m->of->warm);
    for (size_t s = 0; s < 3; s++) {
        add_distance(m, sets[s], "kl", c.before[s].kl, c.now[s].kl, 0, 0);
        add_distance(m, sets[s], "js", c.before[s].js, c.now[s].js, 0, 0);
        add_distance(m, sets[s], "activation", c.before[s].activation, c.now[s].activation, 0, 0);
        add_distance(m, sets[s], "churn", c.before[s].churn, c.now[s].churn, 0, LETHE_LOOK_PERCENT);
    }
    add_recovery(m, LETHE_METRIC_RECOVERY_PROBS, c.recovery.probs);
    add_recovery(m, LETHE_METRIC_RECOVERY_PROBS_TRAIN, c.trained.probs);
    add_recovery(m, LETHE_METRIC_RECOVERY, c.recovery.value);
    add_recovery(m, LETHE_METRIC_CHANGE_PROBS, c.recovery.change_probs);
    add_recovery(m, LETHE_METRIC_CHANGE_PROBS_TRAIN, c.trained.change_probs);
    add_recovery(m, LETHE_METRIC_CHANGE, c.recovery.change);
    const struct lethe_metric *fold = lethe_metric(LETHE_METRIC_KL_FOLD);
    struct lethe_shown shown;
    lethe_shown_fill(&shown, isnan(c.fold) ? NAN : 1, c.fold, NULL, 0);
    add(m, fold->name, fold->label, &shown, NULL, LETHE_LOOK_PLAIN);
    add_distance(m, "", "average_gap", c.gap_before, c.gap_now, 0, LETHE_LOOK_FRACTION);
    add_distance(m, "", "tug_of_war", c.tow_before, c.tow, 1, LETHE_LOOK_FRACTION);
}

static void add_harm(struct list *m)
{
    const struct lethe_harm *h = &m->of->harm;
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
        add(m, rows[i].name, rows[i].label, &shown, NULL, LETHE_LOOK_PLAIN);
    }
}

enum lethe_err lethe_metric_rows_make(struct lethe_metric_row **rows, size_t *count,
                                      const struct lethe_model_metrics *of,
                                      enum lethe_metrics_asked asked, struct lethe_error *err)
{
    const int all = asked == LETHE_METRICS_ALL;
    double *values = lethe_alloc(of->count + 1, sizeof *values);
    struct list list = {of, asked, lethe_alloc(ROWS, sizeof *list.at), 0};
    if (!values || !list.at) {
        lethe_free(values);
        lethe_free(list.at);
        return lethe_fail_memory(err, "metrics", of->count + ROWS, sizeof *list.at);
    }
    if (asked == LETHE_METRICS_ATTACK || all)
        add_attacks(&list, values);
    if (of->warm && (asked == LETHE_METRICS_DISTANCE || all))
        add_distances(&list);
    if (asked == LETHE_METRICS_HARM || all)
        add_harm(&list);
    lethe_free(values);
    *rows = list.at;
    *count = list.count;
    return LETHE_OK;
}
