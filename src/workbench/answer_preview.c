/* SPDX-License-Identifier: MIT
 * What `preview` answers: figures by their rows, the step, and the notes a reader needs. */
#include "workbench/answer_preview.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "removal/damping.h"
#include "workbench/answer_method.h"
#include "workbench/answer_path.h"
#include "workbench/preview_notes.h"
#include "workbench/workbench.h"

static struct lethe_value *put_figure(struct lethe_value *to, const char *key,
                                      const struct lethe_shown *shown, unsigned hints)
{
    struct lethe_value *figure = lethe_hint(lethe_put_object(to, key), LETHE_HINT_FIGURE);
    lethe_hint(lethe_put_real(figure, "before", shown->before), hints);
    lethe_hint(lethe_put_real(figure, "now", shown->now), hints);
    lethe_hint(lethe_put_real(figure, "retrain", shown->retrain), hints);
    lethe_hint(lethe_put_real(figure, "sd", shown->sd), hints);
    lethe_hint(lethe_put_real(figure, "z", shown->z), LETHE_HINT_FIXED);
    lethe_put_text(figure, "says", shown->says ? lethe_likeness_words(shown->says) : NULL);
    return figure;
}

unsigned lethe_look_hints(enum lethe_metric_look look)
{
    static const unsigned hints[] = {[LETHE_LOOK_PLAIN] = 0,
                                     [LETHE_LOOK_PERCENT] = LETHE_HINT_PERCENT,
                                     [LETHE_LOOK_FRACTION] = LETHE_HINT_FIXED};
    return hints[look];
}

int lethe_metric_entry(size_t n, unsigned without, const char **name, const char **meaning)
{
    for (size_t i = 0; i < lethe_metric_count(); i++) {
        const struct lethe_metric *metric = lethe_metric(i);
        if (!metric->of_model || metric->flags & without || n-- > 0)
            continue;
        *name = metric->name;
        *meaning = metric->meaning;
        return 1;
    }
    return 0;
}

static struct lethe_value *put_plain(struct lethe_value *to, const char *key, double before,
                                     double now, double retrain)
{
    const struct lethe_shown shown = {
        .before = before, .now = now, .retrain = retrain, .sd = NAN, .z = NAN};
    return put_figure(to, key, &shown, LETHE_HINT_FIXED);
}

/* The object a metric's name begins with: "forget" of "forget.loss"; *key is the rest. */
static struct lethe_value *group_of(struct lethe_value *out, const char *name, const char **key)
{
    char group[32];
    const char *dot = strchr(name, '.');
    *key = dot ? dot + 1 : name;
    snprintf(group, sizeof group, "%.*s", dot ? (int)(dot - name) : 0, name);
    return dot ? lethe_put_group(out, group) : out;
}

/* Where the attack has no area, the percentile is what is known. */
static int stands_in(size_t metric, const struct lethe_figure_rows *figures)
{
    return metric != LETHE_METRIC_PERCENTILE || (isnan(figures->of_model[LETHE_METRIC_AUC].now) &&
                                                 !isnan(figures->of_model[metric].now));
}

static void put_of_model(struct lethe_value *out, const struct lethe_figure_rows *figures)
{
    for (size_t i = 0; i < lethe_metric_count(); i++) {
        const struct lethe_metric *metric = lethe_metric(i);
        const char *key;
        if (!metric->of_model || metric->flags & LETHE_METRIC_NOT_IN_PREVIEW ||
            !stands_in(i, figures))
            continue;
        struct lethe_value *group = group_of(out, metric->name, &key);
        put_figure(group, key, &figures->of_model[i], lethe_look_hints(metric->look));
    }
}

/* For programs and reports; 'metrics' shows them to people. */
static void put_more(struct lethe_value *out, const struct lethe_figure_rows *figures,
                     const struct lethe_workbench *wb)
{
    const struct lethe_measure *auc = wb->preview ? &wb->preview->now.figures.attack.auc : NULL;
    struct lethe_value *more = lethe_hint(lethe_put_object(out, "more"), LETHE_HINT_QUIET);
    put_figure(more, "js", &figures->js, 0);
    put_figure(more, "churn", &figures->churn, LETHE_HINT_PERCENT);
    put_figure(more, "tug_of_war", &figures->tug_of_war, LETHE_HINT_FIXED);
    put_figure(more, "percentile", &figures->of_model[LETHE_METRIC_PERCENTILE], LETHE_HINT_FIXED);
    lethe_put_real(more, "auc_low", auc ? auc->low : NAN);
    lethe_put_real(more, "auc_high", auc ? auc->high : NAN);
}

