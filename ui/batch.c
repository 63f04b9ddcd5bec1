/* SPDX-License-Identifier: MIT
 * Scripts: -c, -f and standard input, line by line. Results go to stdout, progress and errors to
 * stderr; the exit status is that of the first command that failed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "workbench/answer_session.h"
#include "ui/skin.h"
#include "workbench/execute.h"

struct script {
    struct lethe_workbench *wb;
    const struct lethe_options *options;
    struct lethe_printer printer;
    enum lethe_err first; /* code of the first command that failed */
};

/* The notes of what the command line loaded. */
static void say_opening(const struct lethe_options *options)
{
    for (const char *line = options->opening; line && *line;) {
        const size_t length = strcspn(line, "\n");
        lethe_complain("lethe: %.*s", (int)length, line);
        line += length + (line[length] != '\0');
    }
}

static void start(struct script *script, struct lethe_workbench *wb,
                  const struct lethe_options *options, const char *name)
{
    *script = (struct script){.wb = wb, .options = options};
    lethe_printer_init(&script->printer, options);
    script->printer.source = name;
    wb->look = script->printer.look;
    say_opening(options);
    lethe_interrupt_catch();
}

/* 0: the script ends here. */
static int run(struct script *script, const char *text)
{
    enum lethe_err code =
        lethe_printer_execute(&script->printer, script->wb, text, script->options->keep_going);
    if (!script->first)
        script->first = code;
    if (lethe_interrupt_taken() && !script->first)
        script->first = LETHE_ECANCEL;
    return !script->wb->quit && !script->printer.broken && script->first != LETHE_ECANCEL &&
           (!script->first || script->options->keep_going);
}

/* Commits that end with the script are a warning, unless a person goes on with them. */
static void say_loss(const struct script *script)
{
    struct lethe_text loss = {0};
    if (script->options->interactive || script->options->tui)
        return;
    lethe_standing_loss(&loss, script->wb);
    if (loss.length)
        lethe_complain("lethe: warning: %s", lethe_text_get(&loss));
    lethe_text_release(&loss);
}

/* What still runs in the background is joined: its answers belong to the script. */
static int finish(struct script *script)
{
    struct lethe_jobs *jobs = script->wb->jobs;
    while (jobs && !script->wb->quit && !lethe_jobs_wait(jobs, 0, 100))
        if (lethe_interrupt_taken())
            lethe_jobs_cancel(jobs, 0);
    say_loss(script);
    if (!script->first)
        script->first = script->printer.failed;
    if (!script->first && script->printer.broken)
        return lethe_err_exit(LETHE_EIO);
    return lethe_err_exit(script->first);
}

int lethe_batch_text(struct lethe_workbench *wb, const struct lethe_options *options,
                     const char *text, const char *name)
{
    struct script script;
    start(&script, wb, options, name);
    run(&script, text);
    return finish(&script);
}

int lethe_batch_file(struct lethe_workbench *wb, const struct lethe_options *options,
                     const char *path)
{
    struct script script;
    int from_stdin = strcmp(path, "-") == 0;
    FILE *file = from_stdin ? stdin : fopen(path, "r");
    if (!file) {
        lethe_complain("lethe: cannot open '%s': %s", path, strerror(errno));
        return lethe_err_exit(LETHE_EIO);
    }
    start(&script, wb, options, from_stdin ? "stdin" : path);
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while ((length = getline(&line, &room, file)) >= 0) {
        script.printer.line++;
        if (strlen(line) != (size_t)length) {
            lethe_complain("lethe: '%s' is not a text file", path);
            script.first = LETHE_EFORMAT;
            break;
        }
        if (!run(&script, line))
            break;
    }
    if (ferror(file) && !script.first) {
        lethe_complain("lethe: cannot read '%s': %s", path, strerror(errno));
        script.first = LETHE_EIO;
    }
    free(line);
    if (!from_stdin)
        fclose(file);
    return finish(&script);
}
