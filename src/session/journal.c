/* SPDX-License-Identifier: MIT
 * Writing the journal: one line, one write. See journal.h. */
#include "session/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "session/moves.h"

void lethe_journal_name(char name[LETHE_JOURNAL_NAME], const char *base)
{
    snprintf(name, LETHE_JOURNAL_NAME, LETHE_JOURNAL_PREFIX "%.16s", base);
}

/* ---- a line ---------------------------------------------------------------------------------- */

static void put_move(struct lethe_json *line, const struct lethe_change *change)
{
    const struct lethe_move *move = &change->move;
    lethe_json_add_string(line, "do", lethe_move_name(move->kind));
    if (change->made)
        lethe_state_put(lethe_json_add_object(line, "state"), change->made);
    else if (move->to)
        lethe_json_add_string(line, "to", move->to->id);
    if (change->act)
        lethe_act_put(lethe_json_add_object(line, "act"), change->act);
    if (move->name)
        lethe_json_add_string(line, "name", move->name);
}

/* Keys whose values differ; all, with "fresh", when some are gone. */
static void put_draft(struct lethe_json *line, const struct lethe_session *session)
{
    const struct lethe_pairs *now = &session->draft, *before = &session->writing.draft;
    size_t known = 0, differ = 0;
    for (size_t i = 0; i < now->count; i++) {
        const char *value = lethe_pairs_get(before, now->at[i].key);
        known += value != NULL;
        differ += !value || strcmp(value, now->at[i].value) != 0;
    }
    const int fresh = known < before->count;
    if (!differ && !fresh)
        return;
    if (fresh)
        lethe_json_add_bool(line, "fresh", 1);
    struct lethe_json *draft = lethe_json_add_object(line, "draft");
    for (size_t i = 0; i < now->count; i++) {
        const char *value = lethe_pairs_get(before, now->at[i].key);
        if (fresh || !value || strcmp(value, now->at[i].value) != 0)
            lethe_json_add_string(draft, now->at[i].key, now->at[i].value);
    }
}

/* The JSON text of a line (lethe_free); NULL when out of memory. */
static char *encode(const struct lethe_session *session, const struct lethe_change *change)
{
    struct lethe_json *line = lethe_json_object();
    put_move(line, change);
    lethe_json_add_string(line, "head", session->history.place.head->id);
    put_draft(line, session);
    if (session->note_count > session->writing.notes)
        lethe_notes_put(line, "notes", session, session->writing.notes);
    char *text = lethe_json_text(line, 0);
    lethe_json_free(line);
    return text;
}

/* ---- the file -------------------------------------------------------------------------------- */

/* The end of the file is where the good lines end. */
static enum lethe_err open_journal(struct lethe_session *session, struct lethe_error *err)
{
    char name[LETHE_JOURNAL_NAME];
    struct lethe_writing *writing = &session->writing;
    struct stat status;
    if (writing->journal >= 0)
        return LETHE_OK;
    lethe_journal_name(name, writing->base);
    char *path = lethe_path_join(session->dir, name);
    if (!path)
        return lethe_fail_memory(err, "a path", strlen(session->dir), 1);
    enum lethe_err code = LETHE_OK;
    if (!lethe_file_exists(path))
        code = lethe_file_create(path, "", 0, err);
    int file = code ? -1 : open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (!code && file < 0)
        code = lethe_fail(err, LETHE_EIO, "cannot open '%s': %s", path, strerror(errno));
    if (!code && (fstat(file, &status) ||
                  ((size_t)status.st_size != writing->end && ftruncate(file, (off_t)writing->end))))
        code = lethe_fail(err, LETHE_EIO, "cannot cut '%s': %s", path, strerror(errno));
    if (code && file >= 0)
        close(file);
    lethe_free(path);
    if (!code)
        writing->journal = file;
    return code;
}

void lethe_journal_settled(struct lethe_session *session)
{
    struct lethe_pairs *known = &session->writing.draft;
    enum lethe_err code = LETHE_OK;
    session->writing.notes = session->note_count;
    if (known->count > session->draft.count)
        lethe_pairs_release(known);
    for (size_t i = 0; !code && i < session->draft.count; i++) {
        const struct lethe_pair *pair = &session->draft.at[i];
        const char *value = lethe_pairs_get(known, pair->key);
        if (!value || strcmp(value, pair->value) != 0)
            code = lethe_pairs_set(known, pair->key, pair->value, NULL);
    }
    if (code) /* what is known of the directory is not known any more */
        session->writing.afresh = 1;
}

static enum lethe_err append(struct lethe_session *session, const char *text, int sync,
                             int out_of_date, struct lethe_error *err)
{
    struct lethe_writing *writing = &session->writing;
    char check[LETHE_HASH_HEX];
    const size_t n = strlen(text), length = LETHE_HASH_HEX + n + 1;
    char *line = lethe_alloc(length + 1, 1);
    if (!line)
        return lethe_fail_memory(err, "a line of the journal", length, 1);
    lethe_journal_check(check, writing->check, text, n);
    snprintf(line, length + 1, "%s %s\n", check, text);
    enum lethe_err code =
        lethe_file_append(writing->journal, session->dir, line, length, &writing->end, sync, err);
    lethe_free(line);
    if (code)
        return code;
    memcpy(writing->check, check, sizeof check);
    writing->unsynced = !sync;
    writing->waste += out_of_date ? length : 0;
    return LETHE_OK;
}

enum lethe_err lethe_journal_append(struct lethe_session *session,
                                    const struct lethe_change *change, int sync,
                                    struct lethe_error *err)
{
    enum lethe_err code = open_journal(session, err);
    char *text = code ? NULL : encode(session, change);
    if (!code && !text)
        code = lethe_fail_memory(err, "a line of the journal", 1, 4096);
    if (!code)
        code = append(session, text, sync, !change->made && !change->act, err);
    lethe_free(text);
    if (code)
        session->writing.afresh = 1;
    else
        lethe_journal_settled(session);
    return code;
}

void lethe_journal_close(struct lethe_session *session)
{
    struct lethe_writing *writing = &session->writing;
    if (writing->journal < 0)
        return;
    if (writing->unsynced)
        (void)!fsync(writing->journal);
    close(writing->journal);
    writing->journal = -1;
}
