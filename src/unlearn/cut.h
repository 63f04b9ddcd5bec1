/* SPDX-License-Identifier: MIT
 * Logits of the same samples under one weight vector after another, as a preview asks for them:
 * what the network computes above the first changed parameter is stored once (lethe_exec_cut) and
 * not computed again while the changes stay within the same parameters. */
#ifndef LETHE_UNLEARN_CUT_H
#define LETHE_UNLEARN_CUT_H

#include "lethe/nn.h"

struct lethe_cut {
    double *base;           /* (size + buffers) weights that the others are compared with */
    unsigned char *changed; /* by parameter: the stored cut allows for changes of it */
    unsigned char *now;     /* by parameter: differs from base */
    char *store;
    size_t room, bytes; /* of the store; of a sample's part of it, 0: there is no cut */
    int filled;
};

enum lethe_cut_way {
    LETHE_CUT_WHOLE, /* run everything */
    LETHE_CUT_ABOVE, /* run everything and fill the store; then set filled */
    LETHE_CUT_BELOW  /* run what is below, from the store */
};

/* How to run `count` samples under w. Out of memory is LETHE_CUT_WHOLE. */
enum lethe_cut_way lethe_cut_choose(struct lethe_cut *cut, struct lethe_exec *exec,
                                    const struct lethe_graph *graph, const double *w, size_t count);
void lethe_cut_release(struct lethe_cut *cut); /* zeroed ok */

#endif
