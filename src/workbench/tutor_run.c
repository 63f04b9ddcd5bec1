/* SPDX-License-Identifier: MIT
 * Beginning lessons, taking them by themselves, and what is wrong with one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "workbench/execute.h"
#include "workbench/lesson_files.h"
#include "workbench/lesson_state.h"
#include "workbench/tutor.h"
#include "workbench/workbench.h"

/* ---- commands of a lesson -------------------------------------------------------------------- */

/* Commands that somebody waits for, and who is told how they come along. */
struct waiting {
    struct lethe_workbench *wb;
    struct lethe_sink outer; /* of the command that runs them */
    char what[64];           /* "bringing back step 2 of 5"; "" what a lesson's task does itself */
};

/* The workbench keeps it: what goes on in the background may fail when nobody waits any more. */
static void note_failure(void *user, const struct lethe_outcome *outcome)
{
    struct lethe_workbench *wb = ((struct waiting *)user)->wb;
    if (outcome->code && outcome->code != LETHE_ECANCEL && !wb->problem.code)
        wb->problem = *outcome->err;
}

/* What is done for the lesson, in words before those of the work itself. */
static int relay(void *user, const struct lethe_job_info *job)
{
    const struct waiting *waiting = user;
    char stage[160];
    struct lethe_job_info told = *job;
    if (!waiting->outer.tick)
        return 0;
    snprintf(stage, sizeof stage, "%s: %.80s", waiting->what,
             job->stage && *job->stage ? job->stage : job->name);
    if (*waiting->what)
        told.stage = stage;
    return waiting->outer.tick(waiting->outer.user, &told);
}

static enum lethe_err failed(struct lethe_workbench *wb, enum lethe_err code,
                             struct lethe_error *err)
{
    if (wb->problem.code && err)
        *err = wb->problem;
    else
        lethe_fail(err, code,
                   "the commands of the lesson were cancelled: 'lesson N' begins it again");
    wb->problem.code = LETHE_OK;
    return code;
}

/* Runs commands in which @/ stands for the folder of models and lessons; their answers show in what
 * they did. */
static enum lethe_err run_commands(struct waiting *waiting, const char *commands,
                                   struct lethe_error *err)
{
    struct lethe_workbench *wb = waiting->wb;
    struct lethe_text text = {0};
    const struct lethe_sink sink = {.take = note_failure, .user = waiting, .tick = relay};
    for (const char *c = commands; *c; c++) {
        if (c[0] == '@' && c[1] == '/') {
            lethe_text_addf(&text, "%s/", wb->root ? wb->root : ".");
            c++;
        } else {
            lethe_text_add_bytes(&text, c, 1);
        }
    }
    enum lethe_err code = lethe_text_ok(&text, err);
    wb->problem.code = LETHE_OK;
    if (!code && (code = lethe_execute_text(wb, lethe_text_get(&text), 0, &sink)))
        failed(wb, code, err);
    lethe_text_release(&text);
    return code;
}

/* The same, and what they began in the background is waited for. */
static enum lethe_err run_all(struct waiting *waiting, const char *commands,
                              struct lethe_error *err)
{
    enum { LIST = 64 };
    struct lethe_workbench *wb = waiting->wb;
    struct lethe_job_info list[LIST];
    enum lethe_err code = run_commands(waiting, commands, err);
    while (!code && wb->jobs && !lethe_jobs_wait(wb->jobs, 0, 100)) {
        const size_t count = lethe_jobs_list(wb->jobs, list, LIST);
        size_t k = 0;
        while (k < count && list[k].state != LETHE_JOB_RUNNING)
            k++;
        if (k < count && relay(waiting, &list[k])) {
            lethe_jobs_cancel(wb->jobs, 0);
            code = failed(wb, LETHE_ECANCEL, err);
        }
    }
    return code;
}

/* ---- beginning ------------------------------------------------------------------------------- */

/* The file of a lesson called by its number, a new text; of a file its path. */
static enum lethe_err find(char **path, char name[64], const struct lethe_workbench *wb,
                           const char *wanted, struct lethe_error *err)
{
    char **paths = NULL, *end;
    size_t count = 0;
    const unsigned long number = strtoul(wanted, &end, 10);
    snprintf(name, 64, "%.63s", wanted);
    if (*end || end == wanted) {
        *path = lethe_strdup(wanted);
        return *path ? LETHE_OK : lethe_fail_memory(err, "a path", strlen(wanted), 1);
    }
    enum lethe_err code = lethe_lesson_files(&paths, &count, wb->root, err);
    if (code)
        return code;
    if (!number || number > count) {
        code =
            lethe_fail(err, LETHE_EARG, "there is no lesson %lu: they are 1 to %zu", number, count);
    } else {
        *path = paths[number - 1];
        paths[number - 1] = NULL;
    }
    lethe_lesson_files_free(paths, count);
    return code;
}

