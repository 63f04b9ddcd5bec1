/* SPDX-License-Identifier: MIT
 * Deciding. Every step goes through settle(), which writes it, draft and script in one line of the
 * journal; what is in memory follows only if that succeeded. */
#include <string.h>

#include "base/alloc.h"
#include "session/record.h"
#include "session/store.h"

/* ---- draft and script ------------------------------------------------------------------------ */

const struct lethe_pairs *lethe_session_draft(const struct lethe_session *session)
{
    return &session->draft;
}

enum lethe_err lethe_session_draft_set(struct lethe_session *session, const char *key,
                                       const char *value, struct lethe_error *err)
{
    const char *known = lethe_pairs_get(&session->draft, key);
    if (known && !strcmp(known, value))
        return LETHE_OK;
    enum lethe_err code = lethe_pairs_set(&session->draft, key, value, err);
    if (!code)
        session->dirty = 1;
    return code;
}

void lethe_session_draft_clear(struct lethe_session *session)
{
    lethe_pairs_release(&session->draft);
    session->dirty = 1;
}

enum lethe_err lethe_session_note(struct lethe_session *session, const char *line,
                                  struct lethe_error *err)
{
    enum lethe_err code =
        lethe_session_add_note(session, line, session->history.place.head->id, err);
    if (!code)
        session->dirty = 1;
    return code;
}

size_t lethe_session_note_count(const struct lethe_session *session)
{
    return session->note_count;
}

const char *lethe_session_note_line(const struct lethe_session *session, size_t index,
                                    const char **head)
{
    if (head)
        *head = session->notes[index].head;
    return session->notes[index].line;
}

enum lethe_err lethe_session_announce(struct lethe_session *session, const char *line,
                                      struct lethe_error *err)
{
    char *copy = line ? lethe_strdup(line) : NULL;
    if (line && !copy)
        return lethe_fail_memory(err, "the script", strlen(line), 1);
    lethe_free(session->announced);
    session->announced = copy;
    return LETHE_OK;
}

int lethe_session_announced(const struct lethe_session *session)
{
    return session->announced != NULL;
}

enum lethe_err lethe_session_sync(struct lethe_session *session, struct lethe_error *err)
{
    if (!session->dir || session->reading || !session->dirty)
        return LETHE_OK;
    enum lethe_err code = lethe_store_note(session, &(struct lethe_change){0}, 0, err);
    session->dirty = code != LETHE_OK;
    return code;
}

/* ---- moving ---------------------------------------------------------------------------------- */

/* The line the move comes from becomes one of the script, at the head after the move. */
static enum lethe_err write_move(struct lethe_session *session, const struct lethe_change *change,
                                 struct lethe_error *err)
{
    const char *head = session->history.place.head->id;
    enum lethe_err code = LETHE_OK;
    if (session->announced)
        code = lethe_session_add_note(session, session->announced, head, err);
    if (code)
        return code;
    if (session->dir && !session->reading && (code = lethe_store_note(session, change, 1, err))) {
        if (session->announced)
            lethe_session_drop_note(session);
        return code;
    }
    lethe_free(session->announced);
    session->announced = NULL;
    return LETHE_OK;
}

static enum lethe_err settle(struct lethe_session *session, const struct lethe_change *change,
                             struct lethe_error *err)
{
    struct lethe_place place, before = session->history.place;
    const enum lethe_move_kind kind = change->move.kind;
    if (session->reading && (kind == LETHE_MOVE_COMMIT || kind == LETHE_MOVE_BRANCH))
        return lethe_session_refuse(session, err);
    enum lethe_err code = lethe_place_copy(&place, &before, err);
    if (code)
        return code;
    lethe_place_move(&place, &change->move);
    session->history.place = place;
    if ((code = write_move(session, change, err))) {
        session->history.place = before;
        session->dirty = 1; /* a new head.json may have come through: the next sync is another */
        lethe_place_release(&place);
    } else {
        lethe_place_release(&before);
        session->dirty = 0;
    }
    return code;
}

/* ---- commit ---------------------------------------------------------------------------------- */

