/* SPDX-License-Identifier: MIT
 * The preview's table with its notes, the surface, and the history of commits. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lethe/rng.h"
#include "ui/fill.h"
#include "ui/view/format.h"

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
                                      .kind = kind};
}

__attribute__((format(printf, 4, 5))) static void note(struct lethe_fill *fill, const char **notes,
                                                       size_t *count, const char *format, ...)
{
    char text[LETHE_FILL_TEXT];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    const char *copy = lethe_scrap_strdup(&fill->scrap, text);
    if (copy && *count < NOTES)
        notes[(*count)++] = copy;
}

static void fill_notes(struct lethe_fill *fill, const struct lethe_workbench *wb,
                       const struct lethe_panel *panel)
{
    const struct lethe_preview *preview = wb->preview;
    const struct lethe_truth *warm = wb->warm;
    const char **notes = lethe_scrap_alloc(&fill->scrap, NOTES, sizeof *notes);
    size_t count = 0;
    if (!notes)
        return;
    if (preview && !(preview->update.norm > 0))
        note(fill, notes, &count, "the step is zero: the blanket is empty");
    if (panel->over_unlearned)
        note(fill, notes, &count, "over-unlearned: further from the data than retraining goes");
    if (panel->nothing_to_unlearn)
        note(fill, notes, &count, "already inside the noise floor: nothing to unlearn");
    else if (warm && panel->compared.recovery.verdict == LETHE_RECOVERY_UNCONVERGED)
        note(fill, notes, &count, "model not converged: recovery includes further training");
    if (warm && !warm->report.converged)
        note(fill, notes, &count, "retrain not converged: gradient %.1e after %zu iterations",
             warm->report.gradient, warm->report.iterations);
    fill->view.notes = notes;
    fill->view.note_count = count;
}

/* A number that differs when the forget set or the head does. */
static uint64_t removal_number(const struct lethe_workbench *wb)
{
    const struct lethe_ids *forget = &wb->subject.forget;
    uint64_t number = wb->subject.removed.count;
    for (size_t k = 0; k < forget->count; k++)
        number = lethe_hash3(number, forget->at[k], k);
    return number;
}

void lethe_fill_figures(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    struct lethe_view *view = &fill->view;
    const struct lethe_preview *preview = wb->preview;
    struct lethe_panel panel;
    struct lethe_view_figure *figures = lethe_scrap_alloc(&fill->scrap, FIGURES, sizeof *figures);
    if (!preview || !figures)
        return;
    lethe_workbench_panel(wb, &panel);
    const struct lethe_shown recovery = {NAN, panel.compared.recovery.value, NAN, NAN, NAN, 0};
    const struct lethe_view_figure rows[FIGURES] = {
        row("held-out accuracy", &panel.heldout_accuracy, LETHE_FIGURE_PERCENT),
        row("forget accuracy", &panel.forget_accuracy, LETHE_FIGURE_PERCENT),
        row("forget loss", &panel.forget_loss, LETHE_FIGURE_LOSS),
        row("attack AUC", &panel.auc, LETHE_FIGURE_FRACTION),
        row("KL forget", &panel.kl_forget, LETHE_FIGURE_LOSS),
        row("KL held-out", &panel.kl_heldout, LETHE_FIGURE_LOSS),
        row("recovery", &recovery, LETHE_FIGURE_FRACTION),
        row("retain accuracy", &panel.retain_accuracy, LETHE_FIGURE_PERCENT),
        row("retain loss", &panel.retain_loss, LETHE_FIGURE_LOSS),
        row("held-out loss", &panel.heldout_loss, LETHE_FIGURE_LOSS),
        row("balanced attack", &panel.balanced_accuracy, LETHE_FIGURE_PERCENT),
        row("KL retain", &panel.kl_retain, LETHE_FIGURE_LOSS),
        row("gradient on rest", &panel.residual_gradient, LETHE_FIGURE_LOSS),
    };
    memcpy(figures, rows, sizeof rows);
    figures[2].warning = figures[3].warning = panel.over_unlearned;
    view->figures = figures;
    view->figure_count = FIGURES;
    view->previewed = 1;
    view->half = "tune half";
    view->form = lethe_form_name(preview->update.form);
    view->degrees = preview->freedom;
    fill_notes(fill, wb, &panel);
    memcpy(fill->kept, figures, FIGURES * sizeof *figures);
    fill->kept_for = removal_number(wb);
}

