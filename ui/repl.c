/* SPDX-License-Identifier: MIT
 * The prompt. The only includer of readline; without it (READLINE=0) lines are read plainly. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/alloc.h"
#include "base/file.h"
#include "base/visible.h"
#include "workbench/answer_session.h"
#include "ui/skin.h"
#include "workbench/complete.h"
#include "workbench/execute.h"
#if LETHE_READLINE
#include <readline/history.h>
#include <readline/readline.h>
#endif

/* The line as it stands now goes into the recording; `end` behind it. */
static void record_line(const struct lethe_options *options, const char *prompt, const char *line,
                        const char *end)
{
    struct lethe_text shown = {0};
    lethe_text_addf(&shown, "\r\033[K%s", prompt);
    char *copy = lethe_strdup(line);
    if (copy)
        copy[strcspn(copy, "\n")] = '\0';
    lethe_text_add_visible(&shown, copy ? copy : "", "");
    lethe_text_add(&shown, end);
    lethe_printer_record(options, lethe_text_get(&shown));
    lethe_free(copy);
    lethe_text_release(&shown);
}

static char *read_plain(const char *prompt)
{
    char *line = NULL;
    size_t room = 0;
    fputs(prompt, stdout);
    fflush(stdout);
    if (getline(&line, &room, stdin) >= 0)
        return line;
    free(line);
    return NULL;
}

#if LETHE_READLINE
enum { HISTORY_LINES = 1000 };

/* readline has no user pointer: what its callbacks need stands here. */
static const struct lethe_workbench *completing;
static const struct lethe_options *showing;

static size_t common_length(const char *a, const char *b, size_t most)
{
    size_t same = 0;
    while (same < most && a[same] && a[same] == b[same])
        same++;
    return same;
}

/* Candidates as readline wants them: the common beginning (never less than was typed), then all,
 * ended by NULL, in malloc'ed memory that readline frees; each without its first `behind` bytes,
 * which stand before an open quote. Names that must not reach the terminal are left out, because
 * readline prints what it is given. */
static char **matches(const struct lethe_candidates *candidates, const char *typed, size_t behind)
{
    char **list = calloc(candidates->count + 2, sizeof *list);
    size_t count = 0, common = 0;
    for (size_t i = 0; list && i < candidates->count; i++) {
        const char *word = candidates->at[i];
        if (!lethe_visible_as_is(word) || strlen(word) < behind)
            continue;
        word += behind;
        common = count ? common_length(list[1], word, common) : strlen(word);
        list[++count] = strdup(word);
    }
    if (!count) {
        free(list);
        return NULL;
    }
    list[0] = count > 1 && common < strlen(typed) ? strdup(typed)
                                                  : strndup(list[1] ? list[1] : "", common);
    if (count == 1) {
        free(list[1]);
        list[1] = NULL;
    }
    return list;
}

/* The candidates in columns, as readline lists them: here, so that a recording has them, too. */
static void list_matches(char **list, int count, int longest)
{
    struct lethe_text out = {0};
    int wide = 0;
    (void)longest; /* in bytes */
    for (int k = 1; k <= count; k++) {
        const int columns = (int)lethe_text_columns(list[k]);
        wide = columns > wide ? columns : wide;
    }
    const int room = (int)showing->columns / (wide + 2), across = room > 1 ? room : 1;
    const int rows = (count + across - 1) / across;
    lethe_text_add(&out, "\n");
    for (int row = 0; row < rows; row++) {
        for (int k = row; k < count; k += rows) {
            const int pad = k + rows < count ? wide + 2 - (int)lethe_text_columns(list[k + 1]) : 0;
            lethe_text_addf(&out, "%s%*s", list[k + 1], pad, "");
        }
        lethe_text_add(&out, "\n");
    }
    fputs(lethe_text_get(&out), rl_outstream);
    lethe_printer_record(showing, lethe_text_get(&out));
    lethe_text_release(&out);
    rl_forced_update_display();
}

static char **complete(const char *word, int start, int end)
{
    (void)end;
    struct lethe_candidates candidates;
    rl_attempted_completion_over = 1;
    char *text = strndup(rl_line_buffer, (size_t)rl_point);
    if (!text || lethe_complete(&candidates, completing, text, NULL)) {
        free(text);
        return NULL;
    }
    rl_completion_append_character = candidates.unfinished ? '\0' : ' ';
    rl_completion_suppress_quote = 1; /* candidates bring their own */
    char **list = candidates.start <= (size_t)start
                      ? matches(&candidates, word, (size_t)start - candidates.start)
                      : NULL;
    lethe_candidates_release(&candidates);
    free(text);
    return list;
}

static char *history_path(const struct lethe_options *options)
{
    return options->state_folder ? lethe_path_join(options->state_folder, "history") : NULL;
}

/* Each key that changes the line is an event of the recording; a line that is wider than the
 * terminal only its end. */
