/* SPDX-License-Identifier: MIT
 * The preview's table with its notes, and the surface. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "workbench/preview_notes.h"
#include "lethe/rng.h"
#include "ui/fill.h"
#include "ui/view/format.h"
#include "workbench/verdict.h"

enum { FIGURES = LETHE_FILL_FIGURES, NOTES = 8 };

static struct lethe_view_figure row(const char *name, const struct lethe_shown *shown,
                                    enum lethe_figure_kind kind)
{
    return (struct lethe_view_figure){.name = name,
                                      .before = shown->before,
                                      .now = shown->now,
                                      .retrain = shown->retrain,
                                      .sd = shown->sd,
                                      .z = shown->z,
                                      .says =
                                          shown->says ? lethe_likeness_words(shown->says) : NULL,
                                      .kind = kind};
}

/* The notes of the command's own answer. */
static void fill_notes(struct lethe_fill *fill, const struct lethe_workbench *wb,
                       const struct lethe_figure_rows *panel)
{
    const char **notes = lethe_arena_alloc(&fill->arena, NOTES, sizeof *notes);
    struct lethe_result answer;
    size_t count = 0;
    if (!notes)
        return;
    lethe_result_init(&answer);
    lethe_preview_put_notes(&answer.root, wb, panel);
    for (const struct lethe_value *note = answer.root.first; note && count < NOTES;
         note = note->next) {
        const char *copy =
            note->kind == LETHE_VALUE_TEXT ? lethe_arena_strdup(&fill->arena, note->text) : NULL;
        if (copy)
            notes[count++] = copy;
    }
    lethe_result_release(&answer);
    fill->view.notes = notes;
    fill->view.note_count = count;
}

/* "as retraining: forget accuracy; different: forget loss": the answers of the figures that are
 * judged by several retrains, gathered by answer. */
static const char *answers_of(struct lethe_fill *fill, const struct lethe_view_figure *figures,
                              size_t count)
{
    static const enum lethe_likeness kinds[] = {LETHE_LIKE_RETRAINED, LETHE_LIKE_DIFFERENT,
                                                LETHE_LIKE_UNDECIDED};
    struct lethe_text text = {0};
    for (size_t a = 0; a < sizeof kinds / sizeof *kinds; a++) {
        const char *words = lethe_likeness_words(kinds[a]), *between = ": ";
        for (size_t k = 0; k < count; k++) {
            if (!figures[k].says || strcmp(figures[k].says, words) != 0)
                continue;
            if (*between == ':')
                lethe_text_addf(&text, "%s%s", text.length ? "; " : "", words);
            lethe_text_addf(&text, "%s%s", between, figures[k].name);
            between = ", ";
        }
    }
    const char *made = text.length ? lethe_arena_strdup(&fill->arena, lethe_text_get(&text)) : NULL;
    lethe_text_release(&text);
    return made;
}

static void fill_verdict(struct lethe_fill *fill, const struct lethe_workbench *wb,
                         const struct lethe_figure_rows *rows)
{
    struct lethe_verdict verdict;
    struct lethe_text text = {0};
    lethe_workbench_verdict(wb, rows, &verdict);
    lethe_verdict_put(&text, &verdict, 1);
    snprintf(fill->verdict, sizeof fill->verdict, "%s", lethe_text_get(&text));
    lethe_text_release(&text);
    fill->view.verdict = fill->verdict;
    fill->view.verdict_bad = fill->verdict_bad = verdict.kind == LETHE_VERDICT_WORSE;
}

/* A number that differs when the forget set or the head does. */
static uint64_t removal_number(const struct lethe_workbench *wb)
{
    const struct lethe_ids *forget = &wb->project.forget;
    uint64_t number = wb->project.removed.count;
    for (size_t k = 0; k < forget->count; k++)
        number = lethe_hash3(number, forget->at[k], k);
    return number;
}

/* Figures of one model that have no place of their own above; returns how many rows there are. */
static size_t add_further(struct lethe_view_figure *figures, size_t count,
                          const struct lethe_figure_rows *panel)
{
    static const enum lethe_figure_kind kinds[] = {[LETHE_LOOK_PLAIN] = LETHE_FIGURE_LOSS,
                                                   [LETHE_LOOK_PERCENT] = LETHE_FIGURE_PERCENT,
                                                   [LETHE_LOOK_FRACTION] = LETHE_FIGURE_FRACTION};
    for (size_t i = LETHE_METRIC_NAMED; i < lethe_metric_count(); i++) {
        const struct lethe_metric *metric = lethe_metric(i);
        if (metric->of_model && !(metric->flags & LETHE_METRIC_NOT_ON_SCREEN))
            figures[count++] = row(metric->title ? metric->title : metric->label,
                                   &panel->of_model[i], kinds[metric->look]);
    }
    return count;
}

