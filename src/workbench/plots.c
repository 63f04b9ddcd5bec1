/* SPDX-License-Identifier: MIT
 * Results as plots. What a plot needs and is not there yet is named with the command that makes
 * it. */
#include "workbench/plots.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "base/json.h"
#include "base/text.h"
#include "lethe/methods.h"
#include "workbench/attack_threshold.h"
#include "workbench/workbench.h"

/* ---- selection ------------------------------------------------------------------------------- */

enum { NAMES = 64 }; /* positions that get a name */

static const char dot[] = " \xc2\xb7 ";

void lethe_plots_subtitle(char out[LETHE_PLOTS_SUBTITLE], const struct lethe_workbench *wb,
                          enum lethe_plot_about about)
{
    const struct lethe_preview *preview = about <= LETHE_ABOUT_BLANKET ? wb->preview : NULL;
    const struct lethe_ids *forget = &wb->project.forget;
    const size_t samples = about <= LETHE_ABOUT_SAMPLES ? forget->count : 0;
    struct lethe_text line = {0};
    lethe_text_addf(&line, "%.60s", wb->project.name);
    if (samples == 1)
        lethe_text_addf(&line, "%s#%zu to be forgotten", dot, forget->at[0]);
    else if (samples)
        lethe_text_addf(&line, "%s%zu samples to be forgotten", dot, samples);
    if (preview && preview->method)
        lethe_text_addf(&line, "%smethod %s", dot, preview->method->name);
    else if (preview && preview->units == lethe_unit_total(wb->project.graph))
        lethe_text_addf(&line, "%swhole network", dot);
    else if (preview)
        lethe_text_addf(&line, "%s%zu of %zu units", dot, preview->units,
                        lethe_unit_total(wb->project.graph));
    if (preview && !preview->method && about == LETHE_ABOUT_STEP)
        lethe_text_addf(&line, "%sdamping %.3g", dot, lethe_workbench_damping(wb));
    snprintf(out, LETHE_PLOTS_SUBTITLE, "%s", lethe_text_get(&line));
    lethe_text_release(&line);
}

enum lethe_err lethe_plots_scores(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                  struct lethe_error *err)
{
    if (!wb->selected)
        return lethe_fail(err, LETHE_EARG, "there are no scores yet: 'select' first");
    const struct lethe_selection *s = &wb->selected->selection;
    const size_t n = s->count < NAMES ? s->count : NAMES;
    char text[NAMES][LETHE_UNIT_NAME];
    const char *names[NAMES];
    double score[NAMES];
    for (size_t i = 0; i < n; i++) {
        lethe_unit_name(text[i], sizeof text[i], wb->project.graph, s->picks[i].unit);
        names[i] = text[i];
        score[i] = s->picks[i].score;
    }
    const struct lethe_plot_axis x = {.label = "unit", .names = names, .name_count = n};
    const struct lethe_plot_axis y = {.label = "score"};
    const struct lethe_plot_series bars = {
        .title = s->method->name, .style = LETHE_PLOT_BARS, .y = score, .n = n};
    enum lethe_err code = lethe_sheet_axes(sheet, &x, &y, err);
    return code ? code : lethe_sheet_series(sheet, &bars, err);
}

enum lethe_err lethe_plots_why(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                               struct lethe_error *err)
{
    const struct lethe_seen *seen = &wb->checks.seen;
    char unit[LETHE_UNIT_NAME], words[LETHE_UNIT_NAME + 64];
    if (!seen->count)
        return lethe_fail(err, LETHE_EARG, "no unit was looked at yet: 'why UNIT' first");
    lethe_unit_name(unit, sizeof unit, wb->project.graph, seen->unit);
    if (isnan(seen->score))
        snprintf(words, sizeof words, "%s, #%zu", unit, seen->sample);
    else
        snprintf(words, sizeof words, "%s, #%zu: T = %.3f given %zu unit%s", unit, seen->sample,
                 seen->score, seen->given, seen->given == 1 ? "" : "s");
    double lo = INFINITY, hi = 0;
    for (size_t i = 0; i < seen->count; i++) {
        lo = fmin(lo, seen->loss[i]);
        hi = fmax(hi, seen->loss[i]);
    }
    /* T looks at ranks only, so the scale is free to show what it looks at */
    const struct lethe_plot_axis x = {.label = "activation"},
                                 y = {.label = "loss (nats)", .log = lo > 0 && hi > 50 * lo};
    const struct lethe_plot_series points = {.title = words,
                                             .style = LETHE_PLOT_POINTS,
                                             .x = seen->activation,
                                             .y = seen->loss,
                                             .n = seen->count};
    enum lethe_err code = lethe_sheet_axes(sheet, &x, &y, err);
    return code ? code : lethe_sheet_series(sheet, &points, err);
}

