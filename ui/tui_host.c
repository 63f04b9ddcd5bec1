/* SPDX-License-Identifier: MIT
 * The program behind the full-screen mode: the executor, completion and command table as a host of
 * the desk. Commands are started, not waited for; what they answer later is the desk's news. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cmd/complete.h"
#include "ui/fill.h"
#include "ui/skin.h"
#include "ui/tui.h"

enum { COMMANDS = 128, NAME = 96 };

struct behind {
    struct lethe_workbench *wb;
    struct lethe_look look;
    struct lethe_text answer, late; /* of the command that runs; of work begun before */
    struct lethe_error err;
    enum lethe_err code;
    int executing; /* answers belong to the line of this moment */
    int has_late, late_is_error;
    struct lethe_candidates candidates;
    struct lethe_view_entry entries[COMMANDS];
    char names[COMMANDS][NAME], why[NAME];
    struct lethe_fill fill;
};

/* ---- one line about what a command did; the panes show the rest ------------------------------ */

static void say_select(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->chosen)
        lethe_text_addf(out, "%zu of %zu units above the line: %s", wb->chosen->selection.accepted,
                        wb->chosen->selection.units, wb->chosen->selection.stopped);
}

static void say_preview(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->preview)
        lethe_text_addf(out, "preview: %zu parameters moved by %.3g, %s form, %.0f ms",
                        wb->preview->parameters, wb->preview->update.norm,
                        lethe_form_name(wb->preview->update.form), 1e3 * wb->preview->seconds);
}

static void say_retrain(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->warm)
        lethe_text_addf(out, "retrained: %zu iterations to gradient %.0e in %.1f s",
                        wb->warm->report.iterations, wb->warm->report.gradient,
                        wb->warm->report.seconds);
}

static void say_forget(struct lethe_text *out, const struct lethe_workbench *wb)
{
    size_t count = wb->subject.forget.count;
    if (count)
        lethe_text_addf(out, "%zu to forget: v shows what the removal would do", count);
    else
        lethe_text_add(out, "nothing is to be forgotten");
}

static void say_head(struct lethe_text *out, const struct lethe_workbench *wb)
{
    if (wb->session)
        lethe_text_addf(out, "now at %.8s  %s", lethe_state_id(lethe_session_head(wb->session)),
                        lethe_state_message(lethe_session_head(wb->session)));
}

static const struct {
    const char *command;
    void (*say)(struct lethe_text *out, const struct lethe_workbench *wb);
} sayings[] = {
    {"select", say_select}, {"preview", say_preview}, {"retrain", say_retrain},
    {"forget", say_forget}, {"commit", say_head},     {"undo", say_head},
    {"redo", say_head},     {"checkout", say_head},
};

/* 1 when there was something short to say. */
static int say(struct lethe_text *out, const struct behind *behind, const char *command)
{
    size_t before = out->length;
    for (size_t k = 0; k < sizeof sayings / sizeof sayings[0]; k++)
        if (strcmp(sayings[k].command, command) == 0)
            sayings[k].say(out, behind->wb);
    return out->length > before;
}

/* What arrives late goes to the message line. */
static void keep_late(struct behind *behind, const struct lethe_outcome *outcome)
{
    lethe_text_clear(&behind->late);
    if (outcome->code)
        lethe_text_add(&behind->late, outcome->err->message);
    else if (!say(&behind->late, behind, outcome->command))
        lethe_text_addf(&behind->late, "%s: done", outcome->command);
    behind->has_late = 1;
    behind->late_is_error = outcome->code != LETHE_OK;
}

static void take(void *user, const struct lethe_outcome *outcome)
{
    struct behind *behind = user;
    if (outcome->replaced)
        return;
    if (!behind->executing) {
        keep_late(behind, outcome);
    } else if (outcome->code) {
        behind->code = outcome->code;
        behind->err = *outcome->err;
    } else if (!outcome->job && say(&behind->answer, behind, outcome->command)) {
        lethe_text_add(&behind->answer, "\n");
    } else if (!outcome->job) {
        lethe_render_text(&behind->answer, outcome->result, &behind->look);
    }
}

static enum lethe_err execute(void *self, const char *line, const char **text,
                              struct lethe_error *err)
{
    struct behind *behind = self;
    const struct lethe_sink sink = {.take = take, .user = behind};
    lethe_text_clear(&behind->answer);
    behind->code = LETHE_OK;
    behind->executing = 1;
    while (!behind->code) {
        struct lethe_line parsed = {0};
        behind->code = lethe_line_next(&parsed, &line, &behind->err);
        if (behind->code || !parsed.count) {
            lethe_line_release(&parsed);
            break;
        }
        lethe_execute(behind->wb, &parsed, LETHE_EXECUTE_START, &sink);
        lethe_line_release(&parsed);
    }
    behind->executing = 0;
    *text = lethe_text_get(&behind->answer);
    if (behind->code)
        *err = behind->err;
    return behind->code;
}

