/* SPDX-License-Identifier: MIT
 * Running another program: by argument vector, never through a shell, in its own process group,
 * with a deadline after which the whole group is killed. */
#ifndef LETHE_BASE_CHILD_H
#define LETHE_BASE_CHILD_H

#include <stddef.h>
#include "lethe/cancel.h"

struct lethe_child {
    const char *const *argv; /* ends with NULL; argv[0] is searched in PATH */
    const char *input;       /* written to its standard input, may be NULL */
    size_t input_size;
    size_t output_limit;       /* more output than this is an error */
    int deadline_ms;           /* from the start */
    struct lethe_watch *watch; /* cancels it; may be NULL */
};

struct lethe_child_result {
    char *output; /* what it wrote to its standard output: lethe_free; a zero byte follows */
    size_t size;
    char errors[1024]; /* the beginning of its standard error, ends with a zero byte */
    int status;        /* exit status, or 128 + signal */
};

/* LETHE_EIO: not found ("no such program"), too much output, out of time; LETHE_ECANCEL. A program
 * that ran and failed is LETHE_OK with its status. */
enum lethe_err lethe_child_run(struct lethe_child_result *result, const struct lethe_child *child,
                               struct lethe_error *err);

#endif
