/* SPDX-License-Identifier: MIT
 * The program host the full-screen mode: the executor, completion and command table as a host of
 * the desk. Commands are started, not waited for; what they answer later is the desk's news. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "workbench/complete.h"
#include "cmd/registry.h"
#include "ui/fill.h"
#include "ui/host_sayings.h"
#include "ui/skin.h"
#include "ui/terminal_recorder.h"
#include "ui/tui.h"
#include "ui/tui_host.h"
#include "workbench/execute.h"
#include "workbench/pipeline.h"
#include "workbench/tutor.h"

enum { COMMANDS = 128, NAME = 96 };

struct lethe_tui_host {
    struct lethe_host host;
    struct lethe_workbench *wb;
    struct lethe_look look;
    struct lethe_text answer, late; /* of the command that runs; of work begun before */
    struct lethe_error err;
    enum lethe_err code;
    int executing;         /* answers belong to the line of this moment */
    unsigned long started; /* the job that the command of this moment began; 0: none */
    char *rest;            /* commands of a line that wait for `awaited`; NULL: none */
    unsigned long awaited;
    int has_late, late_is_error;
    char late_of[NAME]; /* the command that answered */
    struct lethe_candidates candidates;
    struct lethe_view_entry entries[COMMANDS];
    char names[COMMANDS][NAME], why[NAME];
    struct lethe_fill fill;
    struct lethe_survey survey;
    unsigned panes; /* that can be seen, a bit for each */
    struct lethe_drawn drawn[LETHE_DRAWN];
    char *picture; /* in the language of the terminal, until it is taken; NULL: none */
    size_t picture_size;
    struct lethe_selected *weighed; /* selection whose checks were asked for; NULL: none */
    int (*show)(void *shower, const char *words); /* what a line does; NULL: nobody looks */
    void *shower;
};

/* A drawing goes where the one of its kind was, or into the first free place, or the last. */
static void keep_drawing(struct lethe_tui_host *host, struct lethe_result *result)
{
    const struct lethe_value *kind = lethe_value_get(&result->root, "kind");
    struct lethe_drawn *at = host->drawn;
    if (!result->sheet || !kind)
        return;
    while (at < host->drawn + LETHE_DRAWN - 1 && at->kind[0] && strcmp(at->kind, kind->text) != 0)
        at++;
    lethe_sheet_unref(at->sheet);
    lethe_snapshot_unref(at->snapshot);
    *at = (struct lethe_drawn){
        .sheet = lethe_sheet_ref(result->sheet),
        .snapshot = host->wb->snapshot ? lethe_snapshot_ref(host->wb->snapshot) : NULL,
        .settings = host->wb->settings};
    snprintf(at->kind, sizeof at->kind, "%s", kind->text);
    lethe_free(host->picture);
    host->picture = result->picture;
    host->picture_size = result->picture_size;
    result->picture = NULL;
    host->wb->version++;
}

static void keep_late(struct lethe_tui_host *host, const struct lethe_outcome *outcome)
{
    lethe_text_clear(&host->late);
    snprintf(host->late_of, sizeof host->late_of, "%s", outcome->command ? outcome->command : "");
    if (outcome->code)
        lethe_text_add(&host->late, outcome->err->message);
    else if (!lethe_host_say(&host->late, host->wb, outcome))
        lethe_render_text(&host->late, outcome->result, &host->look);
    host->has_late = 1;
    host->late_is_error = outcome->code != LETHE_OK;
}

static void take(void *user, const struct lethe_outcome *outcome)
{
    struct lethe_tui_host *host = user;
    if (outcome->replaced)
        return;
    if (!outcome->code)
        keep_drawing(host, outcome->result);
    if (!host->executing) {
        keep_late(host, outcome);
    } else if (outcome->code) {
        host->code = outcome->code;
        host->err = *outcome->err;
    } else if (outcome->job) {
        host->started = outcome->job;
    } else if (lethe_host_say(&host->answer, host->wb, outcome)) {
        lethe_text_add(&host->answer, "\n");
    } else {
        lethe_render_text(&host->answer, outcome->result, &host->look);
    }
}

/* A line waits for work of its own, as a lesson does that is taken up again. Before there is a
 * screen the terminal is told. */
static int tick(void *user, const struct lethe_job_info *job)
{
    struct lethe_tui_host *host = user;
    struct lethe_text words = {0};
    int ends = 0;
    if (job->seconds < 0.3)
        return 0;
    lethe_progress_words(&words, job);
    if (host->show)
        ends = host->show(host->shower, lethe_text_get(&words));
    else if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%s", lethe_text_get(&words));
    lethe_text_release(&words);
    return ends ? LETHE_TICK_CANCEL : 0;
}

