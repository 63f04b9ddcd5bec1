/* SPDX-License-Identifier: MIT
 * What the settings ask for: how many units of an order, with the curvature of how many of them,
 * and whether their step is fitted to an outcome. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "removal/damping.h"
#include "removal/stage_common.h"
#include "removal/target.h"

enum { ROOM = 1024 }; /* parameters up to which a curvature is made in one go */

/* ---- sizes ----------------------------------------------------------------------------------- */

/* Units from the top that fit a share of all parameters. */
static size_t fitting(const struct lethe_graph *graph, const struct lethe_selection *selection,
                      double share)
{
    double left = share * (double)lethe_graph_size(graph);
    size_t count = 0;
    for (; count < selection->count; count++) {
        left -= (double)lethe_unit_at(graph, selection->picks[count].unit).params;
        if (left < 0)
            break;
    }
    return count;
}

size_t lethe_blanket_curvature_units(const struct lethe_graph *graph,
                                     const struct lethe_selection *selection,
                                     const struct lethe_settings *settings)
{
    const char *text = settings->text[LETHE_SET_BLANKET];
    size_t wanted = lethe_settings_count(settings, LETHE_SET_BLANKET);
    if (strcmp(text, "auto") == 0)
        wanted = selection->accepted;
    else if (strchr(text, '%'))
        wanted = fitting(graph, selection, strtod(text, NULL) / 100);
    return wanted < selection->count ? wanted : selection->count;
}

/* Units of an order within a room of parameters. */
static size_t within(const struct lethe_graph *graph, const struct lethe_selection *order,
                     size_t room)
{
    size_t params = 0, units = 0;
    for (; units < order->count; units++) {
        params += lethe_unit_at(graph, order->picks[units].unit).params;
        if (params > room)
            break;
    }
    return units;
}

size_t lethe_blanket_curvature_extent(const struct lethe_snapshot *snapshot,
                                      const struct lethe_selected *selected,
                                      const struct lethe_settings *settings)
{
    const struct lethe_selection *order = &selected->selection;
    const size_t wanted = lethe_blanket_curvature_units(snapshot->graph, order, settings);
    const size_t dense = lethe_dense_parameters(snapshot, settings);
    const size_t room = dense < ROOM ? dense : ROOM;
    const int small = lethe_graph_size(snapshot->graph) <= dense;
    if (order->weights && wanted <= room)
        return order->count < room ? order->count : room;
    if (small || order->weights)
        return small ? order->count : wanted;
    const size_t first = within(snapshot->graph, order, room);
    if (first >= wanted)
        return first;
    const size_t second = within(snapshot->graph, order, dense);
    return second >= wanted ? second : wanted;
}

/* ---- curvature ------------------------------------------------------------------------------- */

int lethe_outcome_wanted(const struct lethe_settings *settings,
                         const struct lethe_selected *selected)
{
    const char *form = settings->text[LETHE_SET_FORM];
    return selected && (strcmp(form, "outcome") == 0 ||
                        (selected->selection.weights && strcmp(form, "auto") == 0));
}

enum lethe_err lethe_blanket_curvature_aim(struct lethe_blanket_curvature *curve,
                                           const struct lethe_selected *selected,
                                           const struct lethe_settings *settings,
                                           struct lethe_blanket_curvature *whole,
                                           struct lethe_watch *watch, struct lethe_error *err)
{
    const double mu = lethe_damping_of(settings, curve->snapshot);
    if (!curve->blanket.count || !lethe_outcome_wanted(settings, selected))
        return LETHE_OK;
    if (selected->target && lethe_target_fits(selected->target, curve->snapshot, settings)) {
        curve->target = lethe_target_ref(selected->target);
        return LETHE_OK;
    }
    return lethe_target_make(&curve->target, curve->snapshot, settings, mu, whole, watch, err);
}

static enum lethe_err make(struct lethe_blanket_curvature **curve, struct lethe_snapshot *snapshot,
                           const struct lethe_selected *selected,
                           struct lethe_blanket_curvature *whole,
                           const struct lethe_settings *settings, size_t dense,
                           struct lethe_watch *watch, struct lethe_error *err)
{
    const double start = lethe_clock();
    struct lethe_blanket_curvature *made = NULL;
    if (!selected)
        return lethe_plain_curvature(curve, snapshot, settings, dense, watch, err);
    enum lethe_err code = lethe_blanket_curvature_begin(
        &made, snapshot, selected, lethe_stage_wants_residual(snapshot, selected, settings, dense),
        watch, err);
    if (!code)
        code = lethe_blanket_curvature_aim(made, selected, settings, whole, watch, err);
    if (!code)
        code = lethe_blanket_curvature_measure(made, selected, settings, dense, watch, err);
    if (code) {
        lethe_blanket_curvature_unref(made);
        return code;
    }
    made->seconds = lethe_clock() - start;
    *curve = made;
    return LETHE_OK;
}

enum lethe_err lethe_blanket_curvature_make(struct lethe_blanket_curvature **curve,
                                            struct lethe_snapshot *snapshot,
                                            const struct lethe_selected *selected,
                                            const struct lethe_settings *settings,
                                            struct lethe_watch *watch, struct lethe_error *err)
{
    return make(curve, snapshot, selected, NULL, settings,
                lethe_dense_parameters(snapshot, settings), watch, err);
}

enum lethe_err lethe_blanket_curvature_matrix(struct lethe_blanket_curvature **curve,
                                              struct lethe_snapshot *snapshot,
                                              const struct lethe_selected *selected,
                                              const struct lethe_settings *settings,
                                              struct lethe_watch *watch, struct lethe_error *err)
{
    return make(curve, snapshot, selected, NULL, settings, LETHE_CURVATURE_DENSE, watch, err);
}

enum lethe_err lethe_blanket_curvature_wanted(struct lethe_blanket_curvature **curve,
                                              struct lethe_snapshot *snapshot,
                                              const struct lethe_selected *selected,
                                              struct lethe_blanket_curvature *whole,
                                              const struct lethe_settings *settings,
                                              struct lethe_watch *watch, struct lethe_error *err)
{
    const size_t dense = lethe_dense_parameters(snapshot, settings);
    if (!strcmp(settings->text[LETHE_SET_BLANKET], "all"))
        return make(curve, snapshot, NULL, NULL, settings, dense, watch, err);
    struct lethe_selected head = *selected; /* borrows; never released */
    head.selection.count = lethe_blanket_curvature_extent(snapshot, selected, settings);
    return make(curve, snapshot, &head, whole, settings, dense, watch, err);
}