void lethe_fill_keep(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    int working = wb->jobs && lethe_jobs_active(wb->jobs, LETHE_LANE_INTERACTIVE) > 0;
    fill->view.figures = NULL;
    fill->view.figure_count = 0;
    if (!working || !fill->kept[0].name || fill->kept_for != removal_number(wb))
        return;
    for (size_t k = 0; k < FIGURES; k++)
        fill->kept[k].partial = 1;
    fill->view.figures = fill->kept;
    fill->view.figure_count = FIGURES;
}

/* ---- surface --------------------------------------------------------------------------------- */

static const char *rule_words(struct lethe_fill *fill, const struct lethe_damping_hints *hints)
{
    char text[LETHE_FILL_TEXT] = "", value[LETHE_FORMAT_ROOM];
    const struct {
        const char *name;
        double damping;
    } rules[] = {{"lift", hints->lift}, {"tenth", hints->tenth}, {"corner", hints->corner}};
    size_t used = 0;
    for (int k = 0; k < 3; k++)
        if (rules[k].damping > 0 && used < sizeof text) {
            lethe_format_damping(value, rules[k].damping);
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s", used ? "  " : "",
                                     rules[k].name, value);
        }
    return *text ? lethe_scrap_strdup(&fill->scrap, text) : NULL;
}

/* The workbench's map has a row for each damping, the screen's a row for each size. */
void lethe_fill_surface(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_surface *from = wb->surface;
    struct lethe_view_surface *to = &fill->view.surface;
    double *values =
        from ? lethe_scrap_alloc(&fill->scrap, from->rows * from->columns, sizeof *values) : NULL;
    if (!values)
        return;
    for (size_t damping = 0; damping < from->rows; damping++)
        for (size_t size = 0; size < from->columns; size++)
            values[size * from->rows + damping] = from->value[damping * from->columns + size];
    *to = (struct lethe_view_surface){.sizes = from->sizes,
                                      .dampings = from->dampings,
                                      .values = values,
                                      .rows = from->columns,
                                      .cols = from->rows,
                                      .figure = from->predicted
                                                    ? "change of the forget loss, predicted"
                                                    : "KL to retrain, forget",
                                      .rules = rule_words(fill, &from->hints)};
}

/* ---- history --------------------------------------------------------------------------------- */

/* Is a the state b or one of its parents? */
static int precedes(const struct lethe_state *a, const struct lethe_state *b)
{
    for (; b; b = lethe_state_parent(b))
        if (a == b)
            return 1;
    return 0;
}

static const char *forget_words(struct lethe_fill *fill, const struct lethe_state *state)
{
    char text[LETHE_FILL_TEXT] = "";
    size_t count, used = 0;
    const size_t *ids = lethe_state_forget(state, &count);
    for (size_t k = 0; k < count && k < 5 && used < sizeof text; k++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s#%zu", k ? " " : "", ids[k]);
    if (count > 5)
        snprintf(text, sizeof text, "%zu samples", count);
    return lethe_scrap_strdup(&fill->scrap, count ? text : lethe_state_kind(state));
}

void lethe_fill_commits(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_session *session = wb->session;
    size_t count = session ? lethe_session_count(session) : 0;
    struct lethe_view_commit *rows = lethe_scrap_alloc(&fill->scrap, count, sizeof *rows);
    if (!count || !rows)
        return;
    const struct lethe_state *head = lethe_session_head(session);
    for (size_t k = 0; k < count; k++) {
        const struct lethe_state *state = lethe_session_state(session, count - 1 - k);
        char id[9];
        snprintf(id, sizeof id, "%.8s", lethe_state_id(state));
        int on_way = precedes(state, head);
        rows[k] = (struct lethe_view_commit){.id = lethe_scrap_strdup(&fill->scrap, id),
                                             .message = lethe_state_message(state),
                                             .forget = forget_words(fill, state),
                                             .depth = !on_way && !precedes(head, state),
                                             .head = state == head,
                                             .undone = !on_way};
        if (!rows[k].id || !rows[k].forget)
            return; /* no memory: no history rather than half of it */
    }
    fill->view.commits = rows;
    fill->view.commit_count = count;
}
