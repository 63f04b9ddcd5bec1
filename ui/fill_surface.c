/* SPDX-License-Identifier: MIT
 * What the surface pane shows: the map the workbench keeps and the dampings its rules recommend. */
#include "ui/fill.h"

const char *lethe_fill_surface_words(const struct lethe_surface *surface)
{
    return surface->predicted ? "change of the forget loss, predicted"
                              : lethe_surface_value_words(surface->figure);
}

/* The workbench's map has a row for each damping, the screen's a row for each size. */
void lethe_fill_surface(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_surface *from = wb->surface;
    struct lethe_view_surface *to = &fill->view.surface;
    if (!fill->anew || !from)
        return;
    double *values = lethe_arena_alloc(&fill->arena, from->rows * from->columns, sizeof *values);
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
                                      .figure = lethe_fill_surface_words(from),
                                      .rule_count = 0};
    const struct lethe_view_rule rules[] = {{"auto", from->automatic},
                                            {"lift", from->hints.lift},
                                            {"tenth", from->hints.tenth},
                                            {"corner", from->hints.corner}};
    for (size_t k = 0; k < sizeof rules / sizeof *rules; k++)
        if (rules[k].damping > 0)
            to->rules[to->rule_count++] = rules[k];
}
