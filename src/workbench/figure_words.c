/* SPDX-License-Identifier: MIT
 * The present value of what a word of the glossary stands for, as a sentence: of each such word,
 * where its figures are and how they are said. */
#include "workbench/figure_words.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* ---- figures of the preview ------------------------------------------------------------------ */

#define ROW(member) offsetof(struct lethe_figure_rows, member)
static const struct {
    const char *name;
    size_t row; /* offset of its struct lethe_shown */
    int percent;
} figures[] = {
    {"forget accuracy", ROW(of_model[LETHE_METRIC_FORGET_ACCURACY]), 1},
    {"forget loss", ROW(of_model[LETHE_METRIC_FORGET_LOSS]), 0},
    {"retain accuracy", ROW(of_model[LETHE_METRIC_RETAIN_ACCURACY]), 1},
    {"retain loss", ROW(of_model[LETHE_METRIC_RETAIN_LOSS]), 0},
    {"held-out accuracy", ROW(of_model[LETHE_METRIC_HELDOUT_ACCURACY]), 1},
    {"held-out loss", ROW(of_model[LETHE_METRIC_HELDOUT_LOSS]), 0},
    {"attack AUC", ROW(of_model[LETHE_METRIC_AUC]), 0},
    {"balanced attack", ROW(of_model[LETHE_METRIC_BALANCED_ACCURACY]), 1},
    {"percentile", ROW(of_model[LETHE_METRIC_PERCENTILE]), 0},
    {"KL", ROW(kl_forget), 0},
    {"js", ROW(js), 0},
    {"churn", ROW(churn), 1},
    {"tug of war", ROW(tug_of_war), 0},
    {"residual gradient", ROW(residual_gradient), 0},
};

static void add_number(struct lethe_text *out, double value, int percent)
{
    if (percent)
        lethe_text_addf(out, "%.2f %%", 100 * value);
    else
        lethe_text_addf(out, "%.3g", value);
}

static void compare(struct lethe_text *out, const struct lethe_shown *shown)
{
    const double before = fabs(shown->before - shown->retrain);
    const double now = fabs(shown->now - shown->retrain);
    const double same = 1e-9 + 0.02 * before;
    if (isnan(before) || isnan(now))
        return;
    lethe_text_add(out, fabs(now - before) <= same ? ", as far from it as before"
                        : now < before             ? ", nearer to it than before"
                                                   : ", further from it than before");
}

static void add_figure(struct lethe_text *out, const char *name, const struct lethe_shown *shown,
                       int percent)
{
    if (isnan(shown->now))
        return;
    lethe_text_addf(out, "%s is ", name);
    add_number(out, shown->now, percent);
    if (!isnan(shown->before)) {
        lethe_text_add(out, " now, before ");
        add_number(out, shown->before, percent);
    }
    if (isnan(shown->retrain)) {
        lethe_text_add(out, "; what retraining gives is not known yet");
        return;
    }
    lethe_text_add(out, "; retraining gives ");
    add_number(out, shown->retrain, percent);
    if (shown->sd > 0) {
        lethe_text_add(out, " with a spread of ");
        add_number(out, shown->sd, percent);
    }
    compare(out, shown);
}

static int add_row(struct lethe_text *out, const struct lethe_workbench *wb, const char *name)
{
    struct lethe_figure_rows rows;
    for (size_t k = 0; wb->preview && k < sizeof figures / sizeof *figures; k++) {
        if (strcmp(figures[k].name, name) != 0)
            continue;
        lethe_workbench_figure_rows(wb, &rows);
        add_figure(out, name,
                   (const struct lethe_shown *)(const void *)((const char *)&rows + figures[k].row),
                   figures[k].percent);
        return 1;
    }
    return 0;
}

static void add_recovery(struct lethe_text *out, const struct lethe_workbench *wb)
{
    struct lethe_figure_rows rows;
    if (!wb->preview)
        return;
    lethe_workbench_figure_rows(wb, &rows);
    const struct lethe_recovery *recovery = &rows.compared.recovery;
    if (isnan(recovery->value))
        lethe_text_add(out, "recovery is known once there is a retraining");
    else
        lethe_text_addf(out,
                        "recovery of the logits is %.3f, of the probabilities %.3f; 1 would be "
                        "all that retraining does",
                        recovery->value, recovery->probs);
}

/* ---- other things on the table --------------------------------------------------------------- */

static void add_damping(struct lethe_text *out, const struct lethe_workbench *wb)
{
    lethe_text_addf(out, "damping is %s", wb->settings.text[LETHE_SET_DAMPING]);
}

static void add_blanket(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->preview)
        lethe_text_addf(out, "the blanket takes %zu units with %zu of %zu parameters",
                        wb->preview->units, wb->preview->parameters,
                        lethe_graph_size(wb->project.graph));
}

static void add_freedom(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->preview && !isnan(wb->preview->freedom))
        lethe_text_addf(out, "the step has %.1f effective degrees of freedom of %zu parameters",
                        wb->preview->freedom, wb->preview->parameters);
}

static void add_norm(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->preview)
        lethe_text_addf(out, "the step moves %zu parameters by %.3g in all",
                        wb->preview->parameters, wb->preview->update.norm);
}

static void add_rho(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->preview && !isnan(wb->preview->ratio))
        lethe_text_addf(out, "rho is %.3g: the objective kept %.0f %% of what was promised",
                        wb->preview->ratio, 100 * wb->preview->ratio);
}

static void add_forget(struct lethe_text *out, const struct lethe_workbench *wb)
{
    lethe_text_addf(out, "%zu samples are marked to be forgotten", wb->project.forget.count);
}

static void add_gone(struct lethe_text *out, const struct lethe_workbench *wb)
{
    lethe_text_addf(out, "%zu samples are gone already", wb->project.removed.count);
}

static const struct {
    const char *name;
    void (*add)(struct lethe_text *out, const struct lethe_workbench *wb);
} things[] = {
    {"recovery", add_recovery}, {"damping", add_damping},
    {"blanket", add_blanket},   {"effective degrees of freedom", add_freedom},
    {"update norm", add_norm},  {"rho", add_rho},
    {"forget", add_forget},     {"forgotten", add_gone},
};

void lethe_figure_words(struct lethe_text *out, const struct lethe_workbench *wb, const char *name)
{
    if (!wb->project.graph || add_row(out, wb, name))
        return;
    for (size_t k = 0; k < sizeof things / sizeof *things; k++)
        if (strcmp(things[k].name, name) == 0)
            things[k].add(out, wb);
}