static void attend(void *self, int (*show)(void *shower, const char *words), void *shower)
{
    struct lethe_tui_host *host = self;
    host->show = show;
    host->shower = shower;
}

/* Runs commands up to the first that takes time: those behind it wait until it is done, as they
 * would at the prompt; what goes to the background with '&' is not waited for. */
static void run_line(struct lethe_tui_host *host, const char *line)
{
    const struct lethe_sink sink = {.take = take, .user = host, .tick = tick};
    while (!host->code && !host->started) {
        struct lethe_line parsed = {0};
        host->code = lethe_line_next(&parsed, &line, &host->err);
        if (host->code || !parsed.count) {
            lethe_line_release(&parsed);
            return;
        }
        const int background = parsed.background;
        host->started = 0;
        lethe_execute(host->wb, &parsed, LETHE_EXECUTE_START, &sink);
        if (background)
            host->started = 0;
        lethe_line_release(&parsed);
    }
    lethe_free(host->rest);
    host->rest = !host->code && line[strspn(line, " ;\n")] ? lethe_strdup(line) : NULL;
    host->awaited = host->started;
}

static enum lethe_err execute(void *self, const char *line, const char **text,
                              struct lethe_error *err)
{
    struct lethe_tui_host *host = self;
    lethe_text_clear(&host->answer);
    host->code = LETHE_OK;
    host->started = 0;
    host->executing = 1;
    run_line(host, line);
    host->executing = 0;
    *text = lethe_text_get(&host->answer);
    if (host->code)
        *err = host->err;
    return host->code;
}

static size_t complete(void *self, const char *line, size_t cursor, const char *const **candidates,
                       size_t *from)
{
    struct lethe_tui_host *host = self;
    struct lethe_text before = {0};
    lethe_candidates_release(&host->candidates);
    memset(&host->candidates, 0, sizeof host->candidates);
    lethe_text_add_bytes(&before, line, cursor);
    if (lethe_complete(&host->candidates, host->wb, lethe_text_get(&before), NULL) != LETHE_OK)
        memset(&host->candidates, 0, sizeof host->candidates);
    lethe_text_release(&before);
    *candidates = (const char *const *)host->candidates.at;
    *from = host->candidates.start;
    return host->candidates.count;
}

static const char *lacking(const struct lethe_tui_host *host, const struct lethe_command *command)
{
    if (command->flags & LETHE_NEEDS_MODEL && !lethe_workbench_has_model(host->wb))
        return "needs a model: ':load PATH' first";
    if (command->flags & LETHE_NEEDS_DATA && !lethe_workbench_has_data(host->wb))
        return "needs training data: ':data PATH' first";
    if (command->flags & LETHE_NEEDS_FORGET && !lethe_workbench_has_forget(host->wb))
        return "needs samples to forget: mark some, or ':forget add SPEC'";
    return NULL;
}

static const char *refusal(void *self, const char *line)
{
    struct lethe_tui_host *host = self;
    char word[NAME];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " "), line);
    const struct lethe_command *command = lethe_command_find(&lethe_command_registry, word, NULL);
    return command ? lacking(host, command) : "there is no such command";
}

static const struct lethe_view_entry *commands(void *self, size_t *count)
{
    struct lethe_tui_host *host = self;
    size_t known = lethe_command_registry.count;
    *count = known < COMMANDS ? known : COMMANDS;
    for (size_t k = 0; k < *count; k++) {
        const struct lethe_command *command = lethe_command_registry.at[k];
        struct lethe_text usage = {0};
        lethe_command_usage(&usage, command);
        snprintf(host->names[k], NAME, "%s", lethe_text_get(&usage));
        lethe_text_release(&usage);
        host->entries[k] =
            (struct lethe_view_entry){"", host->names[k], command->summary, lacking(host, command)};
    }
    return host->entries;
}

/* A command nobody typed: its result shows in the panes, its answer nowhere. */
static void run_quietly(struct lethe_tui_host *host, const char *line)
{
    const struct lethe_sink nobody = {0};
    struct lethe_error ignored;
    struct lethe_line parsed = {0};
    if (lethe_line_next(&parsed, &line, &ignored) == LETHE_OK && parsed.count)
        lethe_execute(host->wb, &parsed, LETHE_EXECUTE_START, &nobody);
    lethe_line_release(&parsed);
}

/* What a screen wants to know without being told: how far a selection can be trusted, and all the
 * figures of a preview that was only looked at. */
