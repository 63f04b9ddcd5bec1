/* SPDX-License-Identifier: MIT
 * The turns of a lesson. A step ends by what is on the workbench and by nothing else; the state is
 * read only when it can have changed. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "workbench/lesson_files.h"
#include "workbench/lesson_state.h"
#include "workbench/tutor.h"
#include "workbench/workbench.h"

__attribute__((format(printf, 3, 4))) static void say(struct lethe_tutor *tutor, int bad,
                                                      const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(tutor->said, sizeof tutor->said, format, list);
    va_end(list);
    tutor->said_bad = bad;
    tutor->replying = 0;
    tutor->news = 1;
}

/* What a step says to a state; NULL: nothing. */
static const struct lethe_lesson_reply *reply_of(const struct lethe_lesson_step *step,
                                                 const struct lethe_json *state)
{
    for (size_t k = 0; k < step->reply_count; k++)
        if (lethe_condition_holds(step->replies[k].when, state))
            return &step->replies[k];
    return NULL;
}

/* Whether a reply is about what was answered, and not only about what is there. */
static int is_about_answers(const struct lethe_lesson_reply *reply)
{
    const char *name;
    for (size_t k = 0; (name = lethe_condition_name(reply->when, k)); k++)
        if (strncmp(name, "answer.", strlen("answer.")) == 0)
            return 1;
    return 0;
}

/* The line that marks what is marked now. */
static void note_marks(struct lethe_tutor *tutor, const struct lethe_ids *forget)
{
    size_t used = (size_t)snprintf(tutor->marking, sizeof tutor->marking, "forget add ");
    for (size_t k = 0; k < forget->count && used + 24 < sizeof tutor->marking; k++)
        used += (size_t)snprintf(tutor->marking + used, sizeof tutor->marking - used, "%s%zu",
                                 k ? "," : "", forget->at[k]);
    tutor->marked = forget->count;
}

/* Whether the step is about one of these. */
static int asks_for(const struct lethe_lesson_step *step, const char *first, const char *second)
{
    const char *name;
    for (size_t k = 0; (name = lethe_condition_name(step->until, k)); k++)
        if (strcmp(name, first) == 0 || strncmp(name, second, strlen(second)) == 0)
            return 1;
    return 0;
}

/* Turns that lead away from whatever a step wants, but for a step about them; NULL: none of them.
 */
static const char *lost_way(struct lethe_tutor *tutor, const struct lethe_lesson_step *step,
                            const struct lethe_workbench *wb)
{
    if (asks_for(step, "commits", "gone") || asks_for(step, "undone", "forget."))
        return NULL;
    if (wb->project.removed.count > tutor->gone)
        snprintf(tutor->lost, sizeof tutor->lost,
                 "That is committed now, and this step does not ask for it: u takes it back.");
    else if (tutor->marked && !wb->project.forget.count)
        snprintf(tutor->lost, sizeof tutor->lost,
                 "Nothing is marked to be forgotten any more: '%s'.", tutor->marking);
    else
        return NULL;
    return tutor->lost;
}

void lethe_tutor_arrive(struct lethe_workbench *wb)
{
    struct lethe_tutor *tutor = wb->tutor;
    tutor->gone = wb->project.removed.count;
    note_marks(tutor, &wb->project.forget);
    const struct lethe_lesson_step *step = lethe_tutor_step(tutor);
    struct lethe_json *state = step && step->until ? lethe_lesson_state(wb, tutor->found) : NULL;
    const size_t used = strlen(tutor->said);
    tutor->already = state && lethe_condition_holds(step->until, state);
    tutor->arrived = state ? reply_of(step, state) : NULL;
    if (tutor->already)
        snprintf(tutor->said + used, sizeof tutor->said - used,
                 "%sWhat comes now is so already: 'lesson next' (n) goes on.", used ? " " : "");
    tutor->seen_answers = wb->answers.version;
    lethe_json_free(state);
}

static void go_on(struct lethe_workbench *wb, const char *then)
{
    struct lethe_tutor *tutor = wb->tutor;
    tutor->step++;
    tutor->replied = NULL;
    say(tutor, 0, "%s", then ? then : "");
    lethe_tutor_arrive(wb);
    if (!wb->interactive)
        return;
    const struct lethe_lesson_progress progress = {
        .step = tutor->step + 1, .done = tutor->step == tutor->lesson->step_count};
    struct lethe_error err = {0};
    if (lethe_progress_put(wb->lesson_progress, tutor->name, &progress, &err)) {
        const size_t used = strlen(tutor->said);
        snprintf(tutor->said + used, sizeof tutor->said - used, "%sHow far you are is not kept: %s",
                 used ? " " : "", err.message);
    }
}