static size_t complete(void *self, const char *line, size_t cursor, const char *const **candidates,
                       size_t *from)
{
    struct behind *behind = self;
    struct lethe_text before = {0};
    lethe_candidates_release(&behind->candidates);
    memset(&behind->candidates, 0, sizeof behind->candidates);
    lethe_text_add_bytes(&before, line, cursor);
    if (lethe_complete(&behind->candidates, behind->wb, lethe_text_get(&before), NULL) != LETHE_OK)
        memset(&behind->candidates, 0, sizeof behind->candidates);
    lethe_text_release(&before);
    *candidates = (const char *const *)behind->candidates.at;
    *from = behind->candidates.start;
    return behind->candidates.count;
}

static const char *lacking(const struct behind *behind, const struct lethe_command *command)
{
    if (command->flags & LETHE_NEEDS_MODEL && !lethe_workbench_has_model(behind->wb))
        return "needs a model: ':load PATH' first";
    if (command->flags & LETHE_NEEDS_DATA && !lethe_workbench_has_data(behind->wb))
        return "needs training data: ':data PATH' first";
    if (command->flags & LETHE_NEEDS_FORGET && !lethe_workbench_has_forget(behind->wb))
        return "needs samples to forget: mark some, or ':forget add SPEC'";
    return NULL;
}

static const char *refusal(void *self, const char *line)
{
    struct behind *behind = self;
    char word[NAME];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " "), line);
    const struct lethe_command *command = lethe_command_find(word, NULL);
    return command ? lacking(behind, command) : "there is no such command";
}

static const struct lethe_view_entry *commands(void *self, size_t *count)
{
    struct behind *behind = self;
    size_t known = lethe_command_count();
    *count = known < COMMANDS ? known : COMMANDS;
    for (size_t k = 0; k < *count; k++) {
        const struct lethe_command *command = lethe_command_at(k);
        struct lethe_text usage = {0};
        lethe_command_usage(&usage, command);
        snprintf(behind->names[k], NAME, "%s", lethe_text_get(&usage));
        lethe_text_release(&usage);
        behind->entries[k] = (struct lethe_view_entry){"", behind->names[k], command->summary,
                                                       lacking(behind, command)};
    }
    return behind->entries;
}

static const struct lethe_view *view(void *self, size_t sample)
{
    struct behind *behind = self;
    return lethe_fill_view(&behind->fill, behind->wb, sample);
}

static int news(void *self, const char **text)
{
    struct behind *behind = self;
    struct lethe_error *problem = &behind->wb->problem;
    if (problem->code) { /* of work nobody asked for by a command */
        lethe_text_clear(&behind->late);
        lethe_text_add(&behind->late, problem->message);
        problem->code = LETHE_OK;
        behind->has_late = behind->late_is_error = 1;
    }
    if (!behind->has_late)
        return 0;
    behind->has_late = 0;
    *text = lethe_text_get(&behind->late);
    return behind->late_is_error ? -1 : 1;
}

static int fd(void *self)
{
    const struct behind *behind = self;
    return behind->wb->jobs ? lethe_jobs_fd(behind->wb->jobs) : -1;
}

static void deliver(void *self)
{
    struct behind *behind = self;
    if (behind->wb->jobs)
        lethe_jobs_deliver(behind->wb->jobs);
}

static int busy(void *self)
{
    const struct behind *behind = self;
    struct lethe_jobs *jobs = behind->wb->jobs;
    return jobs && (lethe_jobs_active(jobs, LETHE_LANE_INTERACTIVE) ||
                    lethe_jobs_active(jobs, LETHE_LANE_BACKGROUND));
}

int lethe_screen(struct lethe_workbench *wb, const struct lethe_options *options)
{
    struct lethe_error err = {0};
    struct behind *behind = lethe_alloc_zero(1, sizeof *behind);
    if (!behind) {
        fprintf(stderr, "lethe: out of memory\n");
        return lethe_err_exit(LETHE_ENOMEM);
    }
    behind->wb = wb;
    behind->look = (struct lethe_look){.width = 76, .ascii = options->plain || !options->utf8};
    wb->look = behind->look;
    wb->interactive = 1;
    const struct lethe_host host = {behind, execute, complete, commands, refusal,
                                    view,   news,    fd,       deliver,  busy};
    const struct lethe_curses_options terminal = {
        options->term, options->no_color || options->plain, options->plain};
    enum lethe_err code = lethe_tui_run(&host, &terminal, &err);
    lethe_candidates_release(&behind->candidates);
    lethe_text_release(&behind->answer);
    lethe_text_release(&behind->late);
    /* Work that is still under way answers to behind: end it before it is gone. */
    if (wb->jobs) {
        lethe_jobs_cancel(wb->jobs, 0);
        lethe_jobs_wait(wb->jobs, 0, -1);
    }
    lethe_text_release(&behind->late);
    lethe_fill_release(&behind->fill);
    lethe_free(behind);
    if (code)
        fprintf(stderr, "lethe: %s\n", err.message);
    return code == LETHE_EARG ? -1 : lethe_err_exit(code);
}