static void look_after(struct lethe_tui_host *host)
{
    struct lethe_workbench *wb = host->wb;
    if (wb->selected && wb->selected != host->weighed && wb->selected->selection.marginal) {
        lethe_selected_unref(host->weighed);
        host->weighed = lethe_selected_ref(wb->selected);
        run_quietly(host, "null &");
        if (wb->selected->selection.samples == 1)
            run_quietly(host, "stability runs=5 &");
    }
    if (wb->preview && wb->preview->partial && wb->jobs &&
        !lethe_jobs_active(wb->jobs, LETHE_LANE_INTERACTIVE))
        lethe_pipeline_start_complete(wb, &wb->problem);
    if (host->panes & 1u << LETHE_PANE_PLANE)
        lethe_plane_view_ask(wb);
    static const struct {
        enum lethe_pane pane;
        enum lethe_model_view_kind kind;
    } views[] = {{LETHE_PANE_CLASSES, LETHE_VIEW_CLASSES},
                 {LETHE_PANE_CONFUSION, LETHE_VIEW_CONFUSION},
                 {LETHE_PANE_CKA, LETHE_VIEW_LAYERS},
                 {LETHE_PANE_EMBEDDING, LETHE_VIEW_EMBEDDING}};
    for (size_t k = 0; k < sizeof views / sizeof *views; k++)
        if (host->panes & 1u << views[k].pane)
            lethe_model_view_ask(wb, views[k].kind);
}

static const struct lethe_view *view(void *self, size_t sample)
{
    struct lethe_tui_host *host = self;
    look_after(host);
    if (lethe_tutor_watch(host->wb))
        host->wb->version++;
    lethe_survey_ask(&host->survey, host->wb);
    return lethe_fill_view(&host->fill, host->wb, sample);
}

static void seen(void *self, unsigned panes, const char *plot)
{
    struct lethe_tui_host *host = self;
    struct lethe_workbench *wb = host->wb;
    host->panes = panes;
    if (strcmp(wb->shown, plot ? plot : "") == 0)
        return;
    snprintf(wb->shown, sizeof wb->shown, "%s", plot ? plot : "");
    wb->version++; /* a lesson may wait for it */
}

static int news(void *self, const char **text)
{
    struct lethe_tui_host *host = self;
    struct lethe_error *problem = &host->wb->problem;
    if (problem->code) { /* of work nobody asked for by a command */
        lethe_text_clear(&host->late);
        host->late_of[0] = '\0';
        lethe_text_add(&host->late, problem->message);
        problem->code = LETHE_OK;
        host->has_late = host->late_is_error = 1;
    }
    if (!host->has_late)
        return 0;
    host->has_late = 0;
    *text = lethe_text_get(&host->late);
    return host->late_is_error ? -1 : 1;
}

static const char *news_command(void *self)
{
    return ((const struct lethe_tui_host *)self)->late_of;
}

/* The caller frees it (lethe_free). */
static char *picture(void *self, size_t *size)
{
    struct lethe_tui_host *host = self;
    char *taken = host->picture;
    *size = host->picture_size;
    host->picture = NULL;
    return taken;
}

static int fd(void *self)
{
    const struct lethe_tui_host *host = self;
    return host->wb->jobs ? lethe_jobs_fd(host->wb->jobs) : -1;
}

/* How a job ended, or how it stands; of one that is no longer known: done. */
static enum lethe_job_state state_of(struct lethe_jobs *jobs, unsigned long id)
{
    enum { LIST = 64 };
    struct lethe_job_info list[LIST];
    const size_t count = lethe_jobs_list(jobs, list, LIST);
    for (size_t k = 0; k < count; k++)
        if (list[k].id == id)
            return list[k].state;
    return LETHE_JOB_DONE;
}

/* The commands that waited go on when what they waited for is done, and go when it failed. */
static void go_on(struct lethe_tui_host *host)
{
    const enum lethe_job_state state = state_of(host->wb->jobs, host->awaited);
    if (state == LETHE_JOB_WAITING || state == LETHE_JOB_RUNNING)
        return;
    char *line = host->rest;
    host->rest = NULL;
    host->started = 0;
    host->code = LETHE_OK;
    host->executing = 1;
    lethe_text_clear(&host->answer);
    if (state == LETHE_JOB_DONE)
        run_line(host, line);
    host->executing = 0;
    if (state == LETHE_JOB_DONE && (host->code || host->answer.length)) {
        lethe_text_clear(&host->late);
        host->late_of[0] = '\0';
        lethe_text_add(&host->late, host->code ? host->err.message : lethe_text_get(&host->answer));
        host->has_late = 1;
        host->late_is_error = host->code != LETHE_OK;
    }
    lethe_free(line);
}

static void deliver(void *self)
{
    struct lethe_tui_host *host = self;
    if (host->wb->jobs)
        lethe_jobs_deliver(host->wb->jobs);
    if (host->wb->jobs && host->rest)
        go_on(host);
}

