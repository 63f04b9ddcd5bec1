/* SPDX-License-Identifier: MIT
 * The job that `cancel` and `wait` are told, by the number `jobs` lists it under. */
#ifndef LETHE_CMD_JOB_ARGUMENT_H
#define LETHE_CMD_JOB_ARGUMENT_H

#include "text/command.h"

enum { LETHE_JOBS_LISTED = 64 }; /* the latest, of those that run, wait or have ended */

#define LETHE_ARG_OF_JOB                                                                           \
    {                                                                                              \
        .name = "JOB", .kind = LETHE_ARG_INT, .min = 1, .max = 1e9,                                \
        .help = "number of the job; without it, all"                                               \
    }

/* *id is 0 when no job was named. LETHE_EARG: there is none of that number. */
enum lethe_err lethe_job_argument_read(size_t *id, const struct lethe_call *call,
                                       struct lethe_error *err);

#endif
