/* SPDX-License-Identifier: MIT
 * What the blanket pane shows: the units of the selection in their order, or single weights by the
 * unit they belong to, and how many of them are taken. */
#include <math.h>
#include <string.h>

#include "lethe/blanket.h"
#include "ui/fill.h"
#include "workbench/weight_groups.h"

/* What the numbers beside the units are: T of one sample, what was gained in T summed over several,
 * or whatever the selector goes by. */
static const char *score_name(const struct lethe_selection *selection, size_t deciding)
{
    if (strcmp(selection->method->name, "lfoci") != 0)
        return strcmp(selection->method->name, "gain") == 0 ? "gain" : "score";
    return deciding > 1 ? "gain" : "T";
}

/* Single weights by the unit they belong to. */
static void fill_weights(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_selection *selection = &wb->selected->selection;
    const struct lethe_graph *graph = wb->project.graph;
    struct lethe_view *view = &fill->view;
    struct lethe_weight_groups groups = {0};
    const size_t wanted = lethe_workbench_units(wb);
    view->weight_count = selection->count;
    view->weights = wanted < selection->count ? wanted : selection->count;
    view->blanket_all = strcmp(wb->settings.text[LETHE_SET_BLANKET], "all") == 0;
    view->blanket_units = selection->units;
    view->blanket_params = view->weights;
    view->stopped = selection->stopped;
    view->score_name = "share";
    const int known = wb->preview && wb->preview->units == view->weights;
    view->weights_reach = known ? wb->preview->reach.value : NAN;
    view->weights_reach_is_estimate = known && !wb->preview->reach.exact;
    if (lethe_weight_groups_init(&groups, graph, selection, view->weights, NULL))
        return;
    struct lethe_view_unit *rows = lethe_arena_alloc(&fill->arena, groups.count, sizeof *rows);
    for (size_t k = 0; rows && k < groups.count; k++) {
        char name[LETHE_UNIT_NAME];
        lethe_unit_name(name, sizeof name, graph, groups.at[k].unit);
        const char *copy = lethe_arena_strdup(&fill->arena, name);
        const double share = (double)groups.at[k].count / (double)groups.at[k].of;
        rows[k] = (struct lethe_view_unit){.name = copy ? copy : "",
                                           .gain = share,
                                           .cumulative = NAN,
                                           .parameters = groups.at[k].count,
                                           .of = groups.at[k].of,
                                           .reach = NAN};
    }
    view->blanket = rows;
    view->blanket_count = view->blanket_size = rows ? groups.count : 0;
    lethe_weight_groups_release(&groups);
}

/* Reach of each number of units; where only the present one's is known, of that. */
static void fill_reach(struct lethe_view_unit *rows, size_t count, size_t taken,
                       const struct lethe_preview *preview)
{
    const struct lethe_reach *reach = &preview->reach;
    for (size_t k = 0; k < count && k < reach->count; k++) {
        rows[k].reach = reach->rows[k];
        rows[k].reach_is_estimate = k >= reach->exact_rows;
    }
    if (taken && taken <= count && preview->units == taken) {
        rows[taken - 1].reach = reach->value;
        rows[taken - 1].reach_is_estimate = !reach->exact;
    }
}

void lethe_fill_blanket(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_selection *selection = wb->selected ? &wb->selected->selection : NULL;
    struct lethe_graph *graph = wb->project.graph;
    struct lethe_view *view = &fill->view;
    if (!fill->anew || !graph)
        return;
    view->blanket_all = strcmp(wb->settings.text[LETHE_SET_BLANKET], "all") == 0;
    if (!selection)
        return;
    if (selection->weights) {
        fill_weights(fill, wb);
        return;
    }
    struct lethe_view_unit *rows = lethe_arena_alloc(&fill->arena, selection->count, sizeof *rows);
    if (!rows && selection->count)
        return;
    size_t taken = lethe_workbench_units(wb);
    taken = taken < selection->count ? taken : selection->count;
    for (size_t k = 0; k < selection->count; k++) {
        const struct lethe_pick *pick = &selection->picks[k];
        char name[LETHE_UNIT_NAME];
        lethe_unit_name(name, sizeof name, graph, pick->unit);
        const char *copy = lethe_arena_strdup(&fill->arena, name);
        rows[k] = (struct lethe_view_unit){.name = copy ? copy : "",
                                           .gain = pick->score,
                                           .cumulative = pick->cumulative,
                                           .parameters = lethe_unit_at(graph, pick->unit).params,
                                           .after_stop = k >= selection->accepted,
                                           .votes = pick->votes,
                                           .reach = NAN};
        if (wb->checks.stable.runs && selection->samples == 1 &&
            pick->unit < wb->checks.stable.units) {
            rows[k].times = wb->checks.stable.times[pick->unit];
            rows[k].runs = wb->checks.stable.runs;
        }
        view->blanket_params += k < taken ? rows[k].parameters : 0;
    }
    if (wb->preview)
        fill_reach(rows, selection->count, taken, wb->preview);
    view->blanket = rows;
    view->blanket_count = selection->count;
    view->blanket_size = taken;
    view->blanket_units = selection->units;
    view->stopped = selection->stopped;
    view->deciding =
        selection->picks && selection->count && selection->picks[0].votes ? selection->samples : 1;
    view->score_name = score_name(selection, view->deciding);
}