/* Replies come and go with the state they answer. `moved`: it is another one than the step was
 * reached in; without that a command did nothing wrong, it was only given once more. */
static int reply(struct lethe_workbench *wb, const struct lethe_json *state, int commanded,
                 int moved)
{
    struct lethe_tutor *tutor = wb->tutor;
    const struct lethe_lesson_step *step = lethe_tutor_step(tutor);
    const struct lethe_lesson_reply *found = reply_of(step, state);
    const char *text = found ? found->text : NULL, *lost = lost_way(tutor, step, wb);
    if (text && found == tutor->arrived && !(commanded && (moved || is_about_answers(found))))
        text = NULL; /* nobody did that here */
    else
        tutor->arrived = NULL;
    if (lost && (!text || wb->project.removed.count > tutor->gone))
        text = lost;
    const int again = text && tutor->replied == text;
    tutor->replied = text;
    if (text && !again) {
        say(tutor, 1, "%s", text);
        tutor->replying = 1;
        return 1;
    }
    if (!text && tutor->replying) {
        say(tutor, 0, "%s", "");
        tutor->news = 0;
    }
    return 0;
}

int lethe_tutor_watch(struct lethe_workbench *wb)
{
    struct lethe_tutor *tutor = wb->tutor;
    const struct lethe_lesson_step *step = tutor ? lethe_tutor_step(tutor) : NULL;
    if (!step || !step->until ||
        (tutor->seen == wb->version && tutor->seen_answers == wb->answers.version))
        return 0;
    const int commanded = tutor->seen_answers != wb->answers.version;
    tutor->seen = wb->version;
    tutor->seen_answers = wb->answers.version;
    char mark[LETHE_HASH_TEXT];
    struct lethe_json *state = lethe_lesson_state(wb, mark);
    const int done = state && lethe_condition_holds(step->until, state);
    int changed = 0;
    tutor->already = tutor->already && done;
    if (done && tutor->already && !commanded) {
        lethe_json_free(state);
        return 0;
    }
    if (done) {
        go_on(wb, step->then);
        changed = 1;
    } else if (state) {
        changed = reply(wb, state, commanded, strcmp(mark, tutor->found) != 0);
    }
    lethe_json_free(state);
    return changed;
}

void lethe_tutor_next(struct lethe_workbench *wb)
{
    struct lethe_tutor *tutor = wb->tutor;
    const struct lethe_lesson_step *step = lethe_tutor_step(tutor);
    struct lethe_text why = {0};
    if (!step)
        return;
    if (step->ask) {
        say(tutor, 1, "it is a question: answer a%s", step->choice_count > 2 ? ", b, c" : " or b");
    } else if (!step->until) {
        go_on(wb, step->then);
    } else {
        struct lethe_json *state = lethe_lesson_state(wb, NULL);
        if (state && lethe_condition_holds(step->until, state)) {
            go_on(wb, step->then);
        } else {
            lethe_condition_why(&why, step->until, state);
            say(tutor, 1, "not yet: %.300s", lethe_text_get(&why));
        }
        lethe_json_free(state);
    }
    lethe_text_release(&why);
}

enum lethe_err lethe_tutor_answer(struct lethe_workbench *wb, char letter, struct lethe_error *err)
{
    struct lethe_tutor *tutor = wb->tutor;
    const struct lethe_lesson_step *step = lethe_tutor_step(tutor);
    const size_t k = lethe_tutor_choice(tutor, letter);
    if (!step || !step->ask)
        return lethe_fail(err, LETHE_EARG, "there is no question to answer now");
    if (k == SIZE_MAX)
        return lethe_fail(err, LETHE_EARG, "no answer '%c': they are a to %c", letter,
                          (char)('a' + step->choice_count - 1));
    const struct lethe_lesson_choice *choice = &step->choices[k];
    if (choice->right) {
        tutor->right++;
        go_on(wb, choice->why);
    } else {
        tutor->wrong++;
        say(tutor, 1, "%s", choice->why);
    }
    return LETHE_OK;
}

void lethe_tutor_hint(struct lethe_workbench *wb)
{
    struct lethe_tutor *tutor = wb->tutor;
    const struct lethe_lesson_step *step = lethe_tutor_step(tutor);
    if (!step)
        return;
    say(tutor, 0, "%s%s%s", step->hint ? step->hint : "",
        step->hint && step->commands ? " One way: "
        : step->commands             ? "One way: "
                                     : "",
        step->commands ? step->commands
        : step->hint   ? ""
                       : "read on: 'lesson next'");
}
