/* SPDX-License-Identifier: MIT
 * A command is one row: what it is called, what it takes, what it needs, how it is explained, and
 * the function that does it. REPL, screen, batch, help, completion and the man
 * page all read these rows.
 *
 * A function that is quick answers at once into call->out. One that computes checks everything,
 * takes a snapshot and fills call->task instead: `run` works on a lane and touches nothing but
 * its argument; `finish` puts what came out into the workbench and answers. A command that fails
 * leaves the workbench as it was. */
#ifndef LETHE_TEXT_COMMAND_H
#define LETHE_TEXT_COMMAND_H

#include "lethe/job.h"
#include "text/args.h"
#include "text/result.h"

struct lethe_workbench;

enum lethe_group {
    LETHE_GROUP_MODEL,
    LETHE_GROUP_TRAIN,
    LETHE_GROUP_FORGET,
    LETHE_GROUP_SELECT,
    LETHE_GROUP_UPDATE,
    LETHE_GROUP_DECIDE,
    LETHE_GROUP_LOOK,
    LETHE_GROUP_TOOLS,
    LETHE_GROUP_OTHER,
    LETHE_GROUP_COUNT
};

enum {
    LETHE_NEEDS_MODEL = 1,
    LETHE_NEEDS_DATA = 2,   /* training data; implies nothing about the model */
    LETHE_NEEDS_FORGET = 4, /* at least one sample to forget */
    LETHE_NOTED = 8,        /* goes into the journal, so that a replay does it again */
    LETHE_ADDS = 16         /* adds to the history: not in a session opened for reading */
};

/* On a worker thread. */
typedef enum lethe_err lethe_task_run(void *arg, struct lethe_watch *watch,
                                      struct lethe_error *err);
/* On the owner's thread, after run succeeded and while the state it worked on still holds. */
typedef enum lethe_err lethe_task_finish(struct lethe_workbench *wb, void *arg,
                                         struct lethe_value *out, struct lethe_error *err);
struct lethe_task {
    lethe_task_run *run; /* NULL: the command is done already */
    lethe_task_finish *finish;
    void (*release)(void *arg); /* NULL ok */
    void *arg;
    enum lethe_lane lane;
    int independent; /* of the workbench: it goes on whatever is done there, and looks at the end */
    int lasting;     /* goes on when settings change: finish itself checks what still holds */
};

struct lethe_call {
    struct lethe_workbench *wb;
    const struct lethe_command *command;
    const struct lethe_command_list *commands; /* all there are, for help */
    struct lethe_args args;
    struct lethe_value *out; /* the root object of the answer */
    struct lethe_task task;
    int background; /* asked for with '&' */
    int unnoted;    /* set by the command: nothing was done that a replay must do again */
};
/* The rest of a command is work of the interactive lane; arg goes over to it, release frees it. */
void lethe_call_task(struct lethe_call *call, lethe_task_run *run, lethe_task_finish *finish,
                     void (*release)(void *arg), void *arg);

struct lethe_command {
    const char *name;
    enum lethe_group group;
    unsigned flags;
    const char *summary;  /* one line without a full stop, starting with a verb */
    const char *detail;   /* paragraphs between line ends; NULL: the summary says it all */
    const char *examples; /* lines "command   what it does"; NULL: none */
    /* Rows of a table that the help goes on to list under a heading: the n-th one, 0 after the
     * last; NULL: none. */
    const char *entries;
    int (*entry)(size_t n, const char **name, const char **meaning);
    const struct lethe_arg_spec *args;
    size_t arg_count;
    enum lethe_err (*run)(struct lethe_call *call, struct lethe_error *err);
};

#define LETHE_ARGS(list) .args = (list), .arg_count = sizeof(list) / sizeof *(list)
/* Rows that `codec`, `foci` and `select` share. */
#define LETHE_ARGS_OF_COLUMNS                                                                      \
    {.name = "scaling",                                                                            \
     .kind = LETHE_ARG_CHOICE,                                                                     \
     .flags = LETHE_ARG_KEYED,                                                                     \
     .choices = "sd|none",                                                                         \
     .help = "of the columns before distances (sd)"},                                              \
    {                                                                                              \
        .name = "jitter", .kind = LETHE_ARG_REAL, .flags = LETHE_ARG_KEYED, .max = 1000,           \
        .help = "sd of the noise added to the scaled columns (0)"                                  \
    }

/* Commands in the order of help. */
struct lethe_command_list {
    const struct lethe_command *const *at;
    size_t count;
};

/* NULL with err filled (and the nearest command named) when there is none. */
const struct lethe_command *lethe_command_find(const struct lethe_command_list *list,
                                               const char *name, struct lethe_error *err);
const char *lethe_group_name(enum lethe_group group); /* "forget" */

/* "forget add|remove|clear|list [SPEC]" */
void lethe_command_usage(struct lethe_text *out, const struct lethe_command *command);
/* All commands by group, or one command in full. */
void lethe_help_overview(struct lethe_text *out, const struct lethe_command_list *list,
                         const struct lethe_look *look);
void lethe_help_command(struct lethe_text *out, const struct lethe_command *command,
                        const struct lethe_look *look);

#endif
