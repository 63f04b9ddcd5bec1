/* SPDX-License-Identifier: MIT
 * The tree of states and the place in it. Moving means: copy the place, change the copy, let the
 * session write it, then put it in; so a failed write leaves everything as it was. */
#ifndef LETHE_SESSION_HISTORY_H
#define LETHE_SESSION_HISTORY_H

#include "session/state.h"

enum { LETHE_BRANCH_NAME = 64 };

struct lethe_branch {
    char name[LETHE_BRANCH_NAME];
    struct lethe_state *at;
};

/* States are borrowed from the history. */
struct lethe_place {
    struct lethe_state *head;
    size_t on; /* index of the current branch; branch_count: none */
    struct lethe_branch *branches;
    size_t branch_count;
    struct lethe_state **redo; /* the next one to redo is the last */
    size_t redo_count;
};

struct lethe_history {
    struct lethe_state **states; /* counted references, parents first */
    size_t count, room;
    struct lethe_place place;
};

void lethe_history_release(struct lethe_history *history);
/* Takes the reference over, also on failure. */
enum lethe_err lethe_history_take(struct lethe_history *history, struct lethe_state *state,
                                  struct lethe_error *err);
void lethe_history_drop_last(struct lethe_history *history);
struct lethe_state *lethe_history_with_id(const struct lethe_history *history, const char *id);
enum lethe_err lethe_history_find(struct lethe_state **state, const struct lethe_history *history,
                                  const char *name, struct lethe_error *err);

void lethe_place_release(struct lethe_place *place);
/* `to` has room for one more branch and one more redo. */
enum lethe_err lethe_place_copy(struct lethe_place *to, const struct lethe_place *from,
                                struct lethe_error *err);
/* Moves the head, and the current branch with it. */
void lethe_place_move(struct lethe_place *place, struct lethe_state *to);
/* NULL: no such branch */
struct lethe_branch *lethe_place_branch(const struct lethe_place *place, const char *name);
enum lethe_err lethe_branch_check(const char *name, struct lethe_error *err);

#endif
