/* SPDX-License-Identifier: MIT
 * From a line to an answer. A command that computes becomes a job; its struct running lives until
 * the job is released, so an answer is given exactly once, also when the work was replaced or its
 * state is over. */
#include "workbench/execute.h"

#include <string.h>
#include "base/alloc.h"
#include "workbench/pipeline.h"
#include "workbench/workbench.h"

struct running {
    struct lethe_call call;
    struct lethe_result result;
    struct lethe_line line; /* owns the words that args point into */
    struct lethe_sink sink;
    int answered;
    enum lethe_err code;    /* of the answer */
    enum lethe_err *waiter; /* gets the code when somebody waits; else NULL */
};

static void answer(struct running *run, enum lethe_err code, const struct lethe_error *err)
{
    struct lethe_outcome outcome = {.command = run->line.words[0],
                                    .code = code,
                                    .err = err,
                                    .result = code ? NULL : &run->result};
    run->answered = 1;
    run->code = code;
    if (run->call.wb->tutor && !code && strcmp(outcome.command, "lesson") != 0)
        lethe_answers_keep(&run->call.wb->answers, outcome.command, &run->result);
    if (run->waiter)
        *run->waiter = code;
    if (run->sink.take)
        run->sink.take(run->sink.user, &outcome);
}

static void free_running(void *arg)
{
    struct running *run = arg;
    if (!run->answered) {
        struct lethe_error err;
        lethe_fail(&err, LETHE_ECANCEL, "'%s' was replaced by a newer request", run->line.words[0]);
        struct lethe_outcome outcome = {
            .command = run->line.words[0], .code = LETHE_ECANCEL, .err = &err, .replaced = 1};
        if (run->waiter)
            *run->waiter = LETHE_ECANCEL;
        if (run->sink.take)
            run->sink.take(run->sink.user, &outcome);
    }
    if (run->call.task.release)
        run->call.task.release(run->call.task.arg);
    lethe_args_release(&run->call.args);
    lethe_result_release(&run->result);
    lethe_line_release(&run->line);
    lethe_free(run);
}

static enum lethe_err work(void *arg, struct lethe_watch *watch, struct lethe_error *err)
{
    struct running *run = arg;
    return run->call.task.run(run->call.task.arg, watch, err);
}

/* Lets the command run, or finish, with its line at hand for what it decides. */
static enum lethe_err with_line(struct running *run, int finish, struct lethe_error *err)
{
    struct lethe_workbench *wb = run->call.wb;
    const char *outer = wb->line;
    const int noted = run->call.command->flags & LETHE_NOTED;
    wb->line = noted && !run->call.unnoted ? run->line.source : NULL;
    enum lethe_err code = finish ? run->call.task.finish(wb, run->call.task.arg, run->call.out, err)
                                 : run->call.command->run(&run->call, err);
    if (noted && !wb->line)
        run->call.unnoted = 1;
    wb->line = outer;
    return code;
}

/* What every success has in common: a place in the script, and the draft on disk. */
static enum lethe_err conclude(struct running *run, struct lethe_error *err)
{
    enum lethe_err code = lethe_result_ok(&run->result, err);
    if (!code && run->call.wb->interactive)
        lethe_pipeline_start_ahead(run->call.wb);
    if (code || !(run->call.command->flags & LETHE_NOTED))
        return code;
    if (!run->call.unnoted)
        code = lethe_workbench_note(run->call.wb, run->line.source, err);
    return code ? code : lethe_workbench_sync(run->call.wb, err);
}

static void done(void *arg, enum lethe_err code, const struct lethe_error *err)
{
    struct running *run = arg;
    struct lethe_error own = {0};
    if (err)
        own = *err;
    if (!code)
        code = with_line(run, 1, &own);
    if (!code)
        code = conclude(run, &own);
    answer(run, code, &own);
}

static enum lethe_err copy_line(struct lethe_line *to, const struct lethe_line *from,
                                struct lethe_error *err)
{
    const char *cursor = from->source;
    return lethe_line_next(to, &cursor, err);
}

static enum lethe_err check_needs(const struct lethe_workbench *wb,
                                  const struct lethe_command *command, struct lethe_error *err)
{
    if (command->flags & LETHE_NEEDS_MODEL && !lethe_workbench_has_model(wb))
        return lethe_fail(err, LETHE_EARG, "'%s' needs a model: 'load PATH' first", command->name);
    if (command->flags & LETHE_NEEDS_DATA && !lethe_workbench_has_data(wb))
        return lethe_fail(err, LETHE_EARG, "'%s' needs training data: 'data PATH' first",
                          command->name);
    if (command->flags & LETHE_NEEDS_FORGET && !lethe_workbench_has_forget(wb))
        return lethe_fail(err, LETHE_EARG, "'%s' needs samples to forget: 'forget add SPEC' first",
                          command->name);
    return command->flags & LETHE_ADDS && wb->session
               ? lethe_session_check_writing(wb->session, err)
               : LETHE_OK;
}

