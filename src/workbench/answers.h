/* SPDX-License-Identifier: MIT
 * The last answer of each command, as JSON: what a lesson looks at beside the workbench itself. */
#ifndef LETHE_WORKBENCH_ANSWERS_H
#define LETHE_WORKBENCH_ANSWERS_H

#include "text/result.h"

enum { LETHE_ANSWERS = 24 };

struct lethe_answers {
    struct lethe_answer {
        char command[24];
        char *json; /* of its result */
    } at[LETHE_ANSWERS];
    size_t count;
    unsigned long version; /* goes up with every answer */
};

/* Keeps it in the place of the command's earlier one. Out of memory keeps nothing. */
void lethe_answers_keep(struct lethe_answers *answers, const char *command,
                        const struct lethe_result *result);
void lethe_answers_release(struct lethe_answers *answers); /* zeroed ok */

#endif
