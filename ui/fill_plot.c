/* SPDX-License-Identifier: MIT
 * The plots of the view: the unit that was asked about, losses, margins, ROC, damping, and what
 * commands drew. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lethe/eval.h"
#include "ui/fill.h"
#include "workbench/attack_threshold.h"
#include "ui/view/format.h"
#include "workbench/path_figures.h"
#include "workbench/plot_kinds.h"
#include "workbench/workbench.h"

enum { PLOTS = 16, GROUPS = 3, SERIES = GROUPS + 1 };

struct plots {
    struct lethe_view_plot at[PLOTS];
    struct lethe_series series[PLOTS][SERIES];
    size_t count;
};

static const struct lethe_view_plot *find(const struct plots *plots, const char *kind)
{
    for (size_t k = 0; k < plots->count; k++)
        if (strcmp(plots->at[k].kind, kind) == 0)
            return &plots->at[k];
    return NULL;
}

static void add(struct plots *plots, const struct lethe_view_plot *plot)
{
    if (plots->count < PLOTS)
        plots->at[plots->count++] = *plot;
}

/* ---- samples --------------------------------------------------------------------------------- */

struct groups {
    const char *kind, *title;
    const struct lethe_evaluation *outcome;
    int margins;
};

static void add_groups(struct lethe_fill *fill, struct plots *plots, const struct groups *what)
{
    const struct lethe_evaluation *outcome = what->outcome;
    const struct {
        const char *name;
        enum lethe_side set;
        uint16_t ink;
    } groups[] = {{"forget", LETHE_SIDE_FORGET, LETHE_INK_FORGET},
                  {"held-out", outcome->heldout, LETHE_INK_HELDOUT},
                  {"retain", LETHE_SIDE_RETAIN, LETHE_INK_RETAIN}};
    struct lethe_series *series = plots->series[plots->count];
    size_t count = 0;
    for (int g = 0; g < GROUPS; g++) {
        const double *values = lethe_fill_scores(fill, outcome, groups[g].set, what->margins);
        if (!values)
            continue;
        series[count] = (struct lethe_series){.name = groups[g].name,
                                              .y = values,
                                              .count = outcome->count[groups[g].set],
                                              .ink = groups[g].ink};
        count++;
    }
    const struct lethe_view_plot plot = {
        .kind = what->kind,
        .title = what->title,
        .series = series,
        .count = count,
        .axes = {.x_name = what->margins ? "margin: right and sure →" : "loss (nats, log)",
                 .log_x = !what->margins},
        .histogram = 1};
    if (count)
        add(plots, &plot);
}

/* Members are the forget samples, non-members the held-out ones of the same classes: the attack the
 * figures count. 0 when there is no curve. */
static int add_roc(struct lethe_fill *fill, struct lethe_series *series,
                   const struct lethe_attack_losses *losses)
{
    const size_t members = losses->members, others = losses->others, room = members + others + 1;
    size_t count = 0;
    double *score = lethe_arena_alloc(&fill->arena, room, sizeof *score);
    struct lethe_roc_point *points = lethe_arena_alloc(&fill->arena, room, sizeof *points);
    double *x = lethe_arena_alloc(&fill->arena, room, sizeof *x);
    double *y = lethe_arena_alloc(&fill->arena, room, sizeof *y);
    if (members < 2 || !others || !score || !points || !x || !y)
        return 0;
    for (size_t k = 0; k < members; k++)
        score[k] = -losses->member[k]; /* a low loss speaks for membership */
    for (size_t k = 0; k < others; k++)
        score[members + k] = -losses->other[k];
    const struct lethe_pool pool = {score, score + members, members, others};
    if (lethe_roc(points, &count, &pool, NULL) != LETHE_OK)
        return 0;
    for (size_t k = 0; k < count; k++) {
        x[k] = points[k].fpr;
        y[k] = points[k].tpr;
    }
    series->x = x;
    series->y = y;
    series->count = count;
    return 1;
}

/* The attack at the threshold that was set by hand, for the title, whose end may be cut. */
static const char *threshold_words(struct lethe_fill *fill, const struct lethe_workbench *wb,
                                   const struct lethe_attack_losses *now)
{
    char text[96];
    const double at = wb->attack_threshold;
    if (!(at > 0))
        return NULL;
    snprintf(text, sizeof text, "%zu/%zu right, %zu/%zu wrong below %.3g",
             lethe_attack_below(now->member, now->members, at), now->members,
             lethe_attack_below(now->other, now->others, at), now->others, at);
    return lethe_arena_strdup(&fill->arena, text);
}

