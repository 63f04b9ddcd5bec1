/* SPDX-License-Identifier: MIT
 * Single weights of an order, counted by the unit they belong to. */
#ifndef LETHE_WORKBENCH_WEIGHT_GROUPS_H
#define LETHE_WORKBENCH_WEIGHT_GROUPS_H

#include "lethe/select.h"

struct lethe_weight_group {
    size_t unit;  /* lethe_unit_at: a unit or a group */
    size_t count; /* of its weights that are among them */
    size_t of;    /* weights it has */
};
struct lethe_weight_groups {
    struct lethe_weight_group *at; /* (count) most weights first, then by number */
    size_t count;
};
/* Of the first `weights` picks of an order of single weights. */
enum lethe_err lethe_weight_groups_init(struct lethe_weight_groups *groups,
                                        const struct lethe_graph *graph,
                                        const struct lethe_selection *selection, size_t weights,
                                        struct lethe_error *err);
void lethe_weight_groups_release(struct lethe_weight_groups *groups); /* zeroed ok */

#endif
