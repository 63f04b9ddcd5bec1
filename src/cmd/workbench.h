/* SPDX-License-Identifier: MIT
 * The workbench: everything a person has on the table. One thread owns it. */
#ifndef LETHE_CMD_WORKBENCH_H
#define LETHE_CMD_WORKBENCH_H

#include "cmd/execute.h"
#include "cmd/settings.h"
#include "lethe/job.h"

struct lethe_workbench {
    struct lethe_settings settings;
    unsigned threads;        /* of background work; 0: processors - 1 */
    struct lethe_jobs *jobs; /* made with the first task; NULL before */
    struct lethe_look look;  /* how answers are shown; help breaks its lines by it */
    int interactive;         /* a person waits: long work may go on in the background */
    int quit;                /* `quit` was given */
    struct lethe_sink sink;  /* of the command that runs: for those that run others */
    int depth;               /* nesting of `source` */
};

enum lethe_err lethe_workbench_new(struct lethe_workbench **wb, struct lethe_error *err);
/* Cancels what runs. NULL ok. */
void lethe_workbench_free(struct lethe_workbench *wb);

/* Sets a setting and drops what depended on it. */
enum lethe_err lethe_workbench_set(struct lethe_workbench *wb, enum lethe_setting key,
                                   const char *value, struct lethe_error *err);
/* Drops parts (LETHE_PART_...) that are not valid any more; work on them is cancelled. */
void lethe_workbench_drop(struct lethe_workbench *wb, unsigned parts);

/* The line goes into the session's journal. */
enum lethe_err lethe_workbench_note(struct lethe_workbench *wb, const char *line,
                                    struct lethe_error *err);

/* Names that are known now for an argument of this kind (layers, units, commits), for completion;
 * tail is what follows a name that is not complete by itself. */
void lethe_workbench_names(const struct lethe_workbench *wb, enum lethe_arg_kind kind,
                           void (*offer)(void *user, const char *name, const char *tail),
                           void *user);

int lethe_workbench_has_model(const struct lethe_workbench *wb);
int lethe_workbench_has_data(const struct lethe_workbench *wb);
int lethe_workbench_has_forget(const struct lethe_workbench *wb);

#endif
