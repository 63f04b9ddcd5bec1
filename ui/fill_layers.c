/* SPDX-License-Identifier: MIT
 * What the layers pane shows: for each unit of each layer its score, or the share of its weights
 * that is taken, and whether it is in the blanket. */
#include <string.h>

#include "ui/fill.h"
#include "workbench/weight_groups.h"

/* Units or single weights of the selection that are in the blanket. */
static size_t taken(const struct lethe_workbench *wb)
{
    const size_t wanted = lethe_workbench_units(wb), count = wb->selected->selection.count;
    return wanted < count ? wanted : count;
}

/* Share of each unit's weights that is in the blanket; NULL: out of memory. */
static double *weight_shares(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_graph *graph = wb->project.graph;
    const size_t units = lethe_unit_count(graph);
    struct lethe_weight_groups groups = {0};
    double *shares = lethe_arena_alloc(&fill->arena, units, sizeof *shares);
    if (!shares ||
        lethe_weight_groups_init(&groups, graph, &wb->selected->selection, taken(wb), NULL))
        return NULL;
    memset(shares, 0, units * sizeof *shares);
    for (size_t k = 0; k < groups.count; k++)
        if (groups.at[k].unit < units)
            shares[groups.at[k].unit] = (double)groups.at[k].count / (double)groups.at[k].of;
    lethe_weight_groups_release(&groups);
    return shares;
}

void lethe_fill_layers(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_selection *selection = wb->selected ? &wb->selected->selection : NULL;
    struct lethe_graph *graph = wb->project.graph;
    if (!fill->anew || !graph)
        return;
    size_t count = lethe_graph_layer_count(graph), units = lethe_unit_count(graph);
    struct lethe_view_layer *rows = lethe_arena_alloc(&fill->arena, count, sizeof *rows);
    unsigned char *chosen = lethe_arena_alloc(&fill->arena, units, 1);
    if (!rows || !chosen)
        return;
    const int weights = selection && selection->weights;
    const double *scores = !selection ? NULL
                           : weights  ? weight_shares(fill, wb)
                                      : selection->marginal;
    for (size_t k = 0; selection && !weights && k < taken(wb); k++)
        if (selection->picks[k].unit < units)
            chosen[selection->picks[k].unit] = 1;
    for (size_t u = 0; weights && scores && u < units; u++)
        chosen[u] = scores[u] > 0;
    for (size_t k = 0; k < count; k++) {
        const struct lethe_layer *layer = lethe_graph_layer(graph, k);
        size_t first = lethe_unit_number(graph, k, 0);
        rows[k] = (struct lethe_view_layer){layer->name, layer->units,
                                            scores ? scores + first : NULL, chosen + first};
    }
    fill->view.layers = rows;
    fill->view.layer_count = count;
}
