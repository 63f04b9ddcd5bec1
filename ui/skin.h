/* SPDX-License-Identifier: MIT
 * What the three skins (prompt, screen, script) are given: the command line's options and the
 * environment, read once by main. */
#ifndef LETHE_UI_SKIN_H
#define LETHE_UI_SKIN_H

#include "workbench/execute.h"
#include "workbench/workbench.h"

struct lethe_terminal_recorder;

struct lethe_options {
    const char *path;     /* bundle or model; NULL: none */
    const char *commands; /* -c */
    const char *file;     /* -f, "-" for standard input */
    const char *lesson;   /* of `lethe lesson 1`; "": all are listed; NULL: none */
    const char *session;  /* --session; NULL: none */
    const char *seed, *threads;
    int json, plain, no_color, no_rc, keep_going, interactive, tui, present;
    char *config_folder, *state_folder; /* .../lethe of XDG; NULL when HOME is not known */
    const char *term;
    size_t columns;
    int utf8;
    struct lethe_terminal_recorder *recorder; /* what is recorded; NULL: nothing can be */
    char *opening; /* notes of what the command line loaded, a line each; NULL: none */
};

/* A line on stderr; text of others in it is shown as escapes. */
void lethe_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Each returns an exit status. */
int lethe_batch_text(struct lethe_workbench *wb, const struct lethe_options *options,
                     const char *text, const char *name);
int lethe_batch_file(struct lethe_workbench *wb, const struct lethe_options *options,
                     const char *path);
int lethe_repl(struct lethe_workbench *wb, const struct lethe_options *options);
/* -1: this is no terminal for it (said on stderr); nothing was touched. */
int lethe_screen(struct lethe_workbench *wb, const struct lethe_options *options);

/* ---- shared by prompt and script ------------------------------------------------------------- */

struct lethe_printer {
    const struct lethe_options *options;
    struct lethe_look look;
    const char *source;         /* for messages: "script.lethe"; NULL at the prompt */
    size_t line;                /* in source; 0: not counted */
    int progress;               /* stderr is a terminal */
    int shown;                  /* a progress line stands there */
    int broken;                 /* stdout is gone */
    struct lethe_workbench *wb; /* whose lesson speaks behind an answer; NULL: none */
    struct lethe_text
        *notes; /* instead of answers, only their notes go here; NULL: answers are shown */
    enum lethe_err failed; /* code of the first answer that was an error */
};

/* Text that goes to the terminal beside an answer (prompt, typed line) goes into the recording,
 * when one is made. */
void lethe_printer_record(const struct lethe_options *options, const char *text);
void lethe_printer_init(struct lethe_printer *printer, const struct lethe_options *options);
/* "selecting 26 %, about 3 s left" */
void lethe_progress_words(struct lethe_text *out, const struct lethe_job_info *job);
struct lethe_sink lethe_printer_sink(struct lethe_printer *printer);
/* Runs a text of commands; a person at a terminal is told when one takes long. */
enum lethe_err lethe_printer_execute(struct lethe_printer *printer, struct lethe_workbench *wb,
                                     const char *text, int keep_going);
/* Ctrl-C while a command is waited for: cancels it. */
void lethe_interrupt_catch(void);
int lethe_interrupt_taken(void); /* 1 once for each Ctrl-C */

#endif
