/* SPDX-License-Identifier: MIT
 * The order of units or single weights as `select` and `blanket` answer it. */
#ifndef LETHE_WORKBENCH_ANSWER_SELECTION_H
#define LETHE_WORKBENCH_ANSWER_SELECTION_H

#include "lethe/select.h"
#include "text/result.h"

struct lethe_workbench;

/* The selection that is there (wb->selected), with the line and what stands below it. */
void lethe_selection_put(struct lethe_value *out, const struct lethe_workbench *wb);
/* Units `from` to `to` - 1 of the order, each an object of the list. */
void lethe_selection_put_picks(struct lethe_value *list, const struct lethe_selection *selection,
                               const struct lethe_graph *graph, size_t from, size_t to);
/* Of the first `weights` single weights: how many lie in which unit, and some one by one. */
void lethe_selection_put_weights(struct lethe_value *out, const struct lethe_selection *selection,
                                 const struct lethe_graph *graph, size_t weights);

#endif
