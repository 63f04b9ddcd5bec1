/* SPDX-License-Identifier: MIT
 * States by name, and places. A name is looked for as "head" or "root", as a branch, then as the
 * beginning of an id; "~N" after it goes back N parents. */
#include "session/history.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { SHORTEST_PREFIX = 4 };

void lethe_history_release(struct lethe_history *history)
{
    for (size_t i = 0; i < history->count; i++)
        lethe_state_unref(history->states[i]);
    lethe_free(history->states);
    lethe_place_release(&history->place);
    *history = (struct lethe_history){0};
}

enum lethe_err lethe_history_take(struct lethe_history *history, struct lethe_state *state,
                                  struct lethe_error *err)
{
    if (history->count == history->room) {
        size_t room = history->room ? 2 * history->room : 16;
        struct lethe_state **states =
            lethe_realloc(history->states, room, sizeof(struct lethe_state *));
        if (!states) {
            lethe_state_unref(state);
            return lethe_fail_memory(err, "the history", room, sizeof(struct lethe_state *));
        }
        history->states = states;
        history->room = room;
    }
    history->states[history->count++] = state;
    return LETHE_OK;
}

void lethe_history_drop_last(struct lethe_history *history)
{
    lethe_state_unref(history->states[--history->count]);
}

struct lethe_state *lethe_history_with_id(const struct lethe_history *history, const char *id)
{
    for (size_t i = history->count; i-- > 0;)
        if (!strcmp(history->states[i]->id, id))
            return history->states[i];
    return NULL;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Each of these gives NULL with err filled when there is no such state. */
static struct lethe_state *by_prefix(const struct lethe_history *history, const char *name,
                                     struct lethe_error *err)
{
    size_t n = strlen(name), hits = 0;
    struct lethe_state *hit = NULL;
    if (strspn(name, "0123456789abcdef") == n && n >= SHORTEST_PREFIX) {
        for (size_t i = 0; i < history->count; i++) {
            if (!memcmp(history->states[i]->id, name, n)) {
                hit = history->states[i];
                hits++;
            }
        }
    }
    if (hits == 1)
        return hit;
    if (hits)
        lethe_fail(err, LETHE_EARG, "'%s' begins %zu commits: give more of its digits", name, hits);
    else
        lethe_fail(err, LETHE_EARG,
                   "no commit or branch '%s': 'log' lists them; an id needs its first %d digits",
                   name, SHORTEST_PREFIX);
    return NULL;
}

static struct lethe_state *by_name(const struct lethe_history *history, const char *name,
                                   struct lethe_error *err)
{
    const struct lethe_branch *branch = lethe_place_branch(&history->place, name);
    if (branch)
        return branch->at;
    if (!strcmp(name, "head"))
        return history->place.head;
    if (!strcmp(name, "root"))
        return history->states[0];
    return by_prefix(history, name, err);
}

/* `steps` is what stands after '~'; empty means one. */
static struct lethe_state *go_back(struct lethe_state *from, const char *steps, const char *name,
                                   struct lethe_error *err)
{
    char *end;
    errno = 0;
    unsigned long n = *steps ? strtoul(steps, &end, 10) : 1;
    if (*steps && (!isdigit((unsigned char)*steps) || *end || errno)) {
        lethe_fail(err, LETHE_EARG, "'%s': after '~' stands a number of steps", name);
        return NULL;
    }
    for (; n && from; n--)
        from = from->parent;
    if (!from)
        lethe_fail(err, LETHE_EARG, "'%s' lies before the root", name);
    return from;
}

enum lethe_err lethe_history_find(struct lethe_state **state, const struct lethe_history *history,
                                  const char *name, struct lethe_error *err)
{
    char base[LETHE_HASH_HEX];
    size_t n = strcspn(name, "~");
    if (!n || n >= sizeof base)
        return lethe_fail(err, LETHE_EARG, "no commit or branch '%s': 'log' lists them", name);
    memcpy(base, name, n);
    base[n] = '\0';
    struct lethe_state *found = by_name(history, base, err);
    if (found && name[n])
        found = go_back(found, name + n + 1, name, err);
    if (!found)
        return LETHE_EARG;
    *state = found;
    return LETHE_OK;
}

/* ---- places ---------------------------------------------------------------------------------- */

void lethe_place_release(struct lethe_place *place)
{
    lethe_free(place->branches);
    lethe_free(place->redo);
    *place = (struct lethe_place){0};
}

enum lethe_err lethe_place_copy(struct lethe_place *to, const struct lethe_place *from,
                                struct lethe_error *err)
{
    struct lethe_place copy = *from;
    copy.branches = lethe_alloc(from->branch_count + 1, sizeof *copy.branches);
    copy.redo = lethe_alloc(from->redo_count + 1, sizeof(struct lethe_state *));
    if (!copy.branches || !copy.redo) {
        lethe_place_release(&copy);
        return lethe_fail_memory(err, "the history", from->branch_count + from->redo_count, 64);
    }
    if (from->branch_count)
        memcpy(copy.branches, from->branches, from->branch_count * sizeof *copy.branches);
    if (from->redo_count)
        memcpy(copy.redo, from->redo, from->redo_count * sizeof(struct lethe_state *));
    *to = copy;
    return LETHE_OK;
}

int lethe_place_allows(const struct lethe_place *place, const struct lethe_move *move)
{
    switch (move->kind) {
    case LETHE_MOVE_COMMIT:
        return move->to && move->to->parent == place->head;
    case LETHE_MOVE_UNDO:
        return place->head->parent != NULL;
    case LETHE_MOVE_REDO:
        return place->redo_count > 0;
    case LETHE_MOVE_BRANCH:
        return !lethe_branch_check(move->name, NULL) && !lethe_place_branch(place, move->name);
    case LETHE_MOVE_CHECKOUT:
        return move->to && (!move->name || lethe_place_branch(place, move->name));
    default:
        return move->kind == LETHE_MOVE_NONE;
    }
}

/* The head goes there, and the current branch with it. */
static void go(struct lethe_place *place, struct lethe_state *to)
{
    place->head = to;
    if (place->on < place->branch_count)
        place->branches[place->on].at = to;
}

static void begin_branch(struct lethe_place *place, const char *name)
{
    struct lethe_branch *branch = &place->branches[place->branch_count];
    memcpy(branch->name, name, strlen(name) + 1);
    branch->at = place->head;
    place->on = place->branch_count++;
}

static void check_out(struct lethe_place *place, const struct lethe_move *move)
{
    const struct lethe_branch *branch = move->name ? lethe_place_branch(place, move->name) : NULL;
    place->on = branch ? (size_t)(branch - place->branches) : place->branch_count;
    place->head = move->to;
}

void lethe_place_move(struct lethe_place *place, const struct lethe_move *move)
{
    if (move->kind == LETHE_MOVE_COMMIT || move->kind == LETHE_MOVE_CHECKOUT)
        place->redo_count = 0;
    if (move->kind == LETHE_MOVE_COMMIT) {
        go(place, move->to);
    } else if (move->kind == LETHE_MOVE_UNDO) {
        place->redo[place->redo_count++] = place->head;
        go(place, place->head->parent);
    } else if (move->kind == LETHE_MOVE_REDO) {
        go(place, place->redo[--place->redo_count]);
    } else if (move->kind == LETHE_MOVE_BRANCH) {
        begin_branch(place, move->name);
    } else if (move->kind == LETHE_MOVE_CHECKOUT) {
        check_out(place, move);
    }
}

struct lethe_branch *lethe_place_branch(const struct lethe_place *place, const char *name)
{
    for (size_t i = 0; i < place->branch_count; i++)
        if (!strcmp(place->branches[i].name, name))
            return &place->branches[i];
    return NULL;
}

enum lethe_err lethe_branch_check(const char *name, struct lethe_error *err)
{
    size_t n = strlen(name);
    if (!n || n >= LETHE_BRANCH_NAME)
        return lethe_fail(err, LETHE_EARG, "a branch name has 1 to %d letters",
                          LETHE_BRANCH_NAME - 1);
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
            return lethe_fail(err, LETHE_EARG,
                              "branch '%s': letters, digits, '-', '_' and '.' are allowed", name);
    if (!strcmp(name, "head") || !strcmp(name, "root"))
        return lethe_fail(err, LETHE_EARG, "branch '%s': this name has a meaning already", name);
    if (n >= SHORTEST_PREFIX && strspn(name, "0123456789abcdef") == n)
        return lethe_fail(err, LETHE_EARG, "branch '%s' looks like the id of a commit", name);
    return LETHE_OK;
}
