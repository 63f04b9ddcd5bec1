/* SPDX-License-Identifier: MIT
 * plot: results as a picture in a file, or as the numbers behind it. */
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"
#include "cmd/commands.h"
#include "workbench/attack_threshold.h"
#include "workbench/plot_kinds.h"
#include "workbench/plots.h"
#include "workbench/workbench.h"

struct plotting {
    const struct lethe_plot_kind *kind;
    char *path;                  /* NULL: shown in the terminal */
    int sixel;                   /* shown as a picture where that works */
    char *picture, missing[160]; /* sixel: the picture, or why there is none */
    size_t picture_size;
    struct lethe_sheet *sheet;
    struct lethe_comparison_base base; /* of kinds that are computed */
};

static void free_plotting(void *arg)
{
    struct plotting *p = arg;
    lethe_sheet_unref(p->sheet);
    lethe_comparison_base_release(&p->base);
    lethe_free(p->path);
    lethe_free(p->picture);
    lethe_free(p);
}

static enum lethe_err compute(struct plotting *p, struct lethe_watch *watch,
                              struct lethe_error *err)
{
    enum lethe_err code = lethe_comparison_base_move(&p->base, watch, err);
    if (!code)
        code = lethe_comparison_base_prepare(&p->base, NULL, watch, err);
    return code ? code : p->kind->compute(p->sheet, &p->base, watch, err);
}

/* Without gnuplot the drawing in characters has to do. */
static enum lethe_err draw_sixel(struct plotting *p, struct lethe_watch *watch,
                                 struct lethe_error *err)
{
    struct lethe_error own = {0};
    enum lethe_err code = lethe_plot_render(
        &p->picture, &p->picture_size, lethe_sheet_plot(p->sheet), LETHE_PLOT_SIXEL, watch, &own);
    if (code == LETHE_EIO) {
        snprintf(p->missing, sizeof p->missing, "%.159s", own.message);
        return LETHE_OK;
    }
    if (code && err)
        *err = own;
    return code;
}

static enum lethe_err run_plotting(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct plotting *p = arg;
    enum lethe_err code = p->base.snapshot ? compute(p, watch, err) : LETHE_OK;
    if (!code && p->path)
        code = lethe_plot_save(lethe_sheet_plot(p->sheet), p->path, watch, err);
    if (!code && p->sixel)
        code = draw_sixel(p, watch, err);
    return code;
}

/* ---- answer ---------------------------------------------------------------------------------- */

static void put_series(struct lethe_value *points, const struct lethe_plot *plot,
                       const struct lethe_plot_series *series)
{
    for (size_t i = 0; i < series->n; i++) {
        struct lethe_value *point = lethe_put_object(points, NULL);
        const double x = series->x ? series->x[i] : (double)(i + 1);
        lethe_put_text(point, "series", series->title);
        if (!series->x && i < plot->x.name_count)
            lethe_put_text(point, "x", plot->x.names[i]);
        else
            lethe_put_real(point, "x", x);
        lethe_put_real(point, "y", series->y[i]);
    }
}

static int has_threshold(const struct lethe_plot_kind *kind)
{
    return strcmp(kind->name, "loss") == 0 || strcmp(kind->name, "roc") == 0;
}

static enum lethe_err finish_plotting(struct lethe_workbench *wb, void *arg,
                                      struct lethe_value *out, struct lethe_error *err)
{
    struct plotting *p = arg;
    const struct lethe_plot *plot = lethe_sheet_plot(p->sheet);
    (void)err;
    lethe_hint(lethe_put_text(out, "kind", p->kind->name), LETHE_HINT_QUIET);
    if (p->path) {
        lethe_put_text(out, "path", p->path);
        return LETHE_OK;
    }
    out->owner->sheet = lethe_sheet_ref(p->sheet);
    out->owner->picture = p->picture;
    out->owner->picture_size = p->picture_size;
    p->picture = NULL;
    lethe_put_text(out, "plot", plot->title);
    lethe_hint(lethe_put_text(out, "x_label", plot->x.label), LETHE_HINT_QUIET);
    lethe_hint(lethe_put_text(out, "y_label", plot->y.label), LETHE_HINT_QUIET);
    struct lethe_value *points = lethe_put_list(out, "points");
    for (size_t k = 0; k < plot->series_count; k++) {
        put_series(points, plot, &plot->series[k]);
    }
    lethe_hint(points, LETHE_HINT_QUIET); /* people get the drawing */
    if (has_threshold(p->kind))
        lethe_attack_put_threshold(out, wb);
    if (p->missing[0])
        lethe_put_note(out, "%s", p->missing);
    return LETHE_OK;
}