/* Settings as they usually are, so that every lesson begins alike whatever was done before; what
 * belongs to the model or the machine stays. */
static void usual_settings(struct lethe_workbench *wb)
{
    static const enum lethe_setting kept[] = {LETHE_SET_WEIGHT_DECAY, LETHE_SET_MEMORY};
    struct lethe_settings usual;
    lethe_settings_init(&usual);
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
        memcpy(usual.text[kept[k]], wb->settings.text[kept[k]], sizeof usual.text[kept[k]]);
    wb->settings = usual;
    lethe_workbench_drop(wb, LETHE_PART_ALL);
}

/* What follows the command that loads, when that is the first; else all. */
static const char *after_load(const char *setup)
{
    const char *end = strncmp(setup, "load ", 5) == 0 ? strchr(setup, ';') : NULL;
    return end ? end + 1 : setup;
}

/* The lesson's commands in a session of their own, in memory; what a person keeps stays as it is:
 * settings are put back once the lesson's model is there, not into somebody's session.
 */
static enum lethe_err set_up(struct lethe_workbench *wb, const struct lethe_lesson *lesson,
                             size_t until, struct lethe_error *err)
{
    char *dir = wb->session_dir, *home = wb->session_home;
    struct waiting waiting = {.wb = wb, .outer = wb->sink};
    wb->session_dir = wb->session_home = NULL;
    if (until)
        snprintf(waiting.what, sizeof waiting.what, "back to step %zu", until + 1);
    /* who begins at the first step reads while a background job of the setup goes on */
    const char *rest = after_load(lesson->setup);
    char *first = lethe_alloc_zero((size_t)(rest - lesson->setup) + 1, 1);
    enum lethe_err code =
        first ? LETHE_OK : lethe_fail_memory(err, "a command", strlen(lesson->setup), 1);
    if (!code && rest > lesson->setup) {
        memcpy(first, lesson->setup, (size_t)(rest - lesson->setup));
        code = run_commands(&waiting, first, err);
        if (!code)
            usual_settings(wb);
    }
    if (!code)
        code = (until || !wb->interactive ? run_all : run_commands)(&waiting, rest, err);
    lethe_free(first);
    for (size_t k = 0; !code && k < until; k++) {
        snprintf(waiting.what, sizeof waiting.what, "back to step %zu, now at %zu", until + 1,
                 k + 1);
        if (lesson->steps[k].commands)
            code = run_all(&waiting, lesson->steps[k].commands, err);
    }
    wb->session_dir = dir;
    wb->session_home = home;
    return code;
}

static enum lethe_err begin(struct lethe_workbench *wb, const char *wanted, int resume,
                            struct lethe_error *err)
{
    struct lethe_tutor *tutor = lethe_alloc_zero(1, sizeof *tutor);
    char *path = NULL;
    if (!tutor)
        return lethe_fail_memory(err, "a lesson", 1, sizeof *tutor);
    enum lethe_err code = find(&path, tutor->name, wb, wanted, err);
    if (!code)
        code = lethe_lesson_load(&tutor->lesson, path, NULL, NULL, err);
    lethe_free(path);
    if (!code && resume) {
        const struct lethe_lesson_progress progress =
            lethe_progress_get(wb->lesson_progress, tutor->name);
        if (!progress.done && progress.step > 1 && progress.step <= tutor->lesson->step_count)
            tutor->step = progress.step - 1;
    }
    lethe_tutor_stop(wb);
    if (!code)
        code = set_up(wb, tutor->lesson, tutor->step, err);
    if (code) {
        lethe_tutor_free(tutor);
        return code;
    }
    if (tutor->step)
        snprintf(tutor->said, sizeof tutor->said, "where you were: what comes before is done");
    tutor->seen = wb->version;
    tutor->seen_answers = wb->answers.version;
    tutor->news = 1;
    wb->tutor = tutor;
    lethe_tutor_arrive(wb);
    wb->version++;
    return LETHE_OK;
}

