/* SPDX-License-Identifier: MIT
 * What the embedding pane shows: the workbench's view of it, with the window that holds all of its
 * points. */
#include <math.h>

#include "ui/fill.h"

/* All points of all models, with a little room around them. */
static void set_window(struct lethe_view_embedding *to)
{
    const double room = 0.04;
    for (int d = 0; d < 2; d++) {
        double low = INFINITY, high = -INFINITY;
        for (int m = 0; m < LETHE_VIEW_COMPARED; m++)
            for (size_t k = 0; to->at[m] && k < to->count; k++) {
                const double at = to->at[m][2 * k + (size_t)d];
                low = fmin(low, at);
                high = fmax(high, at);
            }
        const double more = high > low ? room * (high - low) : 1;
        to->low[d] = low - more;
        to->high[d] = high + more;
    }
}

static unsigned char *marks_of(struct lethe_fill *fill, const struct lethe_model_view *from)
{
    unsigned char *marks = lethe_arena_alloc(&fill->arena, from->rows, 1);
    for (size_t k = 0; marks && k < from->rows; k++)
        marks[k] = from->sides[k] == LETHE_SIDE_FORGET   ? LETHE_SCATTER_FORGET
                   : from->sides[k] == LETHE_SIDE_RETAIN ? LETHE_SCATTER_RETAIN
                                                         : LETHE_SCATTER_HELDOUT;
    return marks;
}

void lethe_fill_embedding(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_model_view *from = wb->views[LETHE_VIEW_EMBEDDING];
    struct lethe_view_embedding *to = &fill->view.embedding;
    if (!fill->anew || !from)
        return;
    to->mark = marks_of(fill, from);
    to->class_names = lethe_fill_class_names(fill, from);
    if (!to->mark || !to->class_names)
        return;
    for (int m = 0; m < LETHE_VIEW_COMPARED; m++)
        to->at[m] = from->value[m];
    to->count = from->rows;
    to->id = from->ids;
    to->label = from->labels;
    to->share[0] = from->share[0];
    to->share[1] = from->share[1];
    to->discriminants = from->request.discriminants;
    to->classes = from->classes;
    to->stale = !lethe_model_view_holds(wb, LETHE_VIEW_EMBEDDING);
    set_window(to);
}
