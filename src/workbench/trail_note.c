/* SPDX-License-Identifier: MIT
 * What goes into the trail, and how it is told and drawn. */
#include "workbench/trail.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "workbench/workbench.h"

/* Which samples are forgotten from which weights. */
static void name_place(char of[17], const struct lethe_workbench *wb)
{
    struct lethe_hash hash;
    char text[LETHE_HASH_TEXT];
    const char *head = wb->session ? lethe_state_id(lethe_session_head(wb->session)) : "";
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, head, strlen(head));
    lethe_hash_add(&hash, wb->project.forget.at,
                   wb->project.forget.count * sizeof *wb->project.forget.at);
    lethe_hash_text(&hash, text);
    snprintf(of, 17, "%.16s", text);
}

/* What decides a Newton step, in short. */
static void describe(char with[LETHE_SETTING_TEXT], const struct lethe_settings *s)
{
    snprintf(with, LETHE_SETTING_TEXT,
             "select=%.20s,blanket=%.12s,damping=%.20s,"
             "curvature=%.16s,form=%.12s,steps=%.4s,passes=%.6s",
             s->text[LETHE_SET_SELECT_METHOD], s->text[LETHE_SET_BLANKET],
             s->text[LETHE_SET_DAMPING], s->text[LETHE_SET_CURVATURE], s->text[LETHE_SET_FORM],
             s->text[LETHE_SET_STEPS], s->text[LETHE_SET_PASSES]);
}

static void begin(struct lethe_trail_entry *entry, const struct lethe_workbench *wb,
                  const struct lethe_settings *settings)
{
    const char *method = settings->text[LETHE_SET_METHOD];
    *entry = (struct lethe_trail_entry){.forget = wb->project.forget.count};
    snprintf(entry->method, sizeof entry->method, "%.47s", method);
    if (settings->text[LETHE_SET_METHOD_WITH][0])
        memcpy(entry->with, settings->text[LETHE_SET_METHOD_WITH], sizeof entry->with);
    else if (!strcmp(method, "newton"))
        describe(entry->with, settings);
    name_place(entry->of, wb);
}

static void take_figures(struct lethe_trail_entry *entry, const struct lethe_figures *f)
{
    entry->forget_accuracy = f->forget.accuracy;
    entry->retain_accuracy = f->retain.accuracy;
    entry->heldout_accuracy = f->heldout.accuracy;
    entry->auc = f->attack.auc.value;
}

enum lethe_err lethe_trail_note(struct lethe_workbench *wb, struct lethe_error *err)
{
    const struct lethe_preview *p = wb->preview;
    struct lethe_figure_rows rows;
    struct lethe_trail_entry entry;
    if (!p || p->partial || p->estimated)
        return LETHE_OK;
    lethe_workbench_figure_rows(wb, &rows);
    begin(&entry, wb, &wb->settings);
    take_figures(&entry, &p->now.figures);
    entry.parameters = p->parameters;
    entry.seconds = p->seconds;
    entry.kl_forget = rows.kl_forget.now;
    entry.kl_retain = rows.kl_retain.now;
    entry.kl_heldout = rows.kl_heldout.now;
    entry.recovery = wb->warm ? rows.compared.recovery.probs : NAN;
    entry.gap = wb->warm ? rows.compared.gap_now : NAN;
    const enum lethe_err code = lethe_trail_keep(&wb->trail, &entry, err);
    if (!code)
        (void)lethe_trail_sync(wb, 0, NULL); /* no reason to refuse a preview */
    return code;
}

static enum lethe_err note_trial(struct lethe_workbench *wb, const struct lethe_method_trial *trial,
                                 struct lethe_error *err)
{
    const struct lethe_variant *v = &trial->variant;
    struct lethe_trail_entry entry;
    if (v->failed)
        return LETHE_OK;
    begin(&entry, wb, &trial->settings);
    take_figures(&entry, &v->figures);
    entry.parameters = v->parameters;
    entry.seconds = v->seconds;
    entry.kl_forget = v->kl_forget;
    entry.kl_retain = v->kl_retain;
    entry.kl_heldout = v->kl_heldout;
    entry.recovery = v->recovery_probs;
    entry.gap = v->gap;
    return lethe_trail_keep(&wb->trail, &entry, err);
}

enum lethe_err lethe_trail_note_table(struct lethe_workbench *wb,
                                      const struct lethe_method_comparison *table, int masks,
                                      struct lethe_error *err)
{
    struct lethe_trail *trail = &wb->trail;
    struct lethe_method_comparison *copy = lethe_alloc(1, sizeof *copy);
    if (!copy)
        return lethe_fail_memory(err, "a table", 1, sizeof *copy);
    *copy = *table;
    lethe_free(trail->table);
    trail->table = copy;
    trail->masks = masks;
    name_place(trail->table_of, wb);
    wb->version++;
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; !code && i < table->count; i++)
        code = note_trial(wb, &table->row[i], err);
    return code;
}

int lethe_trail_table_holds(const struct lethe_workbench *wb)
{
    char of[17];
    name_place(of, wb);
    return wb->trail.table && !strcmp(wb->trail.table_of, of);
}

/* ---- telling --------------------------------------------------------------------------------- */

