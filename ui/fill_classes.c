/* SPDX-License-Identifier: MIT
 * What the panes of classes and of confusion show: the workbench's views of both. */
#include "ui/fill.h"

const char *const *lethe_fill_class_names(struct lethe_fill *fill,
                                          const struct lethe_model_view *view)
{
    const char **names = lethe_arena_alloc(&fill->arena, view->classes, sizeof *names);
    for (size_t c = 0; names && c < view->classes; c++) {
        char name[LETHE_VIEW_CLASS];
        lethe_model_view_class(name, view, c);
        if (!(names[c] = lethe_arena_strdup(&fill->arena, name)))
            return NULL;
    }
    return names;
}

static const char *set_name(enum lethe_side set)
{
    return set == LETHE_SIDE_FORGET ? "forget" : set == LETHE_SIDE_RETAIN ? "retained" : "held-out";
}

void lethe_fill_classes(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_model_view *from = wb->views[LETHE_VIEW_CLASSES];
    struct lethe_view_classes *to = &fill->view.by_class;
    if (!fill->anew || !from || !(to->names = lethe_fill_class_names(fill, from)))
        return;
    for (int m = 0; m < LETHE_VIEW_COMPARED; m++)
        to->at[m] = from->value[m];
    to->count = from->classes;
    to->order = from->ids;
    to->samples = from->count;
    to->set = set_name(from->request.set);
    to->stale = !lethe_model_view_holds(wb, LETHE_VIEW_CLASSES);
}

void lethe_fill_confusion(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_model_view *from = wb->views[LETHE_VIEW_CONFUSION];
    struct lethe_view_confusion *to = &fill->view.confusion;
    if (!fill->anew || !from || !(to->names = lethe_fill_class_names(fill, from)))
        return;
    for (int m = 0; m < LETHE_VIEW_COMPARED; m++)
        to->at[m] = from->value[m];
    to->count = from->classes;
    to->set = set_name(from->request.set);
    to->stale = !lethe_model_view_holds(wb, LETHE_VIEW_CONFUSION);
}