/* A point on each curve, behind the curves. */
static void add_threshold(struct lethe_fill *fill, struct lethe_series *series,
                          const struct lethe_attack_losses *losses, size_t models, double at)
{
    double *x = lethe_arena_alloc(&fill->arena, models, sizeof *x);
    double *y = lethe_arena_alloc(&fill->arena, models, sizeof *y);
    size_t count = 0;
    for (size_t k = 0; k < models && x && y; k++) {
        if (!losses[k].members || !losses[k].others)
            continue;
        x[count] = (double)lethe_attack_below(losses[k].other, losses[k].others, at) /
                   (double)losses[k].others;
        y[count++] = (double)lethe_attack_below(losses[k].member, losses[k].members, at) /
                     (double)losses[k].members;
    }
    *series = (struct lethe_series){.name = "threshold",
                                    .x = x,
                                    .y = y,
                                    .count = count,
                                    .ink = LETHE_INK_ACCENT,
                                    .points = 1,
                                    .marks = 1};
}

/* So many losses further. */
static double next_threshold(const struct lethe_attack_losses *losses, double at, int above,
                             int steps)
{
    for (int k = 0; k < steps; k++)
        at = lethe_attack_next(losses, at, above);
    return at;
}

/* Titles and next steps of the plots of losses, which have the threshold too. */
static void put_threshold(struct plots *plots, const struct lethe_workbench *wb,
                          const struct lethe_attack_losses *now, const char *words)
{
    for (size_t k = 0; k < plots->count; k++) {
        struct lethe_view_plot *plot = &plots->at[k];
        const int is_loss = strcmp(plot->kind, "loss") == 0;
        if (!is_loss && strcmp(plot->kind, "roc") != 0)
            continue;
        plot->threshold = wb->attack_threshold;
        for (int far = 0; far < 2; far++) {
            plot->below[far] = next_threshold(now, wb->attack_threshold, 0, far ? 10 : 1);
            plot->above[far] = next_threshold(now, wb->attack_threshold, 1, far ? 10 : 1);
        }
        if (words)
            plot->title = words;
    }
}

static void add_attack(struct lethe_fill *fill, struct plots *plots,
                       const struct lethe_workbench *wb)
{
    const struct {
        const char *name;
        const struct lethe_evaluation *outcome;
        uint16_t ink;
    } models[] = {{"before", wb->preview ? &wb->preview->before : NULL, LETHE_INK_DIM},
                  {"now", wb->preview ? &wb->preview->now : NULL, LETHE_INK_FORGET},
                  {"retrain", wb->warm ? &wb->warm->outcome : NULL, LETHE_INK_RETRAIN}};
    struct lethe_series *series = plots->series[plots->count];
    struct lethe_attack_losses losses[GROUPS] = {{0}};
    size_t count = 0;
    for (int k = 0; k < GROUPS; k++) {
        if (!models[k].outcome || lethe_attack_losses_of(&losses[k], models[k].outcome, NULL))
            continue;
        series[count] = (struct lethe_series){.name = models[k].name, .ink = models[k].ink};
        count += (size_t)add_roc(fill, &series[count], &losses[k]);
    }
    if (count && wb->attack_threshold > 0)
        add_threshold(fill, &series[count++], losses, GROUPS, wb->attack_threshold);
    const struct lethe_view_plot plot = {
        .kind = "roc",
        .title = "ROC of the attack",
        .series = series,
        .count = count,
        .axes = {0, 1, 0, 1, 0, 0, 1, "held-out taken for members", "forget samples recognised"}};
    if (count)
        add(plots, &plot);
    if (models[1].outcome)
        put_threshold(plots, wb, &losses[1], threshold_words(fill, wb, &losses[1]));
    for (int k = 0; k < GROUPS; k++)
        lethe_attack_losses_release(&losses[k]);
}

static void add_samples(struct lethe_fill *fill, struct plots *plots,
                        const struct lethe_workbench *wb)
{
    const struct lethe_preview *preview = wb->preview;
    const struct groups groups[] = {
        {"loss", "loss now", preview ? &preview->now : NULL, 0},
        {"before", "loss before", preview ? &preview->before : NULL, 0},
        {"retrain", "loss after retraining", wb->warm ? &wb->warm->outcome : NULL, 0},
        {"margins", "margins now", preview ? &preview->now : NULL, 1}};
    for (size_t k = 0; k < sizeof groups / sizeof *groups; k++) {
        if (groups[k].outcome)
            add_groups(fill, plots, &groups[k]);
        if (k == 0)
            add_attack(fill, plots, wb);
    }
}

/* ---- the rest -------------------------------------------------------------------------------- */

/* A plot of a kind the pane shows by itself, when its results are there. */
static void add_kind(struct lethe_fill *fill, struct plots *plots, const struct lethe_workbench *wb,
                     size_t number)
{
    const struct lethe_plot_kind *kind = lethe_plot_kind(number);
    struct lethe_error ignored = {0};
    struct lethe_view_plot plot = {.kind = kind->name, .title = kind->pane, .count = 1};
    struct lethe_sheet *sheet = lethe_sheet_new(kind->pane, NULL, &ignored);
    if (sheet && kind->fill(sheet, wb, &ignored) == LETHE_OK) {
        fill->sheets[number] = sheet;
        plot.sheet = lethe_sheet_plot(sheet);
        add(plots, &plot);
    } else {
        lethe_sheet_unref(sheet);
    }
}

