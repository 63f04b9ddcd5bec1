/* SPDX-License-Identifier: MIT
 * The parts of a session in memory: making and freeing them. See record.h. */
#include "session/record.h"

#include <string.h>

#include "base/alloc.h"

struct lethe_session *lethe_session_empty(struct lethe_error *err)
{
    struct lethe_session *session = lethe_alloc_zero(1, sizeof *session);
    if (session)
        session->lock = session->writing.journal = -1;
    else
        lethe_fail_memory(err, "a session", 1, sizeof *session);
    return session;
}

void lethe_session_free(struct lethe_session *session)
{
    if (!session)
        return;
    lethe_history_release(&session->history);
    lethe_pairs_release(&session->draft);
    lethe_pairs_release(&session->writing.draft);
    while (session->note_count)
        lethe_session_drop_note(session);
    lethe_free(session->notes);
    lethe_free(session->announced);
    lethe_source_release(&session->source);
    lethe_free(session->dir);
    lethe_free(session);
}

void lethe_source_release(struct lethe_source *source)
{
    lethe_free((char *)source->path);
    lethe_free((char *)source->model_hash);
    lethe_free((char *)source->data_hash);
    lethe_free((char *)source->place);
}

enum lethe_err lethe_source_copy(struct lethe_source *to, const struct lethe_source *from,
                                 struct lethe_error *err)
{
    struct lethe_source copy = {lethe_strdup(from->path), lethe_strdup(from->model_hash),
                                lethe_strdup(from->data_hash),
                                from->place ? lethe_strdup(from->place) : NULL};
    if (!copy.path || !copy.model_hash || !copy.data_hash || !copy.place != !from->place) {
        lethe_source_release(&copy);
        return lethe_fail_memory(err, "a session", strlen(from->path), 1);
    }
    *to = copy;
    return LETHE_OK;
}

enum lethe_err lethe_session_add_note(struct lethe_session *session, const char *line,
                                      const char *head, struct lethe_error *err)
{
    if (session->note_count == session->note_room) {
        size_t room = session->note_room ? 2 * session->note_room : 64;
        struct lethe_note *notes = lethe_realloc(session->notes, room, sizeof *notes);
        if (!notes)
            return lethe_fail_memory(err, "the script", room, sizeof *notes);
        session->notes = notes;
        session->note_room = room;
    }
    struct lethe_note *note = &session->notes[session->note_count];
    note->line = lethe_strdup(line);
    if (!note->line)
        return lethe_fail_memory(err, "the script", strlen(line), 1);
    memcpy(note->head, head, LETHE_HASH_HEX);
    session->note_count++;
    return LETHE_OK;
}

void lethe_session_drop_note(struct lethe_session *session)
{
    lethe_free(session->notes[--session->note_count].line);
}

enum lethe_err lethe_session_refuse(const struct lethe_session *session, struct lethe_error *err)
{
    return lethe_fail(err, LETHE_EIO,
                      "session '%s' is open for reading only, because it may not be written: "
                      "'save FOLDER' makes a copy, 'open FOLDER' goes on in it",
                      session->dir);
}
