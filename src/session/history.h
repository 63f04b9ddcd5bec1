/* SPDX-License-Identifier: MIT
 * The tree of states and the place in it. Moving means: copy the place, move the copy, let the
 * session write it, then put it in; so a failed write leaves everything as it was. Reading a
 * journal makes the same moves again. */
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

enum lethe_move_kind {
    LETHE_MOVE_NONE, /* stays; draft and script may have changed */
    LETHE_MOVE_COMMIT,
    LETHE_MOVE_UNDO,
    LETHE_MOVE_REDO,
    LETHE_MOVE_BRANCH,
    LETHE_MOVE_CHECKOUT,
    LETHE_MOVE_COUNT
};
struct lethe_move {
    enum lethe_move_kind kind;
    struct lethe_state *to; /* COMMIT, CHECKOUT */
    const char *name;       /* BRANCH: the new one; CHECKOUT: the branch to be on, NULL: none */
};

/* 0 when the move cannot be made from this place. */
int lethe_place_allows(const struct lethe_place *place, const struct lethe_move *move);
/* An allowed move, on a copy that has room for it. */
void lethe_place_move(struct lethe_place *place, const struct lethe_move *move);
/* NULL: no such branch */
struct lethe_branch *lethe_place_branch(const struct lethe_place *place, const char *name);
enum lethe_err lethe_branch_check(const char *name, struct lethe_error *err);

#endif
