/* SPDX-License-Identifier: MIT
 * lesson: begins a lesson on the workbench itself and takes its turns (next, answer, hint,
 * stop), checks lesson files, lists what there is. */
#include <string.h>
#include "cmd/commands.h"
#include "workbench/tutor.h"
#include "workbench/workbench.h"

static enum lethe_err turn(struct lethe_workbench *wb, const char *what, const char *more,
                           struct lethe_error *err)
{
    if (!wb->tutor)
        return lethe_fail(err, LETHE_EARG, "no lesson is being taken: 'lesson 1' begins one");
    wb->version++;
    if (strcmp(what, "answer") == 0)
        return lethe_tutor_answer(wb, more ? *more : '?', err);
    if (strcmp(what, "next") == 0)
        lethe_tutor_next(wb);
    else if (strcmp(what, "hint") == 0)
        lethe_tutor_hint(wb);
    else
        lethe_tutor_stop(wb);
    return LETHE_OK;
}

static enum lethe_err run_lesson(struct lethe_call *call, struct lethe_error *err)
{
    static const char *const turns[] = {"next", "answer", "hint", "stop", NULL};
    struct lethe_workbench *wb = call->wb;
    const char *what = lethe_args_text(&call->args, "WHAT", NULL);
    const char *more = lethe_args_text(&call->args, "MORE", NULL);
    const char *answers = lethe_args_text(&call->args, "answers", NULL);
    if (!what)
        return lethe_tutor_list(call->out, wb, err);
    for (size_t k = 0; turns[k]; k++)
        if (strcmp(turns[k], what) == 0)
            return turn(wb, what, more, err);
    if (strcmp(what, "check") == 0)
        return more ? lethe_tutor_check(call->out, wb, more, err)
                    : lethe_fail(err, LETHE_EARG, "'lesson check FILE': which file?");
    if (strcmp(what, "reset") == 0) {
        lethe_put_note(call->out, "all lessons begin at their first step again");
        return lethe_tutor_reset(wb, err);
    }
    if (answers)
        return lethe_tutor_take(wb, what, strcmp(answers, "none") == 0 ? "" : answers, call->out,
                                err);
    else
        return lethe_tutor_start(wb, what, err);
    return LETHE_OK;
}

static const struct lethe_arg_spec lesson_args[] = {
    {.name = "WHAT",
     .kind = LETHE_ARG_TEXT,
     .help = "a number or FILE to begin; next, answer, hint, stop; check, reset"},
    {.name = "MORE", .kind = LETHE_ARG_PATH, .help = "the answer (a, b, ...), the FILE to check"},
    {.name = "answers",
     .kind = LETHE_ARG_TEXT,
     .flags = LETHE_ARG_KEYED,
     .help = "takes it by itself with these answers: b,a,c; or none"},
};

const struct lethe_command lethe_command_lesson = {
    .name = "lesson",
    .group = LETHE_GROUP_OTHER,
    .summary = "Learn by doing: ten lessons on the workbench itself",
    .detail = "Without words it lists them. A lesson says one thing at a time and waits until it "
              "was done, in whatever way; its session is in memory and leaves kept ones alone. A "
              "lesson is a text file (sessions/lessons/README.md): 'check' finds mistakes in one.",
    .examples = "lesson 1\nlesson check my.lesson\nlesson 3 answers=b,a",
    LETHE_ARGS(lesson_args),
    .run = run_lesson,
};
