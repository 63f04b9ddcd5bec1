/* SPDX-License-Identifier: MIT
 * A copy of a graph that differs from it here and there: values and nodes are added again in their
 * old order, a maker may put something else in a node's place. */
#ifndef LETHE_NN_COPY_H
#define LETHE_NN_COPY_H

#include "nn/graph.h"

struct lethe_copy {
    struct lethe_graph *to; /* unfinished; finish, or unref */
    const struct lethe_graph *from;
    const double *w; /* weights of `from` now: tensors of the copy hold them, not the file's */
    size_t *now;     /* (from->value_count) a value's number in the copy */
    struct lethe_arena arena;
    /* Adds what stands for a node whose inputs in the copy are node->in and whose outputs have
     * names; outs gets their numbers. NULL: lethe_graph_add_node. */
    enum lethe_err (*replace)(struct lethe_copy *copy, size_t *outs, const struct lethe_node *node,
                              const char *const *names);
    void *context; /* of the maker */
};

/* Fills copy->to from copy->from, w, replace and context; outputs are left to the caller. Only
 * LETHE_ENOMEM is possible, and what replace returns. */
enum lethe_err lethe_copy_make(struct lethe_copy *copy);
void lethe_copy_release(struct lethe_copy *copy); /* all but `to` */

#endif