void lethe_trail_put(struct lethe_value *out, const struct lethe_workbench *wb)
{
    struct lethe_value *list = lethe_put_list(out, "tried");
    char of[17];
    name_place(of, wb);
    for (size_t i = 0; i < wb->trail.count; i++) {
        const struct lethe_trail_entry *e = &wb->trail.at[i];
        struct lethe_value *row = lethe_put_object(list, NULL);
        lethe_put_text(row, "method", e->method);
        lethe_put_text(row, "here", strcmp(e->of, of) ? "" : "*");
        lethe_put_real(row, "kl_forget", e->kl_forget);
        lethe_put_real(row, "kl_retain", e->kl_retain);
        lethe_put_share(row, "forget_accuracy", e->forget_accuracy);
        lethe_put_share(row, "heldout_accuracy", e->heldout_accuracy);
        lethe_hint(lethe_put_real(row, "time", e->seconds), LETHE_HINT_SECONDS);
        lethe_put_text(row, "with", e->with);
        lethe_hint(lethe_put_real(row, "kl_heldout", e->kl_heldout), LETHE_HINT_QUIET);
        lethe_hint(lethe_put_share(row, "retain_accuracy", e->retain_accuracy), LETHE_HINT_QUIET);
        lethe_hint(lethe_put_real(row, "auc", e->auc), LETHE_HINT_QUIET);
        lethe_hint(lethe_put_real(row, "recovery_probs", e->recovery), LETHE_HINT_QUIET);
        lethe_hint(lethe_put_real(row, "average_gap", e->gap), LETHE_HINT_QUIET);
        lethe_hint(lethe_put_count(row, "parameters", e->parameters), LETHE_HINT_QUIET);
        lethe_hint(lethe_put_count(row, "forget", e->forget), LETHE_HINT_QUIET);
    }
    if (wb->trail.count)
        lethe_put_note(out, "here: of the samples that are chosen and the model as it is, which "
                            "'plot tradeoff' shows");
    else
        lethe_put_note(out, "nothing was tried yet: 'preview', or 'compare methods'");
}

/* ---- drawing --------------------------------------------------------------------------------- */

struct side {
    double *x, *y;
    const char *of;
    int by_kl;
};

static int has_kl(const struct lethe_trail_entry *e)
{
    return !isnan(e->kl_forget) && !isnan(e->kl_retain);
}

/* Whether it is of the samples and model that are drawn, and known by what is drawn. */
static int belongs(const struct lethe_trail_entry *e, const struct side *to)
{
    return !strcmp(e->of, to->of) && (!to->by_kl || has_kl(e));
}

static void point(double *x, double *y, const struct lethe_trail_entry *e, int by_kl)
{
    *x = by_kl ? fmax(e->kl_retain, 1e-12) : e->heldout_accuracy;
    *y = by_kl ? fmax(e->kl_forget, 1e-12) : e->forget_accuracy;
}

/* One series a method, in the order they were tried first. */
static enum lethe_err draw_methods(struct lethe_sheet *sheet, const struct lethe_trail *trail,
                                   const struct side *to, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; !code && i < trail->count; i++) {
        size_t n = 0, first = 0;
        while (!belongs(&trail->at[first], to) ||
               strcmp(trail->at[first].method, trail->at[i].method) != 0)
            if (++first == trail->count)
                break;
        if (first != i)
            continue;
        for (size_t k = i; k < trail->count; k++)
            if (belongs(&trail->at[k], to) && !strcmp(trail->at[k].method, trail->at[i].method)) {
                point(&to->x[n], &to->y[n], &trail->at[k], to->by_kl);
                n++;
            }
        const struct lethe_plot_series series = {.title = trail->at[i].method,
                                                 .style = LETHE_PLOT_POINTS,
                                                 .x = to->x,
                                                 .y = to->y,
                                                 .n = n};
        code = lethe_sheet_series(sheet, &series, err);
        const struct lethe_plot_mark mark = {to->x[0], to->y[0], trail->at[i].method};
        if (!code)
            code = lethe_sheet_mark(sheet, &mark, err);
    }
    return code;
}

enum lethe_err lethe_trail_plot(struct lethe_sheet *sheet, const struct lethe_workbench *wb,
                                struct lethe_error *err)
{
    const struct lethe_trail *trail = &wb->trail;
    size_t here = 0, known = 0;
    char of[17];
    name_place(of, wb);
    for (size_t i = 0; i < trail->count; i++)
        if (!strcmp(trail->at[i].of, of)) {
            here++;
            known += has_kl(&trail->at[i]) ? 1u : 0u;
        }
    if (!here)
        return lethe_fail(err, LETHE_EARG,
                          "nothing was tried on these samples yet: 'preview', or 'compare "
                          "methods'");
    double *x = lethe_alloc(2 * trail->count, sizeof *x);
    if (!x)
        return lethe_fail_memory(err, "points", trail->count, 2 * sizeof *x);
    const struct side to = {x, x + trail->count, of, 2 * known > here};
    char forget[96] = "KL to retraining, forget (nats)";
    if (known < here)
        snprintf(forget, sizeof forget, "KL to retraining, forget (nats); %zu without it left out",
                 here - known);
    const struct lethe_plot_axis across = {.label = to.by_kl ? "KL to retraining, retained (nats)"
                                                             : "held-out accuracy",
                                           .log = to.by_kl};
    const struct lethe_plot_axis up = {.label = to.by_kl ? forget : "forget accuracy",
                                       .log = to.by_kl};
    enum lethe_err code = lethe_sheet_axes(sheet, &across, &up, err);
    if (!code)
        code = draw_methods(sheet, trail, &to, err);
    lethe_free(x);
    return code;
}