static struct lethe_value *put_share(struct lethe_value *to, const char *key, double value)
{
    return put_plain(to, key, isnan(value) ? NAN : 0, value, isnan(value) ? NAN : 1);
}

/* Of probabilities first; change where the further training of both retrains must be left out. */
static void put_recovery(struct lethe_value *out, const struct lethe_figure_rows *figures)
{
    const struct lethe_recovery *r = &figures->compared.recovery;
    const double fold = figures->compared.fold;
    put_plain(out, "kl_fold", isnan(fold) ? NAN : 1, fold, NAN);
    put_share(out, "recovery_probs", r->probs);
    put_share(out, "recovery_probs_train", figures->compared.trained.probs);
    put_share(out, "recovery", r->value);
    const unsigned quiet = r->verdict == LETHE_RECOVERY_UNCONVERGED ? 0 : LETHE_HINT_QUIET;
    lethe_hint(put_share(out, "change_probs", r->change_probs), quiet);
    lethe_hint(put_share(out, "change_probs_train", figures->compared.trained.change_probs), quiet);
    lethe_hint(put_share(out, "change", r->change), quiet);
}

static void put_figures(struct lethe_value *out, const struct lethe_figure_rows *figures,
                        const struct lethe_workbench *wb)
{
    put_of_model(out, figures);
    struct lethe_value *kl = lethe_put_object(out, "kl");
    put_figure(kl, "forget", &figures->kl_forget, 0);
    put_figure(kl, "retain", &figures->kl_retain, 0);
    put_figure(kl, "heldout", &figures->kl_heldout, 0);
    if (!isnan(figures->floor))
        put_figure(kl, "cold", &figures->kl_cold, 0);
    put_recovery(out, figures);
    double gap = figures->compared.gap_now;
    put_plain(out, "average_gap", figures->compared.gap_before, gap, isnan(gap) ? NAN : 0);
    put_figure(out, "residual_gradient", &figures->residual_gradient, 0);
    put_more(out, figures, wb);
}

/* What stands behind the retrain column. */
static void put_retrains(struct lethe_value *out, const struct lethe_workbench *wb)
{
    if (!wb->warm && !wb->cold_count)
        return;
    struct lethe_value *retrain = lethe_put_object(out, "retraining");
    if (wb->warm) {
        const struct lethe_train_report *report = &wb->warm->report;
        lethe_put_text(retrain, "optimizer", lethe_train_method_name(wb->warm->by));
        lethe_put_bool(retrain, "converged", report->converged);
        lethe_put_real(retrain, "gradient", report->gradient);
        lethe_put_count(retrain, "iterations", report->iterations);
        lethe_hint(lethe_put_real(retrain, "time", report->seconds), LETHE_HINT_SECONDS);
    }
    lethe_put_count(retrain, "cold", wb->cold_count);
}

void lethe_preview_put_hints(struct lethe_value *out, const struct lethe_preview *preview,
                             double mu)
{
    const struct lethe_damping_hints *h = &preview->hints;
    const double rho = preview->steps > 1 || preview->sigma > 0 ? NAN : preview->ratio;
    struct lethe_value *hints = lethe_put_object(out, "hints");
    lethe_put_real(hints, "auto", lethe_damping_auto(preview->snapshot));
    lethe_put_real(hints, "smallest_eigenvalue", h->smallest);
    lethe_put_real(hints, "tenth_of_mean", h->tenth);
    lethe_put_real(hints, "corner", h->corner > 0 ? h->corner : NAN);
    lethe_put_real(hints, "rho", rho);
    lethe_put_real(hints, "levenberg_marquardt",
                   isnan(rho) ? NAN
                              : lethe_damping_next(mu, rho,
                                                   lethe_step_curvature(preview->update.predicted,
                                                                        preview->update.norm)));
}

