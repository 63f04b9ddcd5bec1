/* SPDX-License-Identifier: MIT
 * Carrying a seal out. The new head.json decides, by its rename. Only when the disk has confirmed
 * it is the past removed; then the directory is read back. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "session/record.h"
#include "session/seal.h"
#include "session/store.h"
#include "session/sweep.h"

/* After this the session is the sealed one, and `s` holds what it was; and the other way round. */
static void swap(struct lethe_session *session, struct lethe_seal *s)
{
    struct lethe_history history = session->history;
    session->history = s->history;
    s->history = history;
    struct lethe_source source = session->source;
    session->source = s->source;
    s->source = source;
    struct lethe_pairs draft = session->draft;
    session->draft = s->draft;
    s->draft = draft;
    struct lethe_note *notes = session->notes;
    size_t count = session->note_count;
    session->notes = s->notes;
    session->note_count = s->note_count;
    s->notes = notes;
    s->note_count = count;
}

/* Frees the lines that the sealed script does not share. */
static void drop_notes(struct lethe_session *session, struct lethe_seal *s)
{
    for (size_t i = 0; i < s->note_count - session->note_count; i++)
        lethe_free(s->notes[i].line);
    session->note_room = s->note_count;
    s->note_count = 0;
}

/* ---- the past -------------------------------------------------------------------------------- */

static enum lethe_err sync_folders(const char *dir, struct lethe_error *err)
{
    static const char *const names[] = {"blobs", "retrains", "."};
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; !code && i < sizeof names / sizeof *names; i++) {
        char *path = lethe_path_join(dir, names[i]);
        if (!path)
            code = lethe_fail_memory(err, "a path", strlen(dir), 1);
        else if (lethe_folder_exists(path))
            code = lethe_folder_sync(path, err);
        lethe_free(path);
    }
    return code;
}

static enum lethe_err remove_past(const struct lethe_session *session, struct lethe_error *err)
{
    struct lethe_strays strays;
    const char *base = session->writing.base;
    enum lethe_err code = lethe_strays_find(&strays, session, session->dir, base, INT64_MAX, err);
    if (!code)
        code = lethe_strays_remove(&strays, err);
    if (!code)
        code = sync_folders(session->dir, err);
    lethe_strays_release(&strays);
    return code;
}

/* What stands in the directory is the sealed session and nothing else. */
static enum lethe_err read_back(const struct lethe_session *session, struct lethe_error *err)
{
    struct lethe_strays strays;
    const char *base = session->writing.base;
    enum lethe_err code = lethe_strays_find(&strays, session, session->dir, base, INT64_MAX, err);
    if (!code && strays.count)
        code = lethe_fail(err, LETHE_EIO, "'%s' is still there", strays.paths[0]);
    lethe_strays_release(&strays);
    struct lethe_session *found = code ? NULL : lethe_session_empty(err);
    if (!found)
        return code ? code : LETHE_ENOMEM;
    found->dir = lethe_strdup(session->dir);
    code = found->dir ? lethe_store_read(found, err)
                      : lethe_fail_memory(err, "a path", strlen(session->dir), 1);
    const struct lethe_history *a = &found->history, *b = &session->history;
    if (!code && (a->count != b->count || strcmp(a->states[0]->id, b->states[0]->id) != 0 ||
                  strcmp(a->place.head->id, b->place.head->id) != 0 ||
                  found->draft.count != session->draft.count))
        code = lethe_fail(err, LETHE_EIO, "'%s' does not hold the sealed session", session->dir);
    lethe_session_free(found);
    return code;
}

static enum lethe_err tell(enum lethe_err code, const char *what, struct lethe_error *err)
{
    char why[sizeof err->message];
    if (!code || !err)
        return code;
    snprintf(why, sizeof why, "%s", err->message);
    return lethe_fail(err, code, "the session is sealed, but %s: %.240s", what, why);
}

/* ---- the seal -------------------------------------------------------------------------------- */

/* The session is the sealed one already; with *done 0 it has to be swapped back. */
static enum lethe_err write_sealed(struct lethe_session *session, int *done,
                                   struct lethe_error *err)
{
    struct lethe_writing fresh, *writing = &session->writing;
    enum lethe_err code = lethe_store_write(session, session->dir, 0, &fresh, done, err);
    if (!*done) {
        writing->afresh = 1;
        return code;
    }
    lethe_journal_close(session);
    lethe_pairs_release(&writing->draft);
    *writing = fresh;
    lethe_journal_settled(session);
    if (code)
        return tell(code, "what came before is still in its folder, until 'seal' is given again",
                    err);
    if (!(code = remove_past(session, err)))
        code = read_back(session, err);
    return tell(code, "something of the past may be left; remove it by hand", err);
}

enum lethe_err lethe_session_seal(struct lethe_session *session, struct lethe_seal *seal, int *done,
                                  struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    *done = 0;
    if (session->reading)
        return lethe_session_refuse(session, err);
    if (seal->session != session || seal->head != session->history.place.head ||
        seal->count != session->history.count)
        return lethe_fail(err, LETHE_EBUG, "the session changed since this seal was prepared");
    swap(session, seal);
    if (session->dir)
        code = write_sealed(session, done, err);
    else
        *done = 1;
    if (!*done) {
        swap(session, seal);
        session->dirty = 1;
        return code;
    }
    drop_notes(session, seal);
    seal->session = NULL; /* once is enough */
    session->dirty = 0;
    return code;
}