static void fill_figures(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    struct lethe_view *view = &fill->view;
    const struct lethe_preview *preview = wb->preview;
    struct lethe_figure_rows panel;
    struct lethe_view_figure *figures =
        lethe_arena_alloc(&fill->arena, LETHE_FILL_FIGURES_MOST, sizeof *figures);
    if (!preview || !figures)
        return;
    lethe_workbench_figure_rows(wb, &panel);
    const struct lethe_recovery *r = &panel.compared.recovery;
    const int further = r->verdict == LETHE_RECOVERY_UNCONVERGED;
    const struct lethe_shown
        probs = {NAN, further ? r->change_probs : r->probs, NAN, NAN, NAN, 0, LETHE_LIKE_UNKNOWN},
        logits = {NAN, further ? r->change : r->value, NAN, NAN, NAN, 0, LETHE_LIKE_UNKNOWN},
        fold = {NAN, panel.compared.fold, NAN, NAN, NAN, 0, LETHE_LIKE_UNKNOWN};
    const struct lethe_view_figure rows[FIGURES] = {
        row("held-out accuracy", &panel.of_model[LETHE_METRIC_HELDOUT_ACCURACY],
            LETHE_FIGURE_PERCENT),
        row("forget accuracy", &panel.of_model[LETHE_METRIC_FORGET_ACCURACY], LETHE_FIGURE_PERCENT),
        row("forget loss", &panel.of_model[LETHE_METRIC_FORGET_LOSS], LETHE_FIGURE_LOSS),
        row("attack AUC", &panel.of_model[LETHE_METRIC_AUC], LETHE_FIGURE_FRACTION),
        row("KL forget", &panel.kl_forget, LETHE_FIGURE_LOSS),
        row("KL held-out", &panel.kl_heldout, LETHE_FIGURE_LOSS),
        row("KL nearer by", &fold, LETHE_FIGURE_LOSS),
        row(further ? "change, probs" : "recovery, probs", &probs, LETHE_FIGURE_FRACTION),
        row(further ? "change, logits" : "recovery, logits", &logits, LETHE_FIGURE_FRACTION),
        row("retain accuracy", &panel.of_model[LETHE_METRIC_RETAIN_ACCURACY], LETHE_FIGURE_PERCENT),
        row("retain loss", &panel.of_model[LETHE_METRIC_RETAIN_LOSS], LETHE_FIGURE_LOSS),
        row("held-out loss", &panel.of_model[LETHE_METRIC_HELDOUT_LOSS], LETHE_FIGURE_LOSS),
        row("balanced attack", &panel.of_model[LETHE_METRIC_BALANCED_ACCURACY],
            LETHE_FIGURE_PERCENT),
        row("KL retain", &panel.kl_retain, LETHE_FIGURE_LOSS),
        row("gradient on rest", &panel.residual_gradient, LETHE_FIGURE_LOSS),
    };
    memcpy(figures, rows, sizeof rows);
    const size_t count = add_further(figures, FIGURES, &panel);
    for (size_t k = 0; preview->partial && k < count; k++)
        figures[k].partial = preview->estimated || strstr(figures[k].name, "forget") == NULL;
    figures[2].warning = figures[3].warning = panel.over_unlearned;
    view->figures = figures;
    view->figure_count = count;
    view->previewed = 1;
    if (preview->partial)
        snprintf(fill->half, sizeof fill->half, "~ first look at %zu",
                 preview->now.count[LETHE_SIDE_GLANCE]);
    view->half = preview->partial ? fill->half : "tune half";
    view->form = lethe_form_name(preview->update.form);
    view->degrees = preview->freedom;
    view->answers = answers_of(fill, figures, count);
    fill_notes(fill, wb, &panel);
    fill_verdict(fill, wb, &panel);
    memcpy(fill->kept, figures, count * sizeof *figures);
    fill->kept_count = count;
    fill->kept_for = removal_number(wb);
}

/* While a preview is under way: the figures of the one before, marked as partial. */
static void keep(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    int working = wb->jobs && lethe_jobs_active(wb->jobs, LETHE_LANE_INTERACTIVE) > 0;
    fill->view.figures = NULL;
    fill->view.figure_count = 0;
    fill->view.verdict = fill->view.answers = NULL;
    fill->view.verdict_bad = 0;
    if (!working || !fill->kept[0].name || fill->kept_for != removal_number(wb))
        return;
    for (size_t k = 0; k < fill->kept_count; k++)
        fill->kept[k].partial = 1;
    fill->view.figures = fill->kept;
    fill->view.figure_count = fill->kept_count;
    fill->view.verdict = fill->verdict; /* keeps its place until the next one */
    fill->view.verdict_bad = fill->verdict_bad;
}

void lethe_fill_preview(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    if (fill->anew)
        fill_figures(fill, wb);
    if (!wb->preview)
        keep(fill, wb);
}