enum lethe_err lethe_tutor_start(struct lethe_workbench *wb, const char *name,
                                 struct lethe_error *err)
{
    return begin(wb, name, wb->interactive, err);
}

void lethe_tutor_stop(struct lethe_workbench *wb)
{
    lethe_tutor_free(wb->tutor);
    wb->tutor = NULL;
    wb->version++;
}

/* ---- by itself ------------------------------------------------------------------------------- */

/* Answers until the right one is given; *answers moves on. */
static enum lethe_err answer(struct lethe_workbench *wb, const char **answers,
                             struct lethe_value *out, struct lethe_error *err)
{
    struct lethe_tutor *tutor = wb->tutor;
    const struct lethe_lesson_step *step = lethe_tutor_step(tutor);
    const size_t at = tutor->step;
    while (tutor->step == at) {
        *answers += strspn(*answers, ", ");
        if (!**answers)
            return lethe_fail(err, LETHE_EARG, "step %zu, '%s': no right answer was given", at + 1,
                              step->ask);
        const char letter = *(*answers)++;
        enum lethe_err code = lethe_tutor_answer(wb, letter, err);
        if (code)
            return code;
        lethe_put_note(out, "   %c: %s%s", letter, tutor->said_bad ? "no. " : "yes. ", tutor->said);
    }
    return LETHE_OK;
}

static enum lethe_err do_step(struct lethe_workbench *wb, struct lethe_value *out,
                              struct lethe_error *err)
{
    struct lethe_tutor *tutor = wb->tutor;
    const struct lethe_lesson_step *step = lethe_tutor_step(tutor);
    const size_t at = tutor->step;
    lethe_put_note(out, "   > %s", step->commands);
    struct waiting waiting = {.wb = wb, .outer = wb->sink};
    enum lethe_err code = run_all(&waiting, step->commands, err);
    if (code)
        return code;
    tutor->seen = wb->version - 1; /* it is looked at in any case */
    lethe_tutor_watch(wb);
    if (tutor->step > at)
        return LETHE_OK;
    struct lethe_text why = {0};
    struct lethe_json *state = lethe_lesson_state(wb, NULL);
    lethe_condition_why(&why, step->until, state);
    code = lethe_fail(err, LETHE_EARG, "step %zu, '%s': not reached: %s", at + 1, step->title,
                      lethe_text_get(&why));
    lethe_json_free(state);
    lethe_text_release(&why);
    return code;
}

static enum lethe_err take_step(struct lethe_workbench *wb, const char **answers,
                                struct lethe_value *out, struct lethe_error *err)
{
    struct lethe_tutor *tutor = wb->tutor;
    const struct lethe_lesson_step *step = lethe_tutor_step(tutor);
    lethe_put_note(out, "%zu. %s: %s", tutor->step + 1, step->title,
                   step->ask    ? step->ask
                   : step->read ? step->read
                                : step->task);
    if (step->ask)
        return answer(wb, answers, out, err);
    if (!step->until) {
        lethe_tutor_next(wb);
        return LETHE_OK;
    }
    enum lethe_err code = do_step(wb, out, err);
    if (!code && *tutor->said)
        lethe_put_note(out, "   %s", tutor->said);
    return code;
}

enum lethe_err lethe_tutor_take(struct lethe_workbench *wb, const char *name, const char *answers,
                                struct lethe_value *out, struct lethe_error *err)
{
    enum lethe_err code = begin(wb, name, 0, err);
    if (code)
        return code;
    struct lethe_tutor *tutor = wb->tutor;
    lethe_put_text(out, "lesson", tutor->lesson->title);
    while (!code && lethe_tutor_step(tutor))
        code = take_step(wb, &answers, out, err);
    if (!code && answers[strspn(answers, ", ")])
        code = lethe_fail(err, LETHE_EARG, "answers are left over: '%s'", answers);
    lethe_put_count(out, "right_answers", tutor->right);
    lethe_put_count(out, "wrong_answers", tutor->wrong);
    lethe_put_text(out, "learnt", tutor->lesson->learnt);
    lethe_put_text(out, "alone", tutor->lesson->alone);
    lethe_tutor_stop(wb);
    return code;
}

/* ---- what there is, and what is wrong with it ------------------------------------------------ */

