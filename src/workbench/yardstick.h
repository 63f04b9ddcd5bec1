/* SPDX-License-Identifier: MIT
 * The model that was retrained beside the last commit: it stays with that commit for the pictures
 * of a report, in memory and, where the session is kept, in a file of its folder, so that a report
 * made after the session is opened again has it, too. One is kept, of the last commit; the weights
 * of the commit say whose it is. */
#ifndef LETHE_WORKBENCH_YARDSTICK_H
#define LETHE_WORKBENCH_YARDSTICK_H

#include "lethe/error.h"

struct lethe_retrained;
struct lethe_workbench;

/* Right after a commit, which is the head: takes `retrained` over; NULL: none was made beside it,
 * and what was kept goes. What the disk refuses stays in memory only. */
void lethe_yardstick_keep(struct lethe_workbench *wb, struct lethe_retrained *retrained);
/* Without the data that is forgotten at the head: *w is new (size + buffers, lethe_free), NULL
 * where none is known. */
enum lethe_err lethe_yardstick_weights(double **w, const struct lethe_workbench *wb,
                                       struct lethe_error *err);
/* Into a copy of the session in another folder. */
void lethe_yardstick_copy(const struct lethe_workbench *wb, const char *dir);
/* For a seal: nothing of it stays. */
void lethe_yardstick_remove(struct lethe_workbench *wb);

#endif