/* ---- forget beside held-out samples ---------------------------------------------------------- */

/* Margins or losses of one set under one model; NULL with err filled. */
static double *values_of(const struct lethe_evaluation *evaluation, enum lethe_side side,
                         int margins, struct lethe_error *err)
{
    const struct lethe_outputs out = {evaluation->logits[side], evaluation->labels[side],
                                      evaluation->count[side], evaluation->classes};
    double *values = lethe_alloc(out.n, sizeof *values);
    if (values)
        lethe_rows_score(margins ? values : NULL, margins ? NULL : values, NULL, &out);
    else
        lethe_fail_memory(err, "losses", out.n, sizeof *values);
    return values;
}

static enum lethe_err need_preview(const struct lethe_workbench *wb, struct lethe_error *err)
{
    return wb->preview ? LETHE_OK
                       : lethe_fail(err, LETHE_EARG, "there are no figures yet: 'preview' first");
}

/* Who is called a member by the threshold that was set by hand. */
enum { THRESHOLD = 48 };
static void threshold_label(char label[THRESHOLD], double threshold)
{
    snprintf(label, THRESHOLD, "loss <= %.3g", threshold);
}

static enum lethe_err histograms(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                 int margins, struct lethe_error *err)
{
    enum lethe_err code = need_preview(wb, err);
    if (code)
        return code;
    const struct lethe_evaluation *now = &wb->preview->now;
    const struct {
        const char *title;
        const struct lethe_evaluation *evaluation;
        enum lethe_side side;
    } sets[] = {{"forget before", &wb->preview->before, LETHE_SIDE_FORGET},
                {"forget now", now, LETHE_SIDE_FORGET},
                {"held-out now", now, now->heldout},
                {"forget retrained", wb->warm ? &wb->warm->outcome : NULL, LETHE_SIDE_FORGET}};
    struct lethe_plot_group groups[4];
    double *values[4] = {NULL};
    size_t count = 0;
    for (size_t k = 0; !code && k < sizeof sets / sizeof *sets; k++) {
        if (!sets[k].evaluation || !sets[k].evaluation->count[sets[k].side])
            continue;
        values[count] = values_of(sets[k].evaluation, sets[k].side, margins, err);
        groups[count] = (struct lethe_plot_group){sets[k].title, values[count],
                                                  sets[k].evaluation->count[sets[k].side]};
        code = values[count++] ? LETHE_OK : LETHE_ENOMEM;
    }
    if (!code)
        code =
            lethe_sheet_histograms(sheet, margins ? "margin" : "loss (nats)", groups, count, err);
    if (!code && !margins && wb->attack_threshold > 0) {
        char label[THRESHOLD];
        const struct lethe_plot_mark mark = {wb->attack_threshold, 0, label};
        threshold_label(label, wb->attack_threshold);
        code = lethe_sheet_mark(sheet, &mark, err);
    }
    for (size_t k = 0; k < count; k++)
        lethe_free(values[k]);
    return code;
}

enum lethe_err lethe_plots_losses(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                  struct lethe_error *err)
{
    return histograms(sheet, wb, 0, err);
}

enum lethe_err lethe_plots_margins(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                   struct lethe_error *err)
{
    return histograms(sheet, wb, 1, err);
}

/* Where the threshold that was set by hand stands on the curve. */
static enum lethe_err add_threshold(struct lethe_sheet *sheet,
                                    const struct lethe_attack_losses *losses, double threshold,
                                    struct lethe_error *err)
{
    char label[THRESHOLD];
    const struct lethe_plot_mark mark = {
        (double)lethe_attack_below(losses->other, losses->others, threshold) /
            (double)losses->others,
        (double)lethe_attack_below(losses->member, losses->members, threshold) /
            (double)losses->members,
        label};
    threshold_label(label, threshold);
    return lethe_sheet_mark(sheet, &mark, err);
}