/* The forget sample of the largest leverage. */
static void put_leverage(struct lethe_value *out, const struct lethe_preview *preview)
{
    const struct lethe_ids *ids = &preview->snapshot->forget;
    size_t most = 0;
    if (!preview->leverage) {
        lethe_hint(lethe_put_null(out, "leverage"), LETHE_HINT_QUIET);
        return;
    }
    for (size_t i = 1; i < ids->count; i++)
        if (preview->leverage[i] > preview->leverage[most])
            most = i;
    struct lethe_value *leverage = lethe_put_object(out, "leverage");
    lethe_hint(lethe_put_real(leverage, "largest", preview->leverage[most]), LETHE_HINT_FIXED);
    lethe_hint(lethe_put_count(leverage, "sample", ids->at[most]), LETHE_HINT_PLAIN);
    struct lethe_value *all = lethe_hint(lethe_put_list(leverage, "of"), LETHE_HINT_QUIET);
    for (size_t i = 0; i < ids->count; i++)
        lethe_put_real(all, NULL, preview->leverage[i]);
}

/* And for programs that of each number of units. */
static void put_reach(struct lethe_value *out, const struct lethe_reach *reach)
{
    lethe_hint(lethe_put_real(out, "reach", reach->value),
               LETHE_HINT_PERCENT | (reach->exact ? 0u : LETHE_HINT_ABOUT));
    lethe_hint(lethe_put_bool(out, "reach_estimated", !reach->exact), LETHE_HINT_QUIET);
    struct lethe_value *rows = lethe_hint(lethe_put_list(out, "reach_by_units"), LETHE_HINT_QUIET);
    for (size_t k = 0; k < reach->count; k++)
        lethe_put_real(rows, NULL, reach->rows[k]);
}

static void put_step(struct lethe_value *out, const struct lethe_workbench *wb)
{
    const struct lethe_preview *preview = wb->preview;
    const struct lethe_update *update = &preview->update;
    char words[LETHE_CURVATURE_WORDS];
    int moved = preview->units != 0;
    lethe_put_real(out, "update_norm", moved ? update->norm : 0);
    lethe_put_count(out, "parameters", preview->parameters);
    lethe_put_count(out, "units", preview->units);
    put_reach(out, &preview->reach);
    lethe_hint(lethe_put_bool(out, "estimated", preview->estimated), LETHE_HINT_QUIET);
    lethe_put_count(out, "curvature_samples",
                    wb->curve && moved ? wb->curve->curvature.samples : 0);
    lethe_put_text(out, "curvature", lethe_workbench_curvature(words, wb));
    lethe_put_real(out, "damping", lethe_workbench_damping(wb));
    lethe_put_text(out, "form", moved ? lethe_form_name(update->form) : NULL);
    lethe_put_count(out, "steps", moved ? preview->steps : 0);
    lethe_path_put(out, wb);
    lethe_put_text(out, "solver", moved && wb->factor ? lethe_factor_words(wb->factor) : NULL);
    lethe_put_real(out, "solve_residual", moved ? update->left : NAN);
    lethe_hint(lethe_put_count(out, "products", update->products),
               update->products ? 0 : LETHE_HINT_QUIET);
    lethe_put_real(out, "unfinished_training", moved ? update->unfinished_norm : NAN);
    lethe_put_real(out, "predicted_change", moved ? update->predicted : NAN);
    lethe_put_real(out, "actual_change", preview->objective_now - preview->objective_before);
    lethe_put_real(out, "degrees_of_freedom", preview->freedom);
    lethe_hint(lethe_put_real(out, "noise", preview->sigma),
               preview->sigma > 0 ? 0 : LETHE_HINT_QUIET);
    lethe_put_text(out, "heldout_half", "tune");
    lethe_hint(lethe_put_real(out, "time", preview->seconds), LETHE_HINT_SECONDS);
    lethe_preview_put_hints(out, preview, lethe_workbench_damping(wb));
    if (moved)
        put_leverage(out, preview);
}

void lethe_preview_put(struct lethe_value *out, const struct lethe_workbench *wb)
{
    struct lethe_figure_rows figures;
    lethe_workbench_figure_rows(wb, &figures);
    if (wb->preview->partial)
        lethe_put_bool(out, "partial", 1);
    put_figures(out, &figures, wb);
    if (wb->preview->method)
        lethe_method_put_step(out, wb->preview);
    else
        put_step(out, wb);
    put_retrains(out, wb);
    lethe_preview_put_states(out, wb, &figures);
    lethe_preview_put_notes(out, wb, &figures);
}