static enum lethe_err answer_surface(struct lethe_value *out, const struct lethe_surface *surface)
{
    struct lethe_text map = {0};
    lethe_surface_print(&map, surface);
    lethe_hint(lethe_put_text(out, "map", lethe_text_get(&map)), LETHE_HINT_PAGE);
    lethe_text_release(&map);
    return LETHE_OK;
}

/* ---- command --------------------------------------------------------------------------------- */

static enum lethe_err to_compute(struct plotting *p, struct lethe_workbench *wb,
                                 struct lethe_error *err)
{
    struct lethe_snapshot *snapshot;
    if (!lethe_workbench_has_data(wb) || !lethe_workbench_has_forget(wb))
        return lethe_fail(err, LETHE_EARG,
                          "'plot' of this kind needs samples to forget: 'forget "
                          "add SPEC' first");
    enum lethe_err code = lethe_workbench_snapshot(wb, &snapshot, err);
    return code ? code
                : lethe_comparison_base_init(&p->base, snapshot, &wb->settings, wb->selected,
                                             wb->warm, err);
}

static enum lethe_err run_plot(struct lethe_call *call, struct lethe_error *err)
{
    struct lethe_workbench *wb = call->wb;
    const char *path = lethe_args_text(&call->args, "to", NULL);
    enum lethe_plot_format format;
    enum lethe_err code = path ? lethe_plot_format_of(&format, path, err) : LETHE_OK;
    if (code)
        return code;
    const struct lethe_plot_kind *kind = lethe_plot_kind(lethe_args_choice(&call->args, "KIND", 0));
    const int sixel = lethe_args_choice(&call->args, "term", 0) == 1;
    if (path && sixel)
        return lethe_fail(err, LETHE_EARG, "'term=sixel' shows, 'to=' writes: give one of them");
    if (lethe_args_given(&call->args, "threshold") && !has_threshold(kind))
        return lethe_fail(err, LETHE_EARG, "threshold= goes with 'plot loss' and 'plot roc'");
    if (kind->map && wb->surface && !path && !sixel)
        return answer_surface(call->out, wb->surface);
    struct plotting *p = lethe_alloc_zero(1, sizeof *p);
    if (!p)
        return lethe_fail_memory(err, "a plot", 1, sizeof *p);
    p->kind = kind;
    p->sixel = sixel;
    lethe_call_task(call, run_plotting, finish_plotting, free_plotting, p);
    char below[LETHE_PLOTS_SUBTITLE];
    lethe_plots_subtitle(below, wb, kind->about);
    p->sheet = lethe_sheet_new(kind->title, below, err);
    p->path = path ? lethe_strdup(path) : NULL;
    if (!p->sheet || (path && !p->path))
        return lethe_fail_memory(err, "a plot", 1, 1);
    const double before = wb->attack_threshold;
    wb->attack_threshold = lethe_args_real(&call->args, "threshold", before);
    code = kind->compute ? to_compute(p, wb, err) : kind->fill(p->sheet, wb, err);
    if (code)
        wb->attack_threshold = before;
    wb->version += wb->attack_threshold != before;
    return code;
}

static const char *kind_name(size_t n)
{
    return n < lethe_plot_kind_count() ? lethe_plot_kind(n)->name : NULL;
}

static int kind_entry(size_t n, const char **name, const char **meaning)
{
    if (n >= lethe_plot_kind_count())
        return 0;
    *name = lethe_plot_kind(n)->name;
    *meaning = lethe_plot_kind(n)->shows;
    return 1;
}

static const struct lethe_arg_spec plot_args[] = {
    {.name = "KIND",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_NEEDED,
     .choice = kind_name,
     .help = "what is drawn"},
    {.name = "to",
     .kind = LETHE_ARG_PATH,
     .flags = LETHE_ARG_KEYED,
     .help = "picture: FILE.png, .svg, .pdf or .six"},
    {.name = "term",
     .kind = LETHE_ARG_CHOICE,
     .flags = LETHE_ARG_KEYED,
     .choices = "cells|sixel",
     .help = "how it is shown without 'to=': in characters, or as a picture (cells)"},
    {.name = "threshold",
     .kind = LETHE_ARG_REAL,
     .flags = LETHE_ARG_KEYED,
     .max = 1e6,
     .help = "of loss and roc: a member is who has a loss of at most this; 0: none"},
};

const struct lethe_command lethe_command_plot = {
    .name = "plot",
    .group = LETHE_GROUP_LOOK,
    .flags = LETHE_NEEDS_MODEL,
    .summary = "Draw results in the terminal or into a file",
    .detail = "Pictures are made by gnuplot; the terminal's own charts do without. --json has the "
              "numbers.",
    .entries = "kinds",
    .entry = kind_entry,
    .examples = "plot loss\nplot damping to=damping.png\nplot roc term=sixel",
    LETHE_ARGS(plot_args),
    .run = run_plot,
};
