/* SPDX-License-Identifier: MIT
 * What may stand at the end of a line: commands, keys, values, paths, settings, layers, units,
 * commits. The same candidates serve the prompt and the screen. */
#ifndef LETHE_WORKBENCH_COMPLETE_H
#define LETHE_WORKBENCH_COMPLETE_H

#include <stddef.h>
#include "lethe/error.h"

struct lethe_workbench;

struct lethe_candidates {
    char **at; /* sorted as the tables are; whole words, to stand from `start` on */
    size_t count, room;
    size_t start;   /* offset in the text of what they replace */
    int unfinished; /* the only candidate goes on ("max=", "data/"): no blank after it */
};

/* text is the line up to the cursor. */
enum lethe_err lethe_complete(struct lethe_candidates *candidates, const struct lethe_workbench *wb,
                              const char *text, struct lethe_error *err);
void lethe_candidates_release(struct lethe_candidates *candidates); /* zeroed ok */

#endif
