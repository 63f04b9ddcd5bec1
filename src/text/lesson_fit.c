/* SPDX-License-Identifier: MIT
 * Whether all that a lesson says at once finds room in its strip on the smallest screen, 80 x 24:
 * what would be cut is found before a student misses it. */
#include <stdio.h>
#include <string.h>

#include "text/lesson.h"

enum {
    WIDTH = 78,
    ROWS = 6,
    FRAME = 5
}; /* columns and lines below its head; "a " and three apart */

/* Lines of a text whose words are broken at blanks; 0: there is none. */
static size_t lines_of(const char *text)
{
    size_t lines = text && *text, used = 0;
    for (const char *at = text ? text : ""; *at;) {
        const size_t bytes = strcspn(at, " ");
        size_t columns = 0;
        for (size_t k = 0; k < bytes; k++)
            columns += (at[k] & 0xC0) != 0x80; /* of a character the first byte */
        if (used && used + 1 + columns > WIDTH) {
            lines++;
            used = 0;
        }
        used += (used > 0) + columns;
        at += bytes + strspn(at + bytes, " ");
    }
    return lines;
}

/* Choices stand in one line where that takes them, else each in its own. */
static size_t lines_of_choices(const struct lethe_lesson_step *step)
{
    size_t wide = 1;
    for (size_t k = 0; k < step->choice_count; k++)
        wide += strlen(step->choices[k].text) + FRAME;
    return wide > WIDTH + 2 ? step->choice_count : step->choice_count > 0;
}

static void tell(lethe_lesson_fault *fault, void *user, size_t line, const char *title,
                 const char *what, size_t lines)
{
    char text[200];
    if (lines <= ROWS)
        return;
    snprintf(text, sizeof text, "step '%.40s': %s take %zu lines, and %d fit at 80x24", title, what,
             lines, (int)ROWS);
    fault(user, line, text);
}

/* What a step says once it is done: the reason of the right answer, or `then`. */
static const char *last_word(const struct lethe_lesson_step *step)
{
    for (size_t k = 0; k < step->choice_count; k++)
        if (step->choices[k].right)
            return step->choices[k].why;
    return step->then;
}

static void fit_turns(const struct lethe_lesson_step *step, size_t below, lethe_lesson_fault *fault,
                      void *user)
{
    for (size_t k = 0; k < step->reply_count; k++)
        tell(fault, user, step->line, step->title, "a reply and what is to be done",
             lines_of(step->replies[k].text) + below);
    for (size_t k = 0; k < step->choice_count; k++)
        if (!step->choices[k].right)
            tell(fault, user, step->line, step->title, "a reply and the question",
                 lines_of(step->choices[k].why) + below);
}

void lethe_lesson_fit(const struct lethe_lesson *lesson, lethe_lesson_fault *fault, void *user)
{
    const char *before = NULL;
    size_t line = 0;
    for (size_t k = 0; k < lesson->step_count; k++) {
        const struct lethe_lesson_step *step = &lesson->steps[k];
        const size_t below = lines_of(step->task) + lines_of(step->ask) + lines_of_choices(step);
        line = step->line;
        tell(fault, user, line, step->title,
             before ? "the last words before it and its text" : "its texts",
             lines_of(before) + lines_of(step->read) + below);
        fit_turns(step, below, fault, user);
        before = last_word(step);
    }
    tell(fault, user, line, "the end", "the last words, 'learnt' and 'alone'",
         lines_of(before) + lines_of(lesson->learnt) + lines_of(lesson->alone));
}