static enum lethe_err add_roc(struct lethe_sheet *sheet, const char *title,
                              const struct lethe_evaluation *evaluation, double threshold,
                              struct lethe_error *err)
{
    struct lethe_attack_losses losses = {0};
    enum lethe_err code = lethe_attack_losses_of(&losses, evaluation, err);
    if (code)
        return code;
    if (threshold > 0 && losses.members && losses.others)
        code = add_threshold(sheet, &losses, threshold, err);
    for (size_t i = 0; i < losses.members; i++)
        losses.member[i] = -losses.member[i];
    for (size_t i = 0; i < losses.others; i++)
        losses.other[i] = -losses.other[i];
    const struct lethe_pool pool = {losses.member, losses.other, losses.members, losses.others};
    if (!code)
        code = lethe_sheet_roc(sheet, title, &pool, err);
    lethe_attack_losses_release(&losses);
    return code;
}

enum lethe_err lethe_plots_roc(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                               struct lethe_error *err)
{
    enum lethe_err code = need_preview(wb, err);
    if (!code)
        code = add_roc(sheet, "before", &wb->preview->before, 0, err);
    if (!code)
        code = add_roc(sheet, "now", &wb->preview->now, wb->attack_threshold, err);
    if (!code && wb->warm)
        code = add_roc(sheet, "retrain", &wb->warm->outcome, 0, err);
    return code;
}

/* ---- history --------------------------------------------------------------------------------- */

double lethe_plots_of(const struct lethe_state *state, const char *set, const char *figure,
                      const char *column)
{
    const char *text = lethe_state_metrics(state);
    struct lethe_json *root = NULL;
    double value = NAN;
    if (text[0] && !lethe_json_parse(&root, text, strlen(text), "metrics", NULL)) {
        const struct lethe_json *part = lethe_json_get(root, set);
        part = part ? lethe_json_get(part, figure) : NULL;
        part = part ? lethe_json_get(part, column) : NULL;
        if (!part || !lethe_json_as_number(part, &value))
            value = NAN;
    }
    lethe_json_free(root);
    return value;
}

/* A figure of a set over the commits up to the head: value[0] is where it began, as the first
 * commit found it, NAN of a retrained model. Returns how many are known. */
static size_t take_history(double *value, size_t n, struct lethe_state *head, const char *set,
                           const char *column)
{
    size_t known = 0;
    for (struct lethe_state *at = head; n; at = lethe_state_parent(at)) {
        value[n--] = lethe_plots_of(at, set, "accuracy", column);
        known += isfinite(value[n + 1]) ? 1 : 0;
        if (!n)
            value[0] = *column == 'n' ? lethe_plots_of(at, set, "accuracy", "before") : NAN;
    }
    return known;
}

enum lethe_err lethe_plots_history(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                   struct lethe_error *err)
{
    static const struct {
        const char *set, *column, *title;
        size_t colour;
    } rows[] = {{"forget", "now", "forgotten", 1},
                {"retain", "now", "retained", 2},
                {"heldout", "now", "held-out", 3},
                {"forget", "retrain", "forgotten, retrained", 1},
                {"heldout", "retrain", "held-out, retrained", 3}};
    enum { NUMBERS = 12 }; /* along the axis */
    size_t n = 0;
    struct lethe_state *head = wb->session ? lethe_session_head(wb->session) : NULL;
    for (const struct lethe_state *at = head; at && lethe_state_parent(at);
         at = lethe_state_parent(at))
        n++;
    if (!n)
        return lethe_fail(err, LETHE_EARG, "there is no commit yet: 'commit' first");
    const struct lethe_plot_axis x = {.label = "commit (0: where it began)",
                                      .low = -0.2,
                                      .high = (double)n + 0.2,
                                      .step = ceil((double)n / NUMBERS)};
    const struct lethe_plot_axis y = {.label = "accuracy"};
    double *value = lethe_alloc(n + 1, 2 * sizeof *value);
    enum lethe_err code = value ? lethe_sheet_axes(sheet, &x, &y, err)
                                : lethe_fail_memory(err, "history", n + 1, 2 * sizeof *value);
    for (size_t i = 0; !code && i <= n; i++)
        value[n + 1 + i] = (double)i;
    for (size_t k = 0; !code && k < sizeof rows / sizeof *rows; k++) {
        const size_t known = take_history(value, n, head, rows[k].set, rows[k].column);
        const struct lethe_plot_series line = {.title = rows[k].title,
                                               .style = LETHE_PLOT_LINE_POINTS,
                                               .x = value + n + 1,
                                               .y = value,
                                               .n = n + 1,
                                               .reference = *rows[k].column == 'r',
                                               .colour = rows[k].colour};
        if (known || !line.reference) /* not every removal stands beside a retraining */
            code = lethe_sheet_series(sheet, &line, err);
    }
    lethe_free(value);
    return code;
}

