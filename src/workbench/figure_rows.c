/* SPDX-License-Identifier: MIT
 * The figures of a preview: before | now | retrain. The retrain column is the warm retrain, or the
 * mean over cold ones once there are three. */
#include <math.h>

#include "workbench/beside.h"
#include "workbench/workbench.h"

enum { ENOUGH = 3, MOST = 64 };
static const double rounding = 1e-10; /* a KL below it is where training stopped, not a distance */

static double read(const struct lethe_evaluation *evaluation, const struct lethe_metric *metric)
{
    return lethe_evaluation_metric(evaluation, metric).value;
}

/* A first look knows a part of the samples. Where the whole was measured before the step, that is
 * `before`, and the change seen on the part is added to it: the estimate of least noise. */
static void lean_on_the_whole(const struct lethe_workbench *wb, double *before, double *now,
                              const struct lethe_metric *metric)
{
    const struct lethe_evaluation *whole = wb->snapshot ? lethe_snapshot_known(wb->snapshot) : NULL;
    if (!whole)
        return;
    *now = read(whole, metric) + (*now - *before);
    *before = read(whole, metric);
}

/* A figure of the retrained models that are the yardstick, at most MOST of them. */
static size_t of_retrains(double retrains[MOST], const struct lethe_workbench *wb,
                          const struct lethe_metric *metric)
{
    size_t k = 0;
    for (size_t i = 0; wb->cold_count >= ENOUGH && i < wb->cold_count && k < MOST; i++)
        retrains[k++] = read(&wb->colds[i]->outcome, metric);
    if (!k && wb->warm)
        retrains[k++] = read(&wb->warm->outcome, metric);
    return k;
}

static void fill(const struct lethe_workbench *wb, struct lethe_shown *shown,
                 const struct lethe_metric *metric)
{
    double retrains[MOST];
    const size_t k = of_retrains(retrains, wb, metric);
    double before = wb->preview ? read(&wb->preview->before, metric) : NAN;
    double now = wb->preview ? read(&wb->preview->now, metric) : NAN;
    if (wb->preview && wb->preview->partial)
        lean_on_the_whole(wb, &before, &now, metric);
    lethe_shown_fill(shown, before, now, retrains, k);
}

static void fill_kl(struct lethe_shown *shown, double before, double now)
{
    const double self = 0; /* the retrained model's distance to itself */
    lethe_shown_fill(shown, before, now, &self, isnan(before) ? (size_t)0 : 1);
}

static void no_comparison(struct lethe_compared *compared)
{
    const struct lethe_distance none = {NAN, NAN, NAN, NAN};
    for (size_t k = 0; k < 3; k++)
        compared->before[k] = compared->now[k] = none;
    lethe_recovery_none(&compared->recovery);
    lethe_recovery_none(&compared->trained);
    compared->fold = NAN;
    compared->gap_before = compared->gap_now = compared->tow_before = compared->tow = NAN;
}

/* The model before and now beside the cold retrains, and these beside each other. */
static void fill_kl_cold(struct lethe_figure_rows *figures, const struct lethe_workbench *wb)
{
    const double *logits[MOST], *others[MOST];
    double own[MOST], before = NAN, now = NAN;
    const size_t k = wb->cold_count < MOST ? wb->cold_count : MOST;
    lethe_shown_fill(&figures->kl_cold, NAN, NAN, NULL, 0);
    figures->floor = NAN;
    if (k < 2)
        return;
    const struct lethe_evaluation *first = &wb->colds[0]->outcome;
    const size_t n = first->count[LETHE_SIDE_FORGET], classes = first->classes;
    for (size_t i = 0; i < k; i++)
        logits[i] = wb->colds[i]->outcome.logits[LETHE_SIDE_FORGET];
    for (size_t i = 0; i < k; i++) {
        size_t count = 0;
        for (size_t j = 0; j < k; j++)
            if (j != i)
                others[count++] = logits[j];
        own[i] = lethe_kl_to_retrains(logits[i], others, count, n, classes);
    }
    if (wb->preview) {
        before = lethe_kl_to_retrains(wb->preview->before.logits[LETHE_SIDE_FORGET], logits, k, n,
                                      classes);
        now =
            lethe_kl_to_retrains(wb->preview->now.logits[LETHE_SIDE_FORGET], logits, k, n, classes);
    }
    lethe_shown_fill(&figures->kl_cold, before, now, own, k);
    if (figures->kl_cold.retrain < rounding)
        figures->kl_cold.sd = figures->kl_cold.z = NAN, figures->kl_cold.says = LETHE_LIKE_UNKNOWN;
    figures->floor = lethe_noise_floor(logits, k, n, classes);
}

/* Does a figure of the forget samples tell the model, as it is or after the step, from cold
 * retrains? Then a small distance does not mean that there is nothing to unlearn. */
static int told_apart(const struct lethe_workbench *wb, const struct lethe_figure_rows *figures)
{
    double retrains[MOST];
    for (size_t i = 0; i < lethe_metric_count(); i++) {
        const struct lethe_metric *metric = lethe_metric(i);
        const struct lethe_shown *row = &figures->of_model[i];
        struct lethe_shown before;
        if (!metric->of_model || !(metric->flags & LETHE_METRIC_OF_FORGET))
            continue;
        const size_t k = of_retrains(retrains, wb, metric);
        lethe_shown_fill(&before, NAN, row->before, retrains, k);
        if (row->says == LETHE_LIKE_DIFFERENT || before.says == LETHE_LIKE_DIFFERENT)
            return 1;
    }
    return 0;
}

void lethe_workbench_figure_rows(const struct lethe_workbench *wb,
                                 struct lethe_figure_rows *figures)
{
    for (size_t i = 0; i < lethe_metric_count(); i++)
        if (lethe_metric(i)->of_model)
            fill(wb, &figures->of_model[i], lethe_metric(i));
    no_comparison(&figures->compared);
    if (wb->preview && wb->warm)
        lethe_beside_measure(wb->beside, &figures->compared, wb->preview, wb->warm);
    const struct lethe_compared *c = &figures->compared;
    fill_kl(&figures->kl_forget, c->before[0].kl, c->now[0].kl);
    fill_kl(&figures->kl_retain, c->before[1].kl, c->now[1].kl);
    fill_kl(&figures->kl_heldout, c->before[2].kl, c->now[2].kl);
    const double retrained = wb->warm ? wb->warm->report.gradient : NAN;
    lethe_shown_fill(&figures->residual_gradient, wb->preview ? wb->preview->residual_before : NAN,
                     wb->preview ? wb->preview->residual_now : NAN, &retrained, wb->warm ? 1 : 0);
    fill_kl(&figures->js, c->before[0].js, c->now[0].js);
    fill_kl(&figures->churn, c->before[0].churn, c->now[0].churn);
    const double equal = 1;
    lethe_shown_fill(&figures->tug_of_war, c->tow_before, c->tow, &equal, isnan(c->tow) ? 0U : 1U);
    fill_kl_cold(figures, wb);
    figures->over_unlearned = lethe_over_unlearned(&figures->of_model[LETHE_METRIC_AUC],
                                                   &figures->of_model[LETHE_METRIC_FORGET_LOSS]);
    figures->nothing_to_unlearn =
        c->recovery.verdict == LETHE_RECOVERY_NOTHING ||
        (figures->kl_cold.before <= figures->floor && !told_apart(wb, figures));
}
