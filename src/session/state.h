/* SPDX-License-Identifier: MIT
 * What a state is made of. Only src/session sees this; states are filled here, then never change.
 */
#ifndef LETHE_SESSION_STATE_H
#define LETHE_SESSION_STATE_H

#include <stdatomic.h>
#include "lethe/session.h"

/* A state holds the entries that differ from its parent, or every weight: when there is no parent,
 * when most differ, and at every 32nd step, so that no chain to walk is longer. */
enum { LETHE_STATE_CHAIN = 32 };

struct lethe_state {
    atomic_size_t refs;
    struct lethe_state *parent; /* counted */
    char id[LETHE_HASH_HEX], weights_hash[LETHE_HASH_HEX], blob[LETHE_HASH_HEX];
    char *kind, *message, *metrics;
    uint64_t seed;
    int64_t time;
    struct lethe_pairs settings;
    size_t *forget, forget_count;
    char (*sealed)[LETHE_HASH_HEX]; /* salted hashes of ids forgotten before a seal; root only */
    size_t sealed_count;
    size_t size, changed;
    size_t chain;    /* steps to the next state that holds every weight; 0: this one */
    uint64_t *index; /* (changed), increasing; NULL when chain is 0 */
    double *value;   /* (changed), or (size) when chain is 0 */
};

/* A state after parent (NULL: a root) with weights w (size). */
enum lethe_err lethe_state_new(struct lethe_state **state, struct lethe_state *parent,
                               const struct lethe_commit *commit, size_t size,
                               struct lethe_error *err);
/* An empty one with a single reference, to be filled by the reader of head.json. */
struct lethe_state *lethe_state_empty(struct lethe_error *err);
/* Computes weights_hash, id and blob of a filled state whose weights are w. */
enum lethe_err lethe_state_identify(struct lethe_state *state, const double *w,
                                    struct lethe_error *err);
/* w holds the parent's weights and becomes the state's. */
void lethe_state_apply(const struct lethe_state *state, double *w);

#endif
