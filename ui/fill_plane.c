/* SPDX-License-Identifier: MIT
 * What the plane pane shows: the workbench's plane with the samples' labels and marks. */
#include "ui/fill.h"

static struct lethe_plane_line line_of(const struct lethe_plane_field *field)
{
    return field ? (struct lethe_plane_line){field->line, field->line_count}
                 : (struct lethe_plane_line){0};
}

static const char *const *names_of(struct lethe_fill *fill, const struct lethe_dataset *data)
{
    const size_t classes = lethe_dataset_classes(data);
    const char **names = lethe_arena_alloc(&fill->arena, classes, sizeof *names);
    for (size_t c = 0; names && c < classes; c++)
        if (!(names[c] = lethe_dataset_class_name(data, c)))
            return NULL;
    return names;
}

/* Labels and marks of the samples; 0 without memory. */
static int put_samples(struct lethe_fill *fill, const struct lethe_project *project,
                       struct lethe_plane_chart *chart, size_t count)
{
    int *labels = lethe_arena_alloc(&fill->arena, count, sizeof *labels);
    unsigned char *marks = lethe_arena_alloc(&fill->arena, count, 1);
    if (!labels || !marks)
        return 0;
    for (size_t id = 0; id < count; id++) {
        labels[id] = lethe_dataset_label(project->train, id);
        marks[id] = LETHE_MARK_SAMPLE;
    }
    for (size_t k = 0; k < project->forget.count; k++)
        marks[project->forget.at[k]] = LETHE_MARK_FORGET;
    for (size_t k = 0; k < project->removed.count; k++)
        marks[project->removed.at[k]] = LETHE_MARK_GONE;
    chart->label = labels;
    chart->mark = marks;
    chart->count = count;
    return 1;
}

void lethe_fill_plane(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_plane_view *from = &wb->plane;
    struct lethe_view_plane *to = &fill->view.plane;
    if (!fill->anew || !wb->project.graph || !wb->project.train)
        return;
    to->through = lethe_dataset_width(wb->project.train) == 2;
    if (from->data != wb->project.train)
        return;
    to->why = from->why[0] ? from->why : NULL;
    if (!from->plane || !put_samples(fill, &wb->project, &to->chart, from->plane->count))
        return;
    const struct lethe_plane *plane = from->plane;
    const struct lethe_plane_field *const *field =
        (const struct lethe_plane_field *const *)from->field;
    const struct lethe_plane_field *ground =
        field[LETHE_PLANE_NOW] ? field[LETHE_PLANE_NOW] : field[LETHE_PLANE_BEFORE];
    struct lethe_plane_chart *chart = &to->chart;
    to->cut = plane->cut;
    to->share = plane->share;
    to->class_names = names_of(fill, wb->project.train);
    for (int d = 0; d < 2; d++) {
        chart->low[d] = plane->low[d];
        chart->high[d] = plane->high[d];
    }
    chart->at = plane->at;
    chart->classes = lethe_dataset_classes(wb->project.train);
    chart->before = line_of(field[LETHE_PLANE_BEFORE]);
    chart->now = line_of(field[LETHE_PLANE_NOW]);
    chart->retrained = line_of(field[LETHE_PLANE_RETRAINED]);
    if (ground) {
        chart->top = ground->top;
        chart->sure = ground->sure;
        chart->rows = ground->rows;
        chart->cols = ground->cols;
    }
}
