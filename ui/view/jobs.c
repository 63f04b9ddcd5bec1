/* SPDX-License-Identifier: MIT
 * Jobs: what runs in the background, how far it is and how long it has taken. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/view/format.h"
#include "ui/view/pane.h"
#include "ui/view/sentence.h"

static void draw(struct lethe_area area, const struct lethe_view *view,
                 const struct lethe_screen *screen)
{
    if (!view->job_count) {
        lethe_pane_say(area, 0, LETHE_INK_DIM, "nothing runs: r retrains in the background");
        return;
    }
    size_t cursor = screen->cursor[LETHE_PANE_JOBS];
    size_t top = lethe_pane_top(cursor, view->job_count, area.rows);
    for (size_t k = top; k < view->job_count && (int)(k - top) < area.rows; k++) {
        const struct lethe_view_job *job = &view->jobs[k];
        int y = (int)(k - top), name = area.cols >= 64 ? 20 : 13;
        char text[LETHE_FORMAT_ROOM];
        lethe_draw_textf(area, y, 1, LETHE_INK_DIM, "%zu", job->id);
        lethe_draw_fit(area, y, 5, name - 1, LETHE_INK_TEXT, job->name);
        int x = lethe_draw_fit(area, y, 5 + name, 9, LETHE_INK_TEXT, job->state) + 1;
        if (isnan(job->left))
            lethe_format_seconds(text, job->seconds);
        else
            lethe_format_whole_seconds(text, ceil(job->left));
        if (!isnan(job->left))
            lethe_draw_right(area, y, area.cols - 1, LETHE_INK_DIM, "left");
        lethe_draw_right(area, y, area.cols - 1 - (isnan(job->left) ? 0 : 5), LETHE_INK_DIM, text);
        int room = area.cols - 17 - x;
        if (!isnan(job->fraction) && room >= 12) {
            lethe_chart_bar(lethe_area_part(area, y, x, 1, room - 6), job->fraction,
                            LETHE_INK_ACCENT);
            lethe_draw_textf(area, y, x + room - 5, LETHE_INK_TEXT, "%3.0f %%",
                             100 * job->fraction);
        } else if (job->stage && strcmp(job->state, "done") != 0) {
            lethe_draw_fit(area, y, x, room, LETHE_INK_DIM, job->stage);
        }
        if (k == cursor)
            lethe_pane_select(area, y, screen, LETHE_PANE_JOBS);
    }
}

static size_t job_rows(const struct lethe_view *view, const struct lethe_screen *screen)
{
    (void)screen;
    return view->job_count;
}

static size_t job_at(struct lethe_area area, int y, const struct lethe_view *view,
                     const struct lethe_screen *screen)
{
    return lethe_pane_row_at(y, 0, area.rows, screen->cursor[LETHE_PANE_JOBS], view->job_count);
}

static void say_job(struct lethe_sentence *to, const struct lethe_view *view,
                    const struct lethe_screen *screen, size_t k)
{
    (void)screen;
    const struct lethe_view_job *job = &view->jobs[k];
    lethe_say(to, "job %zu: %s, %s", job->id, job->name, job->state);
    if (!isnan(job->fraction))
        lethe_say(to, ", %.0f percent", 100 * job->fraction);
    if (!isnan(job->left))
        lethe_say(to, ", about %.0f seconds left", ceil(job->left));
    if (job->stage && *job->stage)
        lethe_say(to, ", %s", job->stage);
}

static void cancel(struct lethe_pane_request *ask, const struct lethe_view *view,
                   struct lethe_screen *screen, uint32_t code)
{
    (void)code;
    const size_t at = screen->cursor[LETHE_PANE_JOBS];
    if (at < view->job_count)
        snprintf(ask->line, sizeof ask->line, "cancel %zu", view->jobs[at].id);
    else
        snprintf(ask->line, sizeof ask->line, "cancel");
}

static const struct lethe_pane_key keys[] = {
    {'x', 0, "x", "cancel", "cancel this job", NULL, cancel},
    {0},
};

const struct lethe_pane_ops lethe_pane_jobs = {
    .name = "jobs",
    .title = "Jobs",
    .draw = draw,
    .rows = job_rows,
    .at = job_at,
    .word = "job",
    .keys = keys,
    .say = say_job,
};