enum lethe_err lethe_tutor_list(struct lethe_value *out, const struct lethe_workbench *wb,
                                struct lethe_error *err)
{
    char **paths, name[24];
    size_t count;
    enum lethe_err code = lethe_lesson_files(&paths, &count, wb->root, err);
    if (code)
        return code;
    struct lethe_value *list = lethe_put_list(out, "lessons");
    for (size_t k = 0; !code && k < count; k++) {
        struct lethe_lesson *lesson = NULL;
        code = lethe_lesson_load(&lesson, paths[k], NULL, NULL, err);
        if (code)
            break;
        snprintf(name, sizeof name, "%zu", k + 1);
        const struct lethe_lesson_progress progress = lethe_progress_get(wb->lesson_progress, name);
        struct lethe_value *item = lethe_put_object(list, NULL);
        lethe_put_count(item, "number", k + 1);
        lethe_put_text(item, "lesson", lesson->title);
        lethe_put_count(item, "minutes", lesson->minutes);
        lethe_put_textf(item, "so_far",
                        progress.done       ? "done"
                        : progress.step > 1 ? "step %zu"
                                            : "-",
                        progress.step);
        lethe_hint(lethe_put_text(item, "about", lesson->about), LETHE_HINT_QUIET);
        lethe_lesson_free(lesson);
    }
    lethe_lesson_files_free(paths, count);
    lethe_put_note(out, "'lesson 1' begins the first");
    return code;
}

struct checking {
    struct lethe_value *faults;
    size_t count;
};

static void add_fault(void *user, size_t line, const char *text)
{
    struct checking *c = user;
    c->count++;
    if (line)
        lethe_put_textf(c->faults, NULL, "line %zu: %s", line, text);
    else
        lethe_put_text(c->faults, NULL, text);
}

static void check_names(struct checking *c, size_t line, const struct lethe_condition *condition)
{
    char text[160];
    const char *name;
    for (size_t k = 0; condition && (name = lethe_condition_name(condition, k)); k++)
        if (!lethe_lesson_knows(name)) {
            snprintf(text, sizeof text, "nothing on the workbench is called '%.60s'", name);
            add_fault(c, line, text);
        }
}

/* Words of the commands, as far as they can be checked without running them. */
static void check_commands(struct checking *c, size_t line, const struct lethe_workbench *wb,
                           const char *commands)
{
    struct lethe_error err = {0};
    const char *cursor = commands;
    while (commands && wb->commands) {
        struct lethe_line words = {0};
        struct lethe_args args = {0};
        if (lethe_line_next(&words, &cursor, &err)) {
            add_fault(c, line, err.message);
            return;
        }
        if (!words.count) {
            lethe_line_release(&words);
            return;
        }
        const struct lethe_command *command =
            lethe_command_find(wb->commands, words.words[0], &err);
        if (!command || lethe_args_parse(&args, command->name, command->args, command->arg_count,
                                         words.words + 1, words.count - 1, &err))
            add_fault(c, line, err.message);
        lethe_args_release(&args);
        lethe_line_release(&words);
    }
}

enum lethe_err lethe_tutor_check(struct lethe_value *out, const struct lethe_workbench *wb,
                                 const char *path, struct lethe_error *err)
{
    struct lethe_lesson *lesson = NULL;
    struct checking c = {.faults = lethe_hint(lethe_put_list(out, "faults"), LETHE_HINT_WIDE)};
    enum lethe_err code = lethe_lesson_load(&lesson, path, add_fault, &c, err);
    if (code && !c.count)
        return code;
    if (!code)
        check_commands(&c, 0, wb, lesson->setup);
    for (size_t k = 0; !code && k < lesson->step_count; k++) {
        const struct lethe_lesson_step *step = &lesson->steps[k];
        check_commands(&c, step->line, wb, step->commands);
        check_names(&c, step->line, step->until);
        for (size_t i = 0; i < step->reply_count; i++)
            check_names(&c, step->line, step->replies[i].when);
    }
    if (!code)
        lethe_lesson_fit(lesson, add_fault, &c);
    lethe_put_count(out, "steps", lesson ? lesson->step_count : 0);
    lethe_put_note(out, c.count ? "%zu to mend" : "nothing is wrong with it", c.count);
    lethe_lesson_free(lesson);
    return LETHE_OK;
}

enum lethe_err lethe_tutor_reset(const struct lethe_workbench *wb, struct lethe_error *err)
{
    return wb->lesson_progress && lethe_file_exists(wb->lesson_progress)
               ? lethe_file_remove(wb->lesson_progress, err)
               : LETHE_OK;
}
