/* SPDX-License-Identifier: MIT
 * The session as its user sees it: every step that decides something goes through settle(), which
 * writes before it changes what is in memory. */
#include "session/session.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "session/store.h"

/* ---- life cycle -------------------------------------------------------------------------------
 */

struct lethe_session *lethe_session_empty(struct lethe_error *err)
{
    struct lethe_session *session = lethe_alloc_zero(1, sizeof *session);
    if (session)
        session->lock = -1;
    else
        lethe_fail_memory(err, "a session", 1, sizeof *session);
    return session;
}

void lethe_source_release(struct lethe_source *source)
{
    lethe_free((char *)source->path);
    lethe_free((char *)source->model_hash);
    lethe_free((char *)source->data_hash);
}

enum lethe_err lethe_source_copy(struct lethe_source *to, const struct lethe_source *from,
                                 struct lethe_error *err)
{
    struct lethe_source copy = {lethe_strdup(from->path), lethe_strdup(from->model_hash),
                                lethe_strdup(from->data_hash)};
    if (!copy.path || !copy.model_hash || !copy.data_hash) {
        lethe_source_release(&copy);
        return lethe_fail_memory(err, "a session", strlen(from->path), 1);
    }
    *to = copy;
    return LETHE_OK;
}

void lethe_session_close(struct lethe_session *session)
{
    if (!session)
        return;
    lethe_history_release(&session->history);
    lethe_pairs_release(&session->draft);
    for (size_t i = 0; i < session->note_count; i++)
        lethe_free(session->notes[i].line);
    lethe_free(session->notes);
    lethe_source_release(&session->source);
    lethe_store_unlock(session->lock);
    lethe_free(session->dir);
    lethe_free(session);
}

/* Model and data hash stand among the root's settings, so that every later id covers them. */
static enum lethe_err make_root(struct lethe_session *session, const double *w, size_t size,
                                struct lethe_error *err)
{
    struct lethe_pairs settings = {0};
    struct lethe_state *root = NULL;
    struct lethe_history *history = &session->history;
    struct lethe_place place = {0};
    enum lethe_err code = lethe_pairs_set(&settings, "model", session->source.model_hash, err);
    if (!code)
        code = lethe_pairs_set(&settings, "data", session->source.data_hash, err);
    struct lethe_commit commit = {.kind = "root", .settings = &settings, .w = w};
    if (!code)
        code = lethe_state_new(&root, NULL, &commit, size, err);
    lethe_pairs_release(&settings);
    if (code || (code = lethe_history_take(history, root, err)))
        return code;
    if ((code = lethe_place_copy(&history->place, &place, err)))
        return code;
    history->place.head = root;
    history->place.branches[0] = (struct lethe_branch){"main", root};
    history->place.branch_count = 1;
    return LETHE_OK;
}

enum lethe_err lethe_session_new(struct lethe_session **session, const char *dir,
                                 const struct lethe_source *source, const double *w, size_t size,
                                 struct lethe_error *err)
{
    struct lethe_session *made = lethe_session_empty(err);
    if (!made)
        return LETHE_ENOMEM;
    enum lethe_err code = lethe_source_copy(&made->source, source, err);
    if (!code)
        code = make_root(made, w, size, err);
    if (!code && dir) {
        made->dir = lethe_strdup(dir);
        code = made->dir ? lethe_store_create(&made->lock, dir, err)
                         : lethe_fail_memory(err, "a path", strlen(dir), 1);
        if (!code)
            code = lethe_store_write(made, dir, 0, err);
    }
    if (code)
        lethe_session_close(made);
    else
        *session = made;
    return code;
}

enum lethe_err lethe_session_open(struct lethe_session **session, const char *dir,
                                  struct lethe_error *err)
{
    struct lethe_session *made = lethe_session_empty(err);
    if (!made)
        return LETHE_ENOMEM;
    made->dir = lethe_strdup(dir);
    enum lethe_err code = made->dir ? lethe_store_lock(&made->lock, dir, err)
                                    : lethe_fail_memory(err, "a path", strlen(dir), 1);
    if (!code)
        code = lethe_store_read(made, dir, err);
    if (!code)
        lethe_store_sweep(made, dir);
    made->resumed = 1;
    if (code)
        lethe_session_close(made);
    else
        *session = made;
    return code;
}

enum lethe_err lethe_session_sync(struct lethe_session *session, struct lethe_error *err)
{
    if (!session->dir || !session->dirty)
        return LETHE_OK;
    enum lethe_err code = lethe_store_write(session, session->dir, 0, err);
    if (!code)
        session->dirty = 0;
    return code;
}

