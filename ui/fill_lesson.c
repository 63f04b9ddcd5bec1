/* SPDX-License-Identifier: MIT
 * What the strip of a lesson shows, and what a teacher set for an audience. */
#include "ui/fill.h"
#include "workbench/tutor.h"

void lethe_fill_lesson(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_tutor *tutor = wb->tutor;
    struct lethe_view_lesson *to = &fill->view.lesson;
    if (!tutor)
        return;
    const struct lethe_lesson_step *step = lethe_tutor_step(tutor);
    *to = (struct lethe_view_lesson){.title = tutor->lesson->title,
                                     .step = tutor->step + 1,
                                     .steps = tutor->lesson->step_count,
                                     .said = tutor->said,
                                     .said_bad = tutor->said_bad};
    if (!step) {
        to->read = tutor->lesson->learnt;
        to->task = tutor->lesson->alone;
        return;
    }
    to->step_title = step->title;
    to->read = step->read;
    to->task = step->task;
    to->ask = step->ask;
    to->point_kind = step->point_kind;
    to->point = step->point;
    to->choice_count = step->choice_count;
    for (size_t k = 0; k < step->choice_count; k++)
        to->choices[k] = step->choices[k].text;
}

void lethe_fill_staging(struct lethe_fill *fill, const struct lethe_workbench *wb)
{
    const struct lethe_staging *staging = &wb->staging;
    fill->view.staging =
        (struct lethe_view_staging){.on = staging->on,
                                    .panes = staging->panes,
                                    .pane_count = staging->pane_count,
                                    .caption = *staging->caption ? staging->caption : NULL,
                                    .spot = *staging->spot ? staging->spot : NULL};
}
