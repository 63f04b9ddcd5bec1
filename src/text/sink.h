/* SPDX-License-Identifier: MIT
 * Where answers go: what came of one command, and the function of the skin (prompt, screen, script)
 * that takes it. */
#ifndef LETHE_TEXT_SINK_H
#define LETHE_TEXT_SINK_H

#include "lethe/error.h"
#include "lethe/job.h"

struct lethe_result;

struct lethe_outcome {
    const char *command; /* name as typed */
    enum lethe_err code;
    const struct lethe_error *err; /* filled when code is not 0 */
    struct lethe_result *result;   /* filled when code is 0; sheet and picture may be taken over */
    unsigned long job;             /* the work goes on in the background under this number */
    int replaced;                  /* a newer request took its place; there is no result */
};

/* outcome is borrowed for the time of the call. */
enum { LETHE_TICK_CANCEL = 1, LETHE_TICK_STOP = 2 };

struct lethe_sink {
    void (*take)(void *user, const struct lethe_outcome *outcome);
    void *user;
    /* Called about ten times a second while a command is waited for; LETHE_TICK_STOP ends it with
     * what it has where it can, any other number than 0 cancels it. NULL ok */
    int (*tick)(void *user, const struct lethe_job_info *job);
};

#endif
