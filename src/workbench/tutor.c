/* SPDX-License-Identifier: MIT
 * What a lesson says, without asking anything of the workbench. */
#include "workbench/tutor.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

void lethe_tutor_free(struct lethe_tutor *tutor)
{
    if (!tutor)
        return;
    lethe_lesson_free(tutor->lesson);
    lethe_free(tutor);
}

const struct lethe_lesson_step *lethe_tutor_step(const struct lethe_tutor *tutor)
{
    return tutor->step < tutor->lesson->step_count ? &tutor->lesson->steps[tutor->step] : NULL;
}

size_t lethe_tutor_choice(const struct lethe_tutor *tutor, char letter)
{
    const struct lethe_lesson_step *step = lethe_tutor_step(tutor);
    const size_t k = (size_t)(letter | 0x20) - 'a';
    return step && step->ask && k < step->choice_count ? k : SIZE_MAX;
}

static void put_step(struct lethe_value *out, const struct lethe_lesson_step *step)
{
    if (step->read)
        lethe_put_note(out, "%s", step->read);
    if (step->task)
        lethe_put_note(out, "> %s ('lesson hint' helps)", step->task);
    if (step->ask)
        lethe_put_note(out, "? %s", step->ask);
    for (size_t k = 0; k < step->choice_count; k++)
        lethe_put_note(out, "  %c  %s", (char)('a' + k), step->choices[k].text);
    if (step->ask)
        lethe_put_note(out, "'lesson answer a' answers");
    else if (!step->task)
        lethe_put_note(out, "'lesson next' goes on");
}

void lethe_tutor_put(struct lethe_value *out, const struct lethe_tutor *tutor)
{
    const struct lethe_lesson_step *step = lethe_tutor_step(tutor);
    const struct lethe_lesson *lesson = tutor->lesson;
    if (step)
        lethe_put_note(out, "-- %s, %zu of %zu: %s --", lesson->title, tutor->step + 1,
                       lesson->step_count, step->title);
    else
        lethe_put_note(out, "-- %s: the end --", lesson->title);
    if (*tutor->said)
        lethe_put_note(out, "%s %s", tutor->said_bad ? "x" : "=", tutor->said);
    if (step) {
        put_step(out, step);
        return;
    }
    lethe_put_note(out, "learnt: %s", lesson->learnt);
    lethe_put_note(out, "alone: %s", lesson->alone);
}
