/* SPDX-License-Identifier: MIT
 * head.json: {"format", "version", "check", "session"}, where check is the SHA-256 of the text
 * after "session": up to the last brace. */
#include "session/head.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "session/store.h"

static void add_pairs(struct lethe_json *parent, const char *key, const struct lethe_pairs *pairs)
{
    struct lethe_json *object = lethe_json_add_object(parent, key);
    for (size_t i = 0; i < pairs->count; i++)
        lethe_json_add_string(object, pairs->at[i].key, pairs->at[i].value);
}

static void add_state(struct lethe_json *states, const struct lethe_state *s)
{
    struct lethe_json *object = lethe_json_add_object(states, NULL);
    lethe_json_add_string(object, "id", s->id);
    lethe_json_add_string(object, "parent", s->parent ? s->parent->id : NULL);
    lethe_json_add_string(object, "kind", s->kind);
    lethe_json_add_string(object, "message", s->message);
    lethe_json_add_number(object, "time", (double)s->time);
    lethe_json_add_u64(object, "seed", s->seed);
    add_pairs(object, "settings", &s->settings);
    struct lethe_json *forget = lethe_json_add_array(object, "forget");
    for (size_t i = 0; i < s->forget_count; i++)
        lethe_json_add_number(forget, NULL, (double)s->forget[i]);
    if (s->sealed_count) {
        struct lethe_json *sealed = lethe_json_add_array(object, "sealed");
        for (size_t i = 0; i < s->sealed_count; i++)
            lethe_json_add_string(sealed, NULL, s->sealed[i]);
    }
    lethe_json_add_string(object, "weights", s->weights_hash);
    lethe_json_add_string(object, "blob", s->blob);
    lethe_json_add_string(object, "metrics", s->metrics);
}

static void add_place(struct lethe_json *body, const struct lethe_place *place)
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

static void add_body(struct lethe_json *body, const struct lethe_session *session)
{
    struct lethe_json *source = lethe_json_add_object(body, "source");
    lethe_json_add_string(source, "path", session->source.path);
    lethe_json_add_string(source, "model", session->source.model_hash);
    lethe_json_add_string(source, "data", session->source.data_hash);
    add_place(body, &session->history.place);
    add_pairs(body, "draft", &session->draft);
    struct lethe_json *journal = lethe_json_add_array(body, "journal");
    for (size_t i = 0; i < session->note_count; i++) {
        struct lethe_json *note = lethe_json_add_array(journal, NULL);
        lethe_json_add_string(note, NULL, session->notes[i].line);
        lethe_json_add_string(note, NULL, session->notes[i].head);
    }
    struct lethe_json *states = lethe_json_add_array(body, "states");
    for (size_t i = 0; i < session->history.count; i++)
        add_state(states, session->history.states[i]);
}

char *lethe_head_encode(const struct lethe_session *session)
{
    char check[LETHE_HASH_TEXT];
    struct lethe_json *body = lethe_json_object();
    add_body(body, session);
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