/* "pass 12/400: KL .0033, probs .71, held-out 86.41": where a path has come to. */
static const char *walk_words(struct lethe_fill *fill, const struct lethe_path *path,
                              const struct lethe_workbench *wb)
{
    const size_t k = path->count - 1;
    const struct lethe_path_figures at =
        lethe_path_figures(path, k, wb->preview ? &wb->preview->before : NULL, wb->warm);
    char text[192], kl[LETHE_FORMAT_ROOM], probs[LETHE_FORMAT_ROOM], accuracy[LETHE_FORMAT_ROOM];
    lethe_format_figure(kl, isnan(at.kl) ? path->at[k].forget_loss : at.kl, LETHE_FIGURE_LOSS);
    lethe_format_figure(probs, at.probs, LETHE_FIGURE_FRACTION);
    lethe_format_figure(accuracy, path->at[k].heldout_accuracy, LETHE_FIGURE_PERCENT);
    snprintf(text, sizeof text, "pass %zu/%zu: %s %s%s%s, held-out %s", k, path->asked,
             isnan(at.kl) ? "forget loss" : "KL", kl, isnan(at.probs) ? "" : ", probs ",
             isnan(at.probs) ? "" : probs, accuracy);
    return lethe_arena_strdup(&fill->arena, text);
}

/* A path that is being made just now, before everything else. */
static void add_walk(struct lethe_fill *fill, struct plots *plots, const struct lethe_workbench *wb)
{
    struct lethe_path *path = fill->walked ? lethe_workbench_path(wb) : NULL;
    if (path && path->count) {
        add_kind(fill, plots, wb, (size_t)(lethe_plot_kind_find("path") - lethe_plot_kind(0)));
        const char *words = walk_words(fill, path, wb);
        if (plots->count && words)
            plots->at[0].title = words;
    }
    lethe_path_unref(path);
}

/* What commands drew: of this snapshot, and marked when the settings have moved on. */
static void add_drawn(struct lethe_fill *fill, struct plots *plots,
                      const struct lethe_workbench *wb)
{
    for (int k = 0; fill->drawn && k < LETHE_DRAWN; k++) {
        const struct lethe_drawn *drawn = &fill->drawn[k];
        char title[64];
        if (!drawn->kind[0] || drawn->snapshot != wb->snapshot || find(plots, drawn->kind))
            continue;
        snprintf(title, sizeof title, "%s%s", drawn->kind,
                 lethe_settings_stale(&drawn->settings, &wb->settings) ? ", earlier settings" : "");
        const char *copy = lethe_arena_strdup(&fill->arena, title);
        const struct lethe_view_plot plot = {.kind = drawn->kind,
                                             .title = copy ? copy : drawn->kind,
                                             .count = 1,
                                             .sheet = lethe_sheet_plot(drawn->sheet)};
        add(plots, &plot);
    }
}

/* The row of the surface nearest to the blanket's size, over damping; damping 0 has no place on the
 * logarithmic axis. */
static void add_damping(struct lethe_fill *fill, struct plots *plots,
                        const struct lethe_workbench *wb)
{
    const struct lethe_surface *surface = wb->surface;
    const size_t size = fill->view.blanket_size;
    size_t at = 0;
    if (!surface || !surface->columns || surface->rows < 3 || find(plots, "damping"))
        return;
    for (size_t k = 1; k < surface->columns; k++)
        if (surface->sizes[k] <= size)
            at = k;
    double *values = lethe_arena_alloc(&fill->arena, surface->rows, sizeof *values);
    if (!values)
        return;
    for (size_t k = 0; k < surface->rows; k++)
        values[k] = surface->value[k * surface->columns + at];
    struct lethe_series *series = plots->series[plots->count];
    *series = (struct lethe_series){
        .x = surface->dampings, .y = values, .count = surface->rows, .ink = LETHE_INK_ACCENT};
    const struct lethe_view_plot plot = {
        .kind = "damping",
        .title = "damping",
        .series = series,
        .count = 1,
        .axes = {.log_x = 1, .x_name = "damping", .y_name = lethe_fill_surface_words(surface)}};
    add(plots, &plot);
}

void lethe_fill_plot(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    struct plots *plots = fill->anew ? lethe_arena_alloc(&fill->arena, 1, sizeof *plots) : NULL;
    if (!plots)
        return;
    add_walk(fill, plots, wb);
    add_samples(fill, plots, wb);
    for (size_t k = 0; k < lethe_plot_kind_count(); k++) {
        if (lethe_plot_kind(k)->pane && !find(plots, lethe_plot_kind(k)->name))
            add_kind(fill, plots, wb, k);
        if (strcmp(lethe_plot_kind(k)->name, "damping") == 0) { /* the slice of the surface */
            add_drawn(fill, plots, wb);
            add_damping(fill, plots, wb);
        }
    }
    for (size_t k = 0; k < plots->count; k++) {
        const struct lethe_plot_kind *kind = lethe_plot_kind_find(plots->at[k].kind);
        plots->at[k].pictured = kind && !kind->map;
    }
    fill->view.plots = plots->at;
    fill->view.plot_count = plots->count;
}
