/* SPDX-License-Identifier: MIT
 * head.json: {"format", "version", "check", "session"}, where check is the SHA-256 of the text
 * after "session": up to the last brace. */
#include "session/head.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

static void put_place(struct lethe_json *body, const struct lethe_place *place)
{
    lethe_json_add_string(body, "head", place->head->id);
    lethe_json_add_string(body, "on",
                          place->on < place->branch_count ? place->branches[place->on].name : NULL);
    struct lethe_json *branches = lethe_json_add_object(body, "branches");
    for (size_t i = 0; i < place->branch_count; i++)
        lethe_json_add_string(branches, place->branches[i].name, place->branches[i].at->id);
    struct lethe_json *redo = lethe_json_add_array(body, "redo");
    for (size_t i = 0; i < place->redo_count; i++)
        lethe_json_add_string(redo, NULL, place->redo[i]->id);
}

void lethe_notes_put(struct lethe_json *parent, const char *key,
                     const struct lethe_session *session, size_t from)
{
    struct lethe_json *notes = lethe_json_add_array(parent, key);
    for (size_t i = from; i < session->note_count; i++) {
        struct lethe_json *note = lethe_json_add_array(notes, NULL);
        lethe_json_add_string(note, NULL, session->notes[i].line);
        lethe_json_add_string(note, NULL, session->notes[i].head);
    }
}

static void put_body(struct lethe_json *body, const struct lethe_session *session)
{
    const struct lethe_history *history = &session->history;
    struct lethe_json *source = lethe_json_add_object(body, "source");
    lethe_json_add_string(source, "path", session->source.path);
    if (session->source.place)
        lethe_json_add_string(source, "place", session->source.place);
    lethe_json_add_string(source, "model", session->source.model_hash);
    lethe_json_add_string(source, "data", session->source.data_hash);
    lethe_json_add_number(body, "size", (double)history->states[0]->kept.size);
    put_place(body, &history->place);
    lethe_pairs_put(body, "draft", &session->draft);
    lethe_notes_put(body, "journal", session, 0);
    struct lethe_json *states = lethe_json_add_array(body, "states");
    for (size_t i = 0; i < history->count; i++)
        lethe_state_put(lethe_json_add_object(states, NULL), history->states[i]);
}

char *lethe_head_encode(const struct lethe_session *session, char check[LETHE_HASH_HEX])
{
    struct lethe_json *body = lethe_json_object();
    put_body(body, session);
    char *inner = lethe_json_text(body, 1), *text = NULL;
    lethe_json_free(body);
    if (!inner)
        return NULL;
    size_t n = strlen(inner), room = n + 256;
    if ((text = lethe_alloc(room, 1))) {
        lethe_hash_of(check, inner, n);
        snprintf(text, room,
                 "{\"format\": \"lethe session\", \"version\": %d,\n\"check\": \"%s\",\n"
                 "\"session\":%s}\n",
                 LETHE_SESSION_VERSION, check, inner);
    }
    lethe_free(inner);
    return text;
}
