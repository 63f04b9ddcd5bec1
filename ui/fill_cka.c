/* SPDX-License-Identifier: MIT
 * What the pane of layers' similarity shows: the workbench's view of it. */
#include "ui/fill.h"

void lethe_fill_cka(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_model_view *from = wb->views[LETHE_VIEW_LAYERS];
    struct lethe_view_cka *to = &fill->view.cka;
    if (!fill->anew || !from)
        return;
    const struct lethe_graph *graph = from->snapshot->graph;
    const char **names = lethe_arena_alloc(&fill->arena, from->rows, sizeof *names);
    for (size_t k = 0; names && k < from->rows; k++)
        names[k] = lethe_graph_layer(graph, k)->name;
    *to = (struct lethe_view_cka){.count = names ? from->rows : 0,
                                  .names = names,
                                  .cka = from->value[0],
                                  .share = from->value[1],
                                  .a = from->request.a,
                                  .b = from->request.b,
                                  .stale = !lethe_model_view_holds(wb, LETHE_VIEW_LAYERS)};
}