static enum lethe_err not_forgotten_twice(const struct lethe_state *head,
                                          const struct lethe_commit *commit,
                                          struct lethe_error *err)
{
    for (const struct lethe_state *s = head; s; s = s->parent) {
        for (size_t i = 0, j = 0; i < s->forget_count && j < commit->forget_count;) {
            if (s->forget[i] == commit->forget[j])
                return lethe_fail(err, LETHE_EARG, "sample %zu was forgotten already, in %.12s",
                                  s->forget[i], s->id);
            if (s->forget[i] < commit->forget[j])
                i++;
            else
                j++;
        }
    }
    return LETHE_OK;
}

/* A state that is new to the history. */
static enum lethe_err commit_new(struct lethe_session *session, struct lethe_state *made,
                                 struct lethe_error *err)
{
    enum lethe_err code = lethe_history_take(&session->history, made, err);
    if (code)
        return code;
    const struct lethe_change change = {.move = {.kind = LETHE_MOVE_COMMIT, .to = made},
                                        .made = made};
    if ((code = settle(session, &change, err)))
        lethe_history_drop_last(&session->history);
    return code;
}

/* The state was reached before: it is led to once more. */
static enum lethe_err commit_known(struct lethe_session *session, struct lethe_state *known,
                                   const struct lethe_commit *commit, struct lethe_error *err)
{
    struct lethe_act *act;
    enum lethe_err code = lethe_act_new(&act, commit->message, commit->metrics, commit->time, err);
    if (code)
        return code;
    lethe_act_push(&known->acts, act);
    const struct lethe_change change = {.move = {.kind = LETHE_MOVE_COMMIT, .to = known},
                                        .act = act};
    if ((code = settle(session, &change, err)))
        lethe_act_drop(&known->acts);
    return code;
}

enum lethe_err lethe_session_commit(struct lethe_session *session, struct lethe_state **state,
                                    const struct lethe_commit *commit, struct lethe_error *err)
{
    struct lethe_state *head = session->history.place.head, *made;
    enum lethe_err code = not_forgotten_twice(head, commit, err);
    if (code || (code = lethe_state_new(&made, head, commit, head->kept.size, err)))
        return code;
    struct lethe_state *known = lethe_history_with_id(&session->history, made->id);
    if (known) {
        lethe_state_unref(made);
        made = known;
        code = commit_known(session, known, commit, err);
    } else {
        code = commit_new(session, made, err);
    }
    if (!code && state)
        *state = made;
    return code;
}

/* ---- the other ways -------------------------------------------------------------------------- */

enum lethe_err lethe_session_undo(struct lethe_session *session, struct lethe_error *err)
{
    if (!lethe_session_can_undo(session))
        return lethe_fail(err, LETHE_EARG, "nothing to undo: this is the model as it was loaded");
    return settle(session, &(struct lethe_change){.move = {.kind = LETHE_MOVE_UNDO}}, err);
}

enum lethe_err lethe_session_redo(struct lethe_session *session, struct lethe_error *err)
{
    if (!lethe_session_can_redo(session))
        return lethe_fail(err, LETHE_EARG, "nothing to redo");
    return settle(session, &(struct lethe_change){.move = {.kind = LETHE_MOVE_REDO}}, err);
}

enum lethe_err lethe_session_branch(struct lethe_session *session, const char *name,
                                    struct lethe_error *err)
{
    enum lethe_err code = lethe_branch_check(name, err);
    if (code)
        return code;
    if (lethe_place_branch(&session->history.place, name))
        return lethe_fail(err, LETHE_EARG, "branch '%s' exists: 'checkout %s' goes there", name,
                          name);
    return settle(session,
                  &(struct lethe_change){.move = {.kind = LETHE_MOVE_BRANCH, .name = name}}, err);
}

enum lethe_err lethe_session_checkout(struct lethe_session *session, const char *name,
                                      struct lethe_error *err)
{
    struct lethe_state *to;
    enum lethe_err code = lethe_history_find(&to, &session->history, name, err);
    if (code)
        return code;
    const struct lethe_branch *branch = lethe_place_branch(&session->history.place, name);
    const struct lethe_move move = {
        .kind = LETHE_MOVE_CHECKOUT, .to = to, .name = branch ? name : NULL};
    return settle(session, &(struct lethe_change){.move = move}, err);
}
