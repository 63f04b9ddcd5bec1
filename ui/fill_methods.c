/* SPDX-License-Identifier: MIT
 * What the pane of methods shows: the last table of methods or masks, by how near they came. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/fill.h"

static void take_figures(double to[LETHE_VIEW_TABLE_FIGURES],
                         const double given[LETHE_METHOD_FIGURES])
{
    static const enum lethe_method_figure from[] = {
        [LETHE_VIEW_TABLE_KL_FORGET] = LETHE_FIGURE_KL_FORGET,
        [LETHE_VIEW_TABLE_KL_RETAIN] = LETHE_FIGURE_KL_RETAIN,
        [LETHE_VIEW_TABLE_FORGET] = LETHE_FIGURE_FORGET_ACCURACY,
        [LETHE_VIEW_TABLE_HELDOUT] = LETHE_FIGURE_HELDOUT_ACCURACY,
        [LETHE_VIEW_TABLE_AUC] = LETHE_FIGURE_AUC,
        [LETHE_VIEW_TABLE_RETAIN] = LETHE_FIGURE_RETAIN_ACCURACY,
        [LETHE_VIEW_TABLE_KL_HELDOUT] = LETHE_FIGURE_KL_HELDOUT,
        [LETHE_VIEW_TABLE_RECOVERY] = LETHE_FIGURE_RECOVERY,
        [LETHE_VIEW_TABLE_GAP] = LETHE_FIGURE_GAP,
    };
    for (size_t f = 0; f < sizeof from / sizeof *from; f++)
        to[f] = given[from[f]];
    to[LETHE_VIEW_TABLE_Z] = NAN;
}

static void take_those_of(double to[LETHE_VIEW_TABLE_FIGURES], const struct lethe_variant *variant)
{
    double given[LETHE_METHOD_FIGURES];
    for (int f = 0; f < LETHE_METHOD_FIGURES; f++)
        given[f] = lethe_method_figure(variant, (enum lethe_method_figure)f);
    take_figures(to, given);
}

/* The line that makes the removal so, in the arena; masks are of the whole network. */
static const char *line_of(struct lethe_fill *fill, const struct lethe_settings *settings,
                           int masks)
{
    char line[2 * LETHE_SETTING_TEXT];
    const char *with = settings->text[LETHE_SET_METHOD_WITH];
    snprintf(line, sizeof line, "%smethod %.40s%s%s", masks ? "blanket all; " : "",
             settings->text[LETHE_SET_METHOD], *with ? " " : "", with);
    return lethe_arena_strdup(&fill->arena, line);
}

static int is_set(const struct lethe_settings *own, const struct lethe_settings *row)
{
    return !strcmp(own->text[LETHE_SET_METHOD], row->text[LETHE_SET_METHOD]) &&
           !strcmp(own->text[LETHE_SET_METHOD_WITH], row->text[LETHE_SET_METHOD_WITH]);
}

static void fill_row(struct lethe_fill *fill, struct lethe_view_table_row *to,
                     const struct lethe_workbench *wb, const struct lethe_method_trial *trial)
{
    const struct lethe_method_comparison *table = wb->trail.table;
    const int by_mask = wb->trail.masks;
    *to = (struct lethe_view_table_row){
        .name = by_mask ? lethe_method_trial_mask(trial) : trial->settings.text[LETHE_SET_METHOD],
        .word = trial->settings.text[LETHE_SET_METHOD],
        .line = line_of(fill, &trial->settings, by_mask),
        .note = trial->variant.note,
        .set = is_set(&wb->settings, &trial->settings),
        .seconds = trial->variant.failed ? NAN : trial->variant.seconds};
    take_those_of(to->figure, &trial->variant);
    to->figure[LETHE_VIEW_TABLE_Z] = lethe_method_z(table, &trial->variant, LETHE_FIGURE_AUC);
}

/* Nearest first; those that could not be made last. */
static void order_rows(size_t *order, const struct lethe_method_comparison *table)
{
    for (size_t i = 0; i < table->count; i++) {
        size_t k = i;
        for (; k && table->row[order[k - 1]].score > table->row[i].score; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
}

static void fill_beside(struct lethe_view_table_row *to, const char *name, const double *given)
{
    *to = (struct lethe_view_table_row){.name = name, .seconds = NAN};
    take_figures(to->figure, given);
}

void lethe_fill_methods(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_method_comparison *from = wb->trail.table;
    struct lethe_view_table *to = &fill->view.table;
    size_t order[LETHE_METHOD_ROWS] = {0}, count = 0;
    if (!fill->anew || !from)
        return;
    struct lethe_view_table_row *rows =
        lethe_arena_alloc(&fill->arena, from->count + 3, sizeof *rows);
    if (!rows)
        return;
    order_rows(order, from);
    rows[count] = (struct lethe_view_table_row){.name = "(nothing done)", .seconds = NAN};
    take_those_of(rows[count++].figure, &from->before);
    for (size_t i = 0; i < from->count; i++) {
        fill_row(fill, &rows[count++], wb, &from->row[order[i]]);
        to->tuned |= from->row[i].tuned;
        if (!wb->trail.masks && !from->row[i].tuned && !lethe_method_trial_published(&from->row[i]))
            to->own = from->row[i].settings.text[LETHE_SET_METHOD];
    }
    if (from->retrains) {
        fill_beside(&rows[count], "(retrained, mean)", from->mean);
        rows[count++].seconds = from->seconds;
        fill_beside(&rows[count++], "(retrained, sd)", from->sd);
    }
    to->rows = rows;
    to->count = count;
    to->retrains = from->retrains;
    to->masks = wb->trail.masks;
    to->stale = !lethe_trail_table_holds(wb);
}