static int busy(void *self)
{
    const struct lethe_tui_host *host = self;
    struct lethe_jobs *jobs = host->wb->jobs;
    return jobs && (host->rest || lethe_jobs_active(jobs, LETHE_LANE_INTERACTIVE) ||
                    lethe_jobs_active(jobs, LETHE_LANE_BACKGROUND));
}

/* An answer stands in a frame with some room around; longer lines are hard to read. */
static void wide(void *self, int cols)
{
    enum { AROUND = 4, LEAST = 76, MOST = 132 };
    struct lethe_tui_host *host = self;
    const int room = cols - AROUND < MOST ? cols - AROUND : MOST;
    host->look.width = (size_t)(room > LEAST ? room : LEAST);
    host->wb->look.width = host->look.width;
}

enum lethe_err lethe_tui_host_new(struct lethe_tui_host **made, struct lethe_workbench *wb,
                                  int ascii, struct lethe_error *err)
{
    struct lethe_tui_host *host = lethe_alloc_zero(1, sizeof *host);
    if (!host)
        return lethe_fail_memory(err, "the screen", 1, sizeof *host);
    host->wb = wb;
    host->look = (struct lethe_look){.width = 76, .ascii = ascii};
    host->host =
        (struct lethe_host){host, execute, complete, commands, refusal, view,         news, picture,
                            fd,   deliver, busy,     seen,     attend,  news_command, wide};
    host->fill.survey = &host->survey;
    host->fill.drawn = host->drawn;
    wb->commands = &lethe_command_registry;
    wb->look = host->look;
    wb->interactive = 1;
    wb->glances = 1;
    *made = host;
    return LETHE_OK;
}

void lethe_tui_host_note(struct lethe_tui_host *host, const char *lines)
{
    lethe_text_clear(&host->late);
    for (const char *line = lines; *line;) {
        const size_t length = strcspn(line, "\n");
        lethe_text_addf(&host->late, "%s%.*s", host->late.length ? " · " : "", (int)length, line);
        line += length + (line[length] != '\0');
    }
    host->late_of[0] = '\0';
    host->has_late = 1;
    host->late_is_error = 0;
}

const struct lethe_host *lethe_tui_host_of(const struct lethe_tui_host *host)
{
    return &host->host;
}

void lethe_tui_host_free(struct lethe_tui_host *host)
{
    if (!host)
        return;
    if (host->wb->jobs) { /* their answers come here: they end before it is gone */
        lethe_jobs_cancel(host->wb->jobs, 0);
        lethe_jobs_wait(host->wb->jobs, 0, -1);
    }
    lethe_candidates_release(&host->candidates);
    lethe_text_release(&host->answer);
    lethe_text_release(&host->late);
    lethe_fill_release(&host->fill);
    lethe_survey_release(&host->survey);
    for (int k = 0; k < LETHE_DRAWN; k++) {
        lethe_sheet_unref(host->drawn[k].sheet);
        lethe_snapshot_unref(host->drawn[k].snapshot);
    }
    lethe_selected_unref(host->weighed);
    lethe_free(host->picture);
    lethe_free(host->rest);
    lethe_free(host);
}

static enum lethe_err begin_lesson(struct lethe_tui_host *host, const char *lesson,
                                   struct lethe_error *err)
{
    char line[NAME];
    const char *text;
    snprintf(line, sizeof line, "lesson %.80s", lesson);
    return execute(host, line, &text, err);
}

int lethe_screen(struct lethe_workbench *wb, const struct lethe_options *options)
{
    struct lethe_error err = {0};
    struct lethe_tui_host *host = NULL;
    const struct lethe_curses_options terminal = {
        options->term, options->no_color || options->plain, options->plain};
    enum lethe_err code = lethe_tui_host_new(&host, wb, options->plain || !options->utf8, &err);
    if (!code && options->opening)
        lethe_tui_host_note(host, options->opening);
    if (!code && options->lesson && begin_lesson(host, options->lesson, &err)) {
        lethe_tui_host_free(host);
        lethe_complain("lethe: %s", err.message);
        return lethe_err_exit(err.code);
    }
    if (options->recorder)
        options->recorder->on_screen = 1;
    if (!code)
        code = lethe_tui_run(lethe_tui_host_of(host), &terminal, options->plain,
                             options->recorder ? &options->recorder->recording : NULL, &err);
    if (options->recorder)
        options->recorder->on_screen = 0;
    lethe_tui_host_free(host);
    if (code)
        lethe_complain("lethe: %s", err.message);
    return code == LETHE_EARG ? -1 : lethe_err_exit(code);
}
