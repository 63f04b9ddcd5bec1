/* SPDX-License-Identifier: MIT
 * What panes share: which part of a list is shown, sentences, the row under the cursor. */
#include <stdio.h>
#include <string.h>

#include "ui/term/glyph.h"
#include "ui/view/pane.h"

size_t lethe_pane_top(size_t cursor, size_t count, int rows)
{
    size_t shown = rows > 0 ? (size_t)rows : 0;
    if (count <= shown || cursor < shown / 2)
        return 0;
    size_t top = cursor - shown / 2;
    return top + shown > count ? count - shown : top;
}

size_t lethe_pane_row_at(int y, int head, int shown, size_t cursor, size_t count)
{
    const size_t top = lethe_pane_top(cursor, count, shown);
    return y < head || y >= head + shown || top + (size_t)(y - head) >= count
               ? (size_t)-1
               : top + (size_t)(y - head);
}

/* Draws into the area, or only counts the rows where there is none. */
static int say(const struct lethe_area *area, int cols, int y, uint16_t ink, const char *text)
{
    int x = 1, first = y;
    while (*text) {
        char word[96];
        size_t length = strcspn(text, " \n"),
               cut = length < sizeof word - 1 ? length : sizeof word - 1;
        memcpy(word, text, cut);
        word[cut] = 0;
        int columns = lethe_glyph_columns(word);
        if (x > 1 && x + columns > cols - 1) {
            x = 1;
            y++;
        }
        if (area)
            lethe_draw_text(*area, y, x, ink, word);
        x += columns + 1;
        text += length;
        if (*text == '\n') {
            x = 1;
            y++;
        }
        text += *text != 0;
    }
    return y - first + 1;
}

int lethe_pane_say(struct lethe_area area, int y, uint16_t ink, const char *text)
{
    return say(&area, area.cols, y, ink, text);
}

int lethe_pane_rows(int cols, const char *text)
{
    return say(NULL, cols, 0, 0, text);
}

const struct lethe_view_job *lethe_view_running(const struct lethe_view *view)
{
    for (size_t k = 0; k < view->job_count; k++)
        if (strcmp(view->jobs[k].state, "running") == 0)
            return &view->jobs[k];
    return NULL;
}

void lethe_pane_empty(struct lethe_area area, const struct lethe_view *view, const char *work,
                      const char *todo)
{
    const struct lethe_view_job *job = lethe_view_running(view);
    char text[128];
    if (!job || (work && strncmp(job->name, work, strlen(work)) != 0)) {
        lethe_pane_say(area, 0, LETHE_INK_DIM, todo);
        return;
    }
    snprintf(text, sizeof text, "under way: %s",
             job->stage && *job->stage ? job->stage : job->name);
    lethe_pane_say(area, 0, LETHE_INK_DIM, text);
}

void lethe_pane_select(struct lethe_area area, int y, const struct lethe_screen *screen,
                       enum lethe_pane pane)
{
    if (screen->focus == pane)
        lethe_draw_paper(area, y, 0, area.cols, LETHE_INK_SELECT);
}

const char *lethe_pane_next_set(const char *set)
{
    if (!set || strcmp(set, "retained") == 0)
        return "heldout";
    return strcmp(set, "forget") == 0 ? "retain" : "forget";
}

void lethe_pane_slide(struct lethe_pane_request *ask, enum lethe_slider slider, long steps)
{
    ask->slides = 1;
    ask->slider = slider;
    ask->steps = steps;
}