static enum lethe_err prepare(struct running **out, struct lethe_workbench *wb,
                              const struct lethe_line *line, const struct lethe_sink *sink,
                              struct lethe_error *err)
{
    static const struct lethe_command_list none = {NULL, 0};
    const struct lethe_command_list *list = wb->commands ? wb->commands : &none;
    const struct lethe_command *command = lethe_command_find(list, line->words[0], err);
    if (!command)
        return LETHE_EARG;
    struct running *run = lethe_alloc_zero(1, sizeof *run);
    if (!run)
        return lethe_fail_memory(err, "command", 1, sizeof *run);
    run->answered = 1; /* until there is something to answer for */
    run->sink = *sink;
    lethe_result_init(&run->result);
    run->call = (struct lethe_call){.wb = wb,
                                    .command = command,
                                    .commands = list,
                                    .out = &run->result.root,
                                    .background = line->background};
    enum lethe_err code = copy_line(&run->line, line, err);
    if (!code)
        code = lethe_args_parse(&run->call.args, command->name, command->args, command->arg_count,
                                run->line.words + 1, run->line.count - 1, err);
    if (!code)
        code = check_needs(wb, command, err);
    if (code) {
        free_running(run);
        return code;
    }
    *out = run;
    return LETHE_OK;
}

static enum lethe_err submit(struct running *run, unsigned long *id, struct lethe_error *err)
{
    struct lethe_workbench *wb = run->call.wb;
    enum lethe_err code = LETHE_OK;
    if (!wb->jobs)
        code = lethe_jobs_new(&wb->jobs, wb->threads, err);
    if (code)
        return code;
    struct lethe_job job = {.name = run->line.source,
                            .lane =
                                run->call.background ? LETHE_LANE_BACKGROUND : run->call.task.lane,
                            .lasting = run->call.task.lasting,
                            .independent = run->call.task.independent,
                            .run = work,
                            .done = done,
                            .release = free_running,
                            .arg = run};
    job.supersedes = job.lane == LETHE_LANE_INTERACTIVE;
    run->answered = 0;
    code = lethe_jobs_submit(wb->jobs, id, &job, err);
    if (code)
        run->answered = 1;
    return code;
}

static void wait_for(struct lethe_workbench *wb, unsigned long id, const struct lethe_sink *sink)
{
    enum { LIST = 64 };
    struct lethe_job_info list[LIST];
    while (!lethe_jobs_wait(wb->jobs, id, 100)) {
        size_t count = lethe_jobs_list(wb->jobs, list, LIST);
        for (size_t i = 0; sink->tick && i < count; i++)
            if (list[i].id == id) {
                const int wish = sink->tick(sink->user, &list[i]);
                if (wish)
                    (wish == LETHE_TICK_STOP ? lethe_jobs_stop : lethe_jobs_cancel)(wb->jobs, id);
            }
    }
}

static void answer_started(const struct lethe_sink *sink, const struct lethe_line *line,
                           unsigned long id)
{
    struct lethe_result result;
    lethe_result_init(&result);
    lethe_put_count(&result.root, "job", id);
    struct lethe_outcome outcome = {.command = line->words[0], .result = &result, .job = id};
    if (sink->take)
        sink->take(sink->user, &outcome);
    lethe_result_release(&result);
}

enum lethe_err lethe_execute(struct lethe_workbench *wb, const struct lethe_line *line,
                             enum lethe_execute_mode mode, const struct lethe_sink *sink)
{
    struct lethe_error err = {0};
    struct running *run = NULL;
    unsigned long id = 0;
    struct lethe_sink outer = wb->sink;
    wb->sink = *sink;
    enum lethe_err code = prepare(&run, wb, line, sink, &err);
    if (!code)
        code = with_line(run, 0, &err);
    wb->sink = outer;
    int heavy = !code && run->call.task.run;
    int waits = heavy && mode == LETHE_EXECUTE_WAIT && !line->background;
    if (waits)
        run->waiter = &code;
    if (heavy)
        code = submit(run, &id, &err);
    if (heavy && !code) {
        if (!waits)
            answer_started(sink, line, id);
        if (waits)
            wait_for(wb, id, sink);
        return code;
    }
    if (!code)
        code = conclude(run, &err);
    if (run) {
        answer(run, code, &err);
        free_running(run);
    } else {
        struct lethe_outcome outcome = {.command = line->words[0], .code = code, .err = &err};
        if (sink->take)
            sink->take(sink->user, &outcome);
    }
    return code;
}

enum lethe_err lethe_execute_text(struct lethe_workbench *wb, const char *text, int keep_going,
                                  const struct lethe_sink *sink)
{
    enum lethe_err first = LETHE_OK;
    const char *cursor = text;
    while (!wb->quit) {
        struct lethe_line line;
        struct lethe_error err = {0};
        enum lethe_err code = lethe_line_next(&line, &cursor, &err);
        if (code) {
            struct lethe_outcome outcome = {.command = "", .code = code, .err = &err};
            if (sink->take)
                sink->take(sink->user, &outcome);
        } else if (!line.count) {
            break;
        } else {
            code = lethe_execute(wb, &line, LETHE_EXECUTE_WAIT, sink);
        }
        lethe_line_release(&line);
        if (code && !first)
            first = code;
        if (code && !keep_going)
            break;
    }
    return first;
}
