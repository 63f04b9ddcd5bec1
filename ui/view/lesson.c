/* SPDX-License-Identifier: MIT
 * The strip of the lesson that is taken: its head, the reply to the last turn, what to read, what
 * to do or what is asked, in three to six lines below it. What does not fit is left to the next
 * turn: the reply comes before what was read already. */
#include <stdio.h>
#include <string.h>

#include "ui/term/glyph.h"
#include "ui/view/pane.h"

enum { LEAST = 3, MOST = 6, LEFT_TO_PANES = 17 };

int lethe_lesson_points(const struct lethe_view *view, const char *kind, const char *name)
{
    const struct lethe_view_lesson *lesson = &view->lesson;
    return lesson->title && lesson->point && strcmp(lesson->point_kind, kind) == 0 &&
           strcmp(lesson->point, name) == 0;
}

const char *lethe_lesson_pane(const struct lethe_view_lesson *lesson)
{
    if (!lesson->title || !lesson->point)
        return NULL;
    return strcmp(lesson->point_kind, "pane") == 0     ? lesson->point
           : strcmp(lesson->point_kind, "figure") == 0 ? "preview"
                                                       : NULL;
}

/* Lines of choices when each has its own; 0 when all stand in one. */
static int choice_rows(const struct lethe_view_lesson *lesson, int cols)
{
    int wide = 1;
    for (size_t k = 0; k < lesson->choice_count; k++)
        wide += lethe_glyph_columns(lesson->choices[k]) + 5;
    return wide > cols ? (int)lesson->choice_count : lesson->choice_count > 0;
}

static int lines_of(const char *text, int cols)
{
    return text && *text ? lethe_pane_rows(cols - 2, text) : 0;
}

int lethe_lesson_rows(const struct lethe_view *view, int rows, int cols)
{
    const struct lethe_view_lesson *lesson = &view->lesson;
    if (!lesson->title)
        return 0;
    int wanted = 1 + lines_of(lesson->said, cols) + lines_of(lesson->read, cols) +
                 lines_of(lesson->task, cols) + lines_of(lesson->ask, cols) +
                 choice_rows(lesson, cols);
    const int most = MOST + 1; /* the head, and six lines of what is said */
    wanted = wanted < LEAST ? LEAST : wanted > most ? most : wanted;
    return wanted < rows - LEFT_TO_PANES ? wanted : rows - LEFT_TO_PANES;
}

static void head(struct lethe_area strip, const struct lethe_view_lesson *lesson)
{
    char at[48] = "the end";
    const char *keys = lesson->choice_count           ? "a, b, ... answers"
                       : lesson->step > lesson->steps ? "':lesson stop' closes it"
                       : lesson->task                 ? "i hint"
                                                      : "n goes on";
    if (lesson->step <= lesson->steps)
        snprintf(at, sizeof at, "%zu of %zu", lesson->step, lesson->steps);
    int x = lethe_draw_text(strip, 0, 1, LETHE_INK_STRONG, lesson->title);
    x = lethe_draw_textf(strip, 0, x + 2, LETHE_INK_DIM, "%s  %s", at,
                         lesson->step_title ? lesson->step_title : "");
    if (x + 3 + lethe_glyph_columns(keys) < strip.cols)
        lethe_draw_right(strip, 0, strip.cols - 1, LETHE_INK_KEY, keys);
    lethe_draw_paper(strip, 0, 0, strip.cols, LETHE_INK_HEADER);
}

/* A text in what is left below line y, less what must stay free; returns the line after it. */
static int put(struct lethe_area strip, int y, int reserve, uint16_t ink, const char *mark,
               const char *text)
{
    if (!text || !*text || y >= strip.rows - reserve)
        return y;
    const int room = strip.rows - reserve - y;
    lethe_draw_text(strip, y, 0, ink, mark);
    const int rows =
        lethe_pane_say(lethe_area_part(strip, y, 1, room, strip.cols - 1), 0, ink, text);
    return y + (rows < room ? rows : room);
}

static void choices(struct lethe_area strip, int y, const struct lethe_view_lesson *lesson)
{
    const int apart = choice_rows(lesson, strip.cols) > 1;
    for (size_t k = 0, x = 1; k < lesson->choice_count; k++) {
        const char letter[2] = {(char)('a' + k), '\0'};
        const int end = lethe_draw_text(strip, y, (int)x, LETHE_INK_KEY, letter) + 1;
        const int after =
            lethe_draw_fit(strip, y, end, strip.cols - end - 1, LETHE_INK_TEXT, lesson->choices[k]);
        x = apart ? 1 : (size_t)after + 3;
        y += apart;
    }
}

void lethe_view_lesson(struct lethe_area strip, const struct lethe_view *view)
{
    const struct lethe_view_lesson *lesson = &view->lesson;
    const int answers = choice_rows(lesson, strip.cols);
    const int task = lines_of(lesson->task, strip.cols) + lines_of(lesson->ask, strip.cols);
    lethe_area_fill(strip, ' ', LETHE_INK_TEXT);
    head(strip, lesson);
    int y = put(strip, 1, task + answers, lesson->said_bad ? LETHE_INK_BAD : LETHE_INK_GOOD,
                lesson->said_bad ? "✗" : "=", lesson->said);
    y = put(strip, y, task + answers, LETHE_INK_TEXT, "", lesson->read);
    y = put(strip, y, answers, LETHE_INK_STRONG, "▸", lesson->task);
    y = put(strip, y, answers, LETHE_INK_STRONG, "?", lesson->ask);
    choices(strip, y, lesson);
}