/* ---- comparisons ----------------------------------------------------------------------------- */

enum lethe_err lethe_plots_damping(struct lethe_sheet *sheet, const struct lethe_sweep *sweep,
                                   struct lethe_error *err)
{
    const size_t n = sweep->rows.count;
    const struct lethe_plot_axis x = {.label = "damping", .log = 1};
    double lo = INFINITY, hi = 0;
    for (size_t i = 0; i < n; i++)
        if (!sweep->rows.at[i].failed) {
            lo = fmin(lo, sweep->rows.at[i].kl_forget);
            hi = fmax(hi, sweep->rows.at[i].kl_forget);
        }
    const struct lethe_plot_axis y = {.label = "KL to retraining, forget samples (nats)",
                                      .log = lo > 0 && hi > 50 * lo};
    double *mu = lethe_alloc(n, sizeof *mu), *kl = lethe_alloc(n, sizeof *kl);
    enum lethe_err code = mu && kl ? lethe_sheet_axes(sheet, &x, &y, err)
                                   : lethe_fail_memory(err, "a curve", n, sizeof *mu);
    size_t count = 0;
    for (size_t i = 0; !code && i < n; i++)
        if (sweep->rows.at[i].mu > 0 && !sweep->rows.at[i].failed) { /* 0 has no logarithm */
            mu[count] = sweep->rows.at[i].mu;
            kl[count++] = sweep->rows.at[i].kl_forget;
        }
    const struct lethe_plot_series line = {
        .title = "KL", .style = LETHE_PLOT_LINE_POINTS, .x = mu, .y = kl, .n = count};
    if (!code)
        code = lethe_sheet_series(sheet, &line, err);
    for (size_t i = 0; !code && i < n; i++) {
        const struct lethe_variant *t = &sweep->rows.at[i];
        const struct lethe_plot_mark mark = {t->mu, t->kl_forget, t->note};
        if (t->note[0] && t->mu > 0 && !t->failed)
            code = lethe_sheet_mark(sheet, &mark, err);
    }
    lethe_free(mu);
    lethe_free(kl);
    return code;
}

enum lethe_err lethe_plots_approximations(struct lethe_sheet *sheet,
                                          const struct lethe_variants *rungs,
                                          struct lethe_error *err)
{
    const char *names[NAMES];
    double kl[NAMES];
    const size_t n = rungs->count < NAMES ? rungs->count : NAMES;
    for (size_t i = 0; i < n; i++) {
        names[i] = rungs->at[i].name;
        kl[i] = rungs->at[i].failed ? NAN : rungs->at[i].kl_forget;
    }
    const struct lethe_plot_axis x = {.label = "approximation", .names = names, .name_count = n};
    const struct lethe_plot_axis y = {.label = "KL to retraining, forget samples (nats)"};
    const struct lethe_plot_series bars = {
        .title = "KL", .style = LETHE_PLOT_BARS, .y = kl, .n = n};
    enum lethe_err code = lethe_sheet_axes(sheet, &x, &y, err);
    return code ? code : lethe_sheet_series(sheet, &bars, err);
}

enum lethe_err lethe_plots_surface(struct lethe_sheet *sheet, const struct lethe_surface *s,
                                   struct lethe_error *err)
{
    struct lethe_plot_rule rules[2];
    size_t count = 0;
    if (s->hints.tenth > 0)
        rules[count++] = (struct lethe_plot_rule){"0.1 x mean", s->hints.tenth};
    if (s->hints.corner > 0)
        rules[count++] = (struct lethe_plot_rule){"L-curve", s->hints.corner};
    const struct lethe_plot_surface surface = {
        .value = s->value,
        .sizes = s->sizes,
        .dampings = s->dampings,
        .rows = s->rows,
        .columns = s->columns,
        .label = s->predicted ? "predicted change of the forget loss" : "KL to retraining (nats)",
        .row = s->row,
        .column = s->column < s->columns ? s->column : s->columns,
        .rules = rules,
        .rule_count = count};
    return lethe_sheet_surface(sheet, &surface, err);
}
