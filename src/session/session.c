/* SPDX-License-Identifier: MIT
 * The session as its user sees it: beginning, opening, copying, closing, and looking at it. What
 * decides something is in decide.c. */
#include "session/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "session/record.h"
#include "session/store.h"
#include "session/sweep.h"

/* ---- life cycle ------------------------------------------------------------------------------ */

void lethe_session_close(struct lethe_session *session)
{
    if (!session)
        return;
    lethe_journal_close(session);
    lethe_store_unlock(session->lock);
    lethe_session_free(session);
}

/* Model and data hash stand among the root's settings, so that every later id covers them. */
static enum lethe_err make_root(struct lethe_session *session, struct lethe_shared *weights,
                                size_t size, struct lethe_error *err)
{
    struct lethe_pairs settings = {0};
    struct lethe_state *root = NULL;
    struct lethe_history *history = &session->history;
    struct lethe_place place = {0};
    enum lethe_err code = lethe_pairs_set(&settings, "model", session->source.model_hash, err);
    if (!code)
        code = lethe_pairs_set(&settings, "data", session->source.data_hash, err);
    struct lethe_commit commit = {
        .kind = "root", .settings = &settings, .w = lethe_shared_read(weights), .shared = weights};
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

/* The first writing, into a directory whose lock is held. */
static enum lethe_err write_first(struct lethe_session *session, struct lethe_error *err)
{
    int renamed;
    enum lethe_err code =
        lethe_store_write(session, session->dir, 0, &session->writing, &renamed, err);
    if (!code)
        lethe_journal_settled(session);
    return code;
}

enum lethe_err lethe_session_new(struct lethe_session **session, const char *dir,
                                 const struct lethe_source *source, const double *w, size_t size,
                                 struct lethe_error *err)
{
    double *copy = lethe_alloc(size, sizeof *copy);
    struct lethe_shared *weights = copy ? lethe_shared_new(copy) : NULL;
    if (!weights) {
        lethe_free(copy);
        return lethe_fail_memory(err, "a state's weights", size, sizeof *copy);
    }
    memcpy(copy, w, size * sizeof *copy);
    enum lethe_err code = lethe_session_share(session, dir, source, weights, size, err);
    lethe_shared_unref(weights);
    return code;
}

enum lethe_err lethe_session_share(struct lethe_session **session, const char *dir,
                                   const struct lethe_source *source, struct lethe_shared *weights,
                                   size_t size, struct lethe_error *err)
{
    struct lethe_session *made = lethe_session_empty(err);
    if (!made)
        return LETHE_ENOMEM;
    char *place = *source->path ? realpath(source->path, NULL) : NULL;
    struct lethe_source own = *source;
    own.place = place;
    enum lethe_err code = lethe_source_copy(&made->source, &own, err);
    free(place);
    if (!code)
        code = make_root(made, weights, size, err);
    if (!code && dir) {
        made->dir = lethe_strdup(dir);
        code = made->dir ? lethe_store_create(&made->lock, dir, err)
                         : lethe_fail_memory(err, "a path", strlen(dir), 1);
        if (!code) {
            lethe_sweep_rights(dir);
            code = write_first(made, err);
        }
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
    made->reading = lethe_session_exists(dir) && !lethe_store_may_write(dir);
    enum lethe_err code = !made->dir ? lethe_fail_memory(err, "a path", strlen(dir), 1)
                                     : (made->reading ? lethe_store_lock_reading
                                                      : lethe_store_lock)(&made->lock, dir, err);
    if (!code)
        code = lethe_store_read(made, err);
    if (!code && !made->reading) {
        lethe_sweep_rights(dir);
        lethe_store_compact(made);
        lethe_sweep(made, dir, made->writing.base);
    }
    made->resumed = 1;
    if (code)
        lethe_session_close(made);
    else
        *session = made;
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
    struct lethe_writing writing;
    int lock = -1, renamed = 0;
    if (same_folder(session->dir, dir) && session->reading)
        return lethe_session_refuse(session, err);
    if (same_folder(session->dir, dir))
        return lethe_store_note(session, &(struct lethe_change){0}, 1, err);
    enum lethe_err code = lethe_store_prepare(&lock, dir, err);
    if (!code) {
        lethe_sweep_rights(dir);
        code = lethe_store_write(session, dir, 1, &writing, &renamed, err);
    }
    if (!code) {
        lethe_sweep(session, dir, writing.base);
        session->saved = session->history.count;
    }
    lethe_store_unlock(lock);
    return code;
}

/* ---- looking --------------------------------------------------------------------------------- */

const char *lethe_session_dir(const struct lethe_session *session)
{
    return session->dir;
}

enum lethe_err lethe_session_check_writing(const struct lethe_session *session,
                                           struct lethe_error *err)
{
    return session->reading ? lethe_session_refuse(session, err) : LETHE_OK;
}

const char *lethe_session_own_dir(const struct lethe_session *session)
{
    return session->reading ? NULL : session->dir;
}

int lethe_session_reading(const struct lethe_session *session)
{
    return session->reading;
}

const struct lethe_source *lethe_session_source(const struct lethe_session *session)
{
    return &session->source;
}

enum lethe_err lethe_session_follow(struct lethe_session *session, const char *path,
                                    struct lethe_error *err)
{
    const struct lethe_source *own = &session->source;
    struct lethe_source made = *own;
    char *place = *path ? realpath(path, NULL) : NULL;
    enum lethe_err code = LETHE_OK;
    if (place && *own->path && (!own->place || strcmp(own->place, place) != 0)) {
        made.path = path;
        made.place = place;
        code = lethe_source_copy(&made, &made, err);
        if (!code) {
            lethe_source_release(&session->source);
            session->source = made;
            session->writing.afresh = 1;
        }
    }
    free(place);
    return code;
}

void lethe_session_standing(struct lethe_standing *standing, const struct lethe_session *session)
{
    const struct lethe_history *history = &session->history;
    const size_t saved = session->saved ? session->saved : 1; /* the root can be loaded again */
    *standing = (struct lethe_standing){.kept = session->dir && !session->reading,
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
    if (!*session->source.path)
        return lethe_fail(err, LETHE_EFORMAT,
                          "the %s that is loaded is not what this session began with (hash %.12s, "
                          "expected %.12s): 'data' with the same words, then 'open' again",
                          what, found, expected);
    if (!strcmp(what, "data"))
        return lethe_fail(err, LETHE_EFORMAT,
                          "the samples of this session are not those of '%s' (hash %.12s, expected "
                          "%.12s): where they were read with 'data', say that again with the same "
                          "words and open it again; else restore the file",
                          session->source.path, *found ? found : "none", expected);
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

struct lethe_state *lethe_session_redo_to(const struct lethe_session *session)
{
    const struct lethe_place *place = &session->history.place;
    return place->redo_count ? place->redo[place->redo_count - 1] : NULL;
}