static void redisplay(void)
{
    rl_redisplay();
    if (lethe_text_columns(rl_display_prompt) + lethe_text_columns(rl_line_buffer) <
        showing->columns)
        record_line(showing, rl_display_prompt, rl_line_buffer, "");
}

static void begin(const struct lethe_workbench *wb, const struct lethe_options *options)
{
    completing = wb;
    showing = options;
    rl_redisplay_function = redisplay;
    rl_change_environment = 0;
    rl_catch_sigwinch = 0;
    rl_readline_name = "lethe";
    rl_attempted_completion_function = complete;
    rl_completion_display_matches_hook = list_matches;
    rl_completer_word_break_characters = " \t;=";
    rl_basic_word_break_characters = " \t;=";
    rl_completer_quote_characters = "\"'";
    stifle_history(HISTORY_LINES);
    char *path = history_path(options);
    if (path)
        read_history(path);
    lethe_free(path);
}

static void end(const struct lethe_options *options)
{
    char *path = history_path(options);
    if (path && lethe_folder_make(options->state_folder, NULL) == LETHE_OK) {
        write_history(path);
        lethe_file_make_private(path); /* it names what was to be forgotten */
    }
    lethe_free(path);
}

/* Ctrl-C at the prompt drops the line, as in a shell. */
static int leave_line(void)
{
    if (lethe_interrupt_taken()) {
        rl_replace_line("", 0);
        rl_crlf();
        rl_on_new_line();
        rl_redisplay();
    }
    return 0;
}

static char *read_line(const char *prompt)
{
    if (!isatty(STDIN_FILENO)) /* readline waits for ever at the end of a pipe */
        return read_plain(prompt);
    rl_event_hook = leave_line;
    char *line = readline(prompt);
    if (line && line[strspn(line, " \t")])
        add_history(line);
    return line;
}

#else

static void begin(const struct lethe_workbench *wb, const struct lethe_options *options)
{
    (void)wb;
    (void)options;
}

static void end(const struct lethe_options *options)
{
    (void)options;
}

static char *read_line(const char *prompt)
{
    return read_plain(prompt);
}

#endif

static void greet(const struct lethe_workbench *wb)
{
    if (lethe_workbench_has_model(wb))
        puts("lethe: 'help' lists the commands, Tab completes, 'quit' ends");
    else
        puts("lethe: 'load sample_models/digits-mlp' begins, 'lesson 1' teaches, 'help' lists");
}

/* The notes of what the command line loaded. */
static void say_opening(const struct lethe_options *options)
{
    struct lethe_text shown = {0};
    lethe_text_add_visible(&shown, options->opening ? options->opening : "", "\n");
    fputs(lethe_text_get(&shown), options->json ? stderr : stdout);
    lethe_text_release(&shown);
}

/* "lethe> ", with what a person must not forget about the session. */
static void write_prompt(char *out, size_t room, const struct lethe_workbench *wb)
{
    struct lethe_standing standing = {0};
    if (wb->session)
        lethe_session_standing(&standing, wb->session);
    if (wb->session && lethe_session_reading(wb->session))
        snprintf(out, room, "lethe (read only)> ");
    else if (wb->session && !standing.kept && standing.gone)
        snprintf(out, room, "lethe (not kept, %zu gone)> ", standing.gone);
    else if (wb->session && !standing.kept)
        snprintf(out, room, "lethe (not kept)> ");
    else if (standing.gone)
        snprintf(out, room, "lethe (%s%zu gone)> ", standing.resumed ? "resumed, " : "",
                 standing.gone);
    else
        snprintf(out, room, "lethe> ");
}

/* The end of input leaves as `quit` does, once it has been said what would be lost. */
static int leaves(struct lethe_workbench *wb, const struct lethe_sink *sink)
{
    putchar('\n');
    return lethe_execute_text(wb, "quit", 0, sink) == LETHE_OK || !isatty(STDIN_FILENO);
}

int lethe_repl(struct lethe_workbench *wb, const struct lethe_options *options)
{
    struct lethe_printer printer;
    lethe_printer_init(&printer, options);
    wb->look = printer.look;
    wb->interactive = 1;
    struct lethe_sink sink = lethe_printer_sink(&printer);
    lethe_interrupt_catch();
    begin(wb, options);
    if (!options->json)
        greet(wb);
    say_opening(options);
    while (!wb->quit && !printer.broken) {
        char prompt[64];
        write_prompt(prompt, sizeof prompt, wb);
        char *line = read_line(prompt);
        if (!line) {
            if (lethe_interrupt_taken()) {
                clearerr(stdin);
                continue;
            }
            if (leaves(wb, &sink))
                break;
            clearerr(stdin);
            continue;
        }
        record_line(options, prompt, line, "\n");
        lethe_printer_execute(&printer, wb, line, 0);
        if (wb->jobs)
            lethe_jobs_deliver(wb->jobs);
        free(line);
    }
    end(options);
    return 0;
}
