/* SPDX-License-Identifier: MIT
 * What a state is made of. Only src/session sees this; states are filled here, then never change,
 * but for the acts that lead to them.
 */
#ifndef LETHE_SESSION_STATE_H
#define LETHE_SESSION_STATE_H

#include <stdatomic.h>
#include "lethe/session.h"
#include "session/act.h"
#include "session/blob.h"

/* A state holds the entries that differ from its parent, or every weight: when there is no parent,
 * when most differ, and at every 32nd step, so that no chain to walk is longer. */
enum { LETHE_STATE_CHAIN = 32 };

struct lethe_state {
    atomic_size_t refs;
    struct lethe_state *parent; /* counted */
    char id[LETHE_HASH_HEX], weights_hash[LETHE_HASH_HEX], blob[LETHE_HASH_HEX];
    char *kind;
    struct lethe_act *acts; /* the last one first, one at least */
    uint64_t seed;
    struct lethe_pairs settings;
    size_t *forget, forget_count;
    char (*sealed)[LETHE_HASH_HEX]; /* salted hashes of ids forgotten before a seal; root only */
    size_t sealed_count;
    size_t chain;           /* steps to the next state that holds every weight; 0: this one */
    struct lethe_blob kept; /* its value NULL: it is in the file `blob` of `folder` */
    char *folder;           /* NULL: `kept` is in memory */
};

/* A state after parent (NULL: a root) with weights w (size). */
enum lethe_err lethe_state_new(struct lethe_state **state, struct lethe_state *parent,
                               const struct lethe_commit *commit, size_t size,
                               struct lethe_error *err);
/* An empty one with a single reference, to be filled by a reader. */
struct lethe_state *lethe_state_empty(struct lethe_error *err);
/* weights_hash of weights w (size). */
enum lethe_err lethe_state_hash_weights(char hash[LETHE_HASH_HEX], const double *w, size_t size,
                                        struct lethe_error *err);
/* Computes the id of a filled state from its words and weights_hash. */
enum lethe_err lethe_state_identify(struct lethe_state *state, struct lethe_error *err);
/* Reads `kept` into memory. Before any other thread knows the state. */
enum lethe_err lethe_state_fetch(struct lethe_state *state, struct lethe_error *err);

#endif