static int same_folder(const char *a, const char *b)
{
    struct stat x, y;
    return a && !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

enum lethe_err lethe_session_save(struct lethe_session *session, const char *dir,
                                  struct lethe_error *err)
{
    int lock = -1;
    if (same_folder(session->dir, dir))
        return lethe_session_sync(session, err);
    enum lethe_err code = lethe_store_prepare(&lock, dir, err);
    if (!code)
        code = lethe_store_write(session, dir, 1, err);
    if (!code) {
        lethe_store_sweep(session, dir);
        session->saved = session->history.count;
    }
    lethe_store_unlock(lock);
    return code;
}

/* ---- looking ----------------------------------------------------------------------------------
 */

const char *lethe_session_dir(const struct lethe_session *session)
{
    return session->dir;
}

const struct lethe_source *lethe_session_source(const struct lethe_session *session)
{
    return &session->source;
}

void lethe_session_standing(struct lethe_standing *standing, const struct lethe_session *session)
{
    const struct lethe_history *history = &session->history;
    const size_t saved = session->saved ? session->saved : 1; /* the root can be loaded again */
    *standing = (struct lethe_standing){.kept = session->dir != NULL,
                                        .resumed = session->resumed,
                                        .gone = history->states[0]->sealed_count};
    for (const struct lethe_state *s = history->place.head; s; s = s->parent) {
        standing->commits += s->parent != NULL;
        standing->gone += s->forget_count;
    }
    if (!session->dir && history->count > saved)
        standing->unsaved = history->count - saved;
}

const char *lethe_session_remark(const struct lethe_session *session)
{
    return session->remark;
}

static enum lethe_err same(const struct lethe_session *session, const char *what,
                           const char *expected, const char *found, struct lethe_error *err)
{
    if (!*expected || !strcmp(expected, found))
        return LETHE_OK;
    return lethe_fail(err, LETHE_EFORMAT,
                      "the %s of '%s' changed since this session began (hash %.12s, expected "
                      "%.12s): restore the file or begin a new session",
                      what, session->source.path, found, expected);
}

enum lethe_err lethe_session_check(const struct lethe_session *session, const char *model_hash,
                                   const char *data_hash, struct lethe_error *err)
{
    enum lethe_err code = same(session, "model", session->source.model_hash, model_hash, err);
    return code ? code : same(session, "data", session->source.data_hash, data_hash, err);
}

struct lethe_state *lethe_session_head(const struct lethe_session *session)
{
    return session->history.place.head;
}

size_t lethe_session_count(const struct lethe_session *session)
{
    return session->history.count;
}

struct lethe_state *lethe_session_state(const struct lethe_session *session, size_t index)
{
    return session->history.states[index];
}

enum lethe_err lethe_session_find(struct lethe_state **state, const struct lethe_session *session,
                                  const char *name, struct lethe_error *err)
{
    return lethe_history_find(state, &session->history, name, err);
}

const char *lethe_session_on(const struct lethe_session *session)
{
    const struct lethe_place *place = &session->history.place;
    return place->on < place->branch_count ? place->branches[place->on].name : "";
}

size_t lethe_session_branch_count(const struct lethe_session *session)
{
    return session->history.place.branch_count;
}

const char *lethe_session_branch_name(const struct lethe_session *session, size_t index,
                                      struct lethe_state **at)
{
    const struct lethe_branch *branch = &session->history.place.branches[index];
    if (at)
        *at = branch->at;
    return branch->name;
}

int lethe_session_can_undo(const struct lethe_session *session)
{
    return session->history.place.head->parent != NULL;
}

int lethe_session_can_redo(const struct lethe_session *session)
{
    return session->history.place.redo_count > 0;
}

/* ---- deciding ---------------------------------------------------------------------------------
 */

/* Goes to `place` (ownership moves in): written first, kept only if that succeeded. */
static enum lethe_err settle(struct lethe_session *session, struct lethe_place *place,
                             struct lethe_error *err)
{
    struct lethe_place before = session->history.place;
    session->history.place = *place;
    enum lethe_err code =
        session->dir ? lethe_store_write(session, session->dir, 0, err) : LETHE_OK;
    if (code) {
        session->history.place = before;
        session->dirty = 1; /* the rename may have come through: the next sync puts it right */
        lethe_place_release(place);
    } else {
        lethe_place_release(&before);
        session->dirty = 0;
    }
    return code;
}

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

enum lethe_err lethe_session_commit(struct lethe_session *session, struct lethe_state **state,
                                    const struct lethe_commit *commit, struct lethe_error *err)
{
    struct lethe_history *history = &session->history;
    struct lethe_state *head = history->place.head, *made;
    enum lethe_err code = not_forgotten_twice(head, commit, err);
    if (code || (code = lethe_state_new(&made, head, commit, head->size, err)))
        return code;
    struct lethe_state *known = lethe_history_with_id(history, made->id);
    if (known) {
        lethe_state_unref(made);
        made = known;
    } else if ((code = lethe_history_take(history, made, err))) {
        return code;
    }
    struct lethe_place place;
    if (!(code = lethe_place_copy(&place, &history->place, err))) {
        place.redo_count = 0;
        lethe_place_move(&place, made);
        code = settle(session, &place, err);
    }
    if (code && !known)
        lethe_history_drop_last(history);
    if (!code && state)
        *state = made;
    return code;
}

enum lethe_err lethe_session_undo(struct lethe_session *session, struct lethe_error *err)
{
    struct lethe_place place;
    struct lethe_state *head = session->history.place.head;
    if (!head->parent)
        return lethe_fail(err, LETHE_EARG, "nothing to undo: this is the model as it was loaded");
    enum lethe_err code = lethe_place_copy(&place, &session->history.place, err);
    if (code)
        return code;
    place.redo[place.redo_count++] = head;
    lethe_place_move(&place, head->parent);
    return settle(session, &place, err);
}

enum lethe_err lethe_session_redo(struct lethe_session *session, struct lethe_error *err)
{
    struct lethe_place place;
    if (!lethe_session_can_redo(session))
        return lethe_fail(err, LETHE_EARG, "nothing to redo");
    enum lethe_err code = lethe_place_copy(&place, &session->history.place, err);
    if (code)
        return code;
    lethe_place_move(&place, place.redo[--place.redo_count]);
    return settle(session, &place, err);
}

enum lethe_err lethe_session_branch(struct lethe_session *session, const char *name,
                                    struct lethe_error *err)
{
    struct lethe_place place;
    enum lethe_err code = lethe_branch_check(name, err);
    if (code)
        return code;
    if (lethe_place_branch(&session->history.place, name))
        return lethe_fail(err, LETHE_EARG, "branch '%s' exists: 'checkout %s' goes there", name,
                          name);
    if ((code = lethe_place_copy(&place, &session->history.place, err)))
        return code;
    struct lethe_branch *branch = &place.branches[place.branch_count];
    memcpy(branch->name, name, strlen(name) + 1);
    branch->at = place.head;
    place.on = place.branch_count++;
    return settle(session, &place, err);
}

enum lethe_err lethe_session_checkout(struct lethe_session *session, const char *name,
                                      struct lethe_error *err)
{
    struct lethe_place place;
    struct lethe_state *to;
    enum lethe_err code = lethe_history_find(&to, &session->history, name, err);
    if (code || (code = lethe_place_copy(&place, &session->history.place, err)))
        return code;
    const struct lethe_branch *branch = lethe_place_branch(&place, name);
    place.on = branch ? (size_t)(branch - place.branches) : place.branch_count;
    place.head = to;
    place.redo_count = 0;
    return settle(session, &place, err);
}

/* ---- draft and journal ------------------------------------------------------------------------
 */

const struct lethe_pairs *lethe_session_draft(const struct lethe_session *session)
{
    return &session->draft;
}

enum lethe_err lethe_session_draft_set(struct lethe_session *session, const char *key,
                                       const char *value, struct lethe_error *err)
{
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

enum lethe_err lethe_session_add_note(struct lethe_session *session, const char *line,
                                      const char *head, struct lethe_error *err)
{
    if (session->note_count == session->note_room) {
        size_t room = session->note_room ? 2 * session->note_room : 64;
        struct lethe_note *notes = lethe_realloc(session->notes, room, sizeof *notes);
        if (!notes)
            return lethe_fail_memory(err, "the journal", room, sizeof *notes);
        session->notes = notes;
        session->note_room = room;
    }
    struct lethe_note *note = &session->notes[session->note_count];
    note->line = lethe_strdup(line);
    if (!note->line)
        return lethe_fail_memory(err, "the journal", strlen(line), 1);
    memcpy(note->head, head, LETHE_HASH_HEX);
    session->note_count++;
    return LETHE_OK;
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
