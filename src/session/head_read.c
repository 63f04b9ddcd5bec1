/* SPDX-License-Identifier: MIT
 * head.json back into a session. Nothing in it is believed: format, version, then the check over
 * the text, then the id of every state, computed anew from its words and weights. */
#include "session/head.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "session/store.h"

/* What is handed down while reading. */
struct reader {
    struct lethe_session *session;
    const char *file;
    const struct lethe_blobs *blobs;
    struct lethe_error *err;
    double *w; /* weights of `last`, (size) */
    const struct lethe_state *last;
};

static enum lethe_err damaged(const struct reader *r, const char *why)
{
    lethe_fail(r->err, LETHE_EFORMAT,
               "'%s' is damaged: %s; nothing was changed, restore it from a copy", r->file, why);
    lethe_error_at(r->err, "%s", r->file);
    return LETHE_EFORMAT;
}

static enum lethe_err no_memory(const struct reader *r)
{
    return lethe_fail_memory(r->err, "a session", 1, sizeof(struct lethe_session));
}

static struct lethe_json_reader members(const struct reader *r, const struct lethe_json *object)
{
    return (struct lethe_json_reader){object, r->file, r->err};
}

static enum lethe_err read_pairs(struct lethe_pairs *pairs, const struct lethe_json *object,
                                 const struct reader *r)
{
    const struct lethe_json *m = lethe_json_first(object);
    for (; m; m = lethe_json_next(m)) {
        const char *value = lethe_json_as_string(m);
        if (!value)
            return damaged(r, "a setting is not a text");
        enum lethe_err code = lethe_pairs_set(pairs, lethe_json_key(m), value, r->err);
        if (code)
            return code;
    }
    return LETHE_OK;
}

/* ---- states -----------------------------------------------------------------------------------
 */

static enum lethe_err read_words(struct lethe_state *state, const struct lethe_json *object,
                                 const struct reader *r)
{
    const char *kind = NULL, *message = NULL, *metrics = NULL;
    double when = 0;
    uint64_t seed = 0;
    struct lethe_json_reader m = members(r, object);
    enum lethe_err code = lethe_json_read_string(&m, "kind", &kind, 1);
    if (!code)
        code = lethe_json_read_string(&m, "message", &message, 1);
    if (!code)
        code = lethe_json_read_string(&m, "metrics", &metrics, 1);
    if (!code)
        code = lethe_json_read_number(&m, "time", &when, -0x1p53, 0x1p53, 1);
    if (!code && !lethe_json_as_u64(lethe_json_get(object, "seed"), &seed))
        code = damaged(r, "a state without a seed");
    if (code)
        return code;
    state->kind = lethe_strdup(kind);
    state->message = lethe_strdup(message);
    state->metrics = lethe_strdup(metrics);
    state->time = (int64_t)when;
    state->seed = seed;
    if (!state->kind || !state->message || !state->metrics)
        return no_memory(r);
    return read_pairs(&state->settings, lethe_json_get(object, "settings"), r);
}

static enum lethe_err read_forget(struct lethe_state *state, const struct lethe_json *array,
                                  const struct reader *r)
{
    size_t count = lethe_json_count(array);
    state->forget = lethe_alloc(count, sizeof *state->forget);
    if (!state->forget)
        return no_memory(r);
    for (const struct lethe_json *m = lethe_json_first(array); m; m = lethe_json_next(m)) {
        uint64_t id;
        if (!lethe_json_as_u64(m, &id))
            return damaged(r, "a forget id is not a number");
        state->forget[state->forget_count++] = (size_t)id;
    }
    return LETHE_OK;
}

static enum lethe_err read_sealed(struct lethe_state *state, const struct lethe_json *array,
                                  const struct reader *r)
{
    size_t count = lethe_json_count(array);
    if (!count)
        return LETHE_OK;
    state->sealed = lethe_alloc_zero(count, sizeof *state->sealed);
    if (!state->sealed)
        return no_memory(r);
    for (const struct lethe_json *m = lethe_json_first(array); m; m = lethe_json_next(m)) {
        const char *hash = lethe_json_as_string(m);
        if (!hash || strlen(hash) != LETHE_HASH_HEX - 1)
            return damaged(r, "a sealed id is not a hash");
        memcpy(state->sealed[state->sealed_count++], hash, LETHE_HASH_HEX);
    }
    return LETHE_OK;
}

static enum lethe_err read_weights(struct lethe_state *state, const char *blob, struct reader *r)
{
    enum lethe_err code = r->blobs->load(state, blob, r->blobs->context, r->err);
    if (code)
        return code;
    const struct lethe_state *parent = state->parent;
    if (parent && parent->size != state->size)
        return damaged(r, "a state has not as many weights as its parent");
    if (state->chain && !(parent && parent->chain + 1 < LETHE_STATE_CHAIN))
        return damaged(r, "a chain of changes without a beginning");
    if (state->chain)
        state->chain = parent->chain + 1;
    if (!r->w && !(r->w = lethe_alloc(state->size, sizeof *r->w)))
        return no_memory(r);
    if (state->chain && r->last != parent)
        lethe_state_weights(parent, r->w);
    lethe_state_apply(state, r->w);
    r->last = state;
    return lethe_state_identify(state, r->w, r->err);
}

static enum lethe_err fill_state(struct lethe_state *state, const struct lethe_json *object,
                                 struct reader *r)
{
    const char *id = NULL, *parent = NULL, *blob = NULL;
    struct lethe_json_reader m = members(r, object);
    enum lethe_err code = lethe_json_read_string(&m, "id", &id, 1);
    if (!code)
        code = lethe_json_read_string(&m, "parent", &parent, 0);
    if (!code)
        code = lethe_json_read_string(&m, "blob", &blob, 1);
    if (code)
        return code;
    struct lethe_state *above = parent ? lethe_history_with_id(&r->session->history, parent) : NULL;
    if (!above != !r->session->history.count)
        return damaged(r, "a state does not follow its parent");
    state->parent = above ? lethe_state_ref(above) : NULL;
    if ((code = read_words(state, object, r)) ||
        (code = read_forget(state, lethe_json_get(object, "forget"), r)) ||
        (code = read_sealed(state, lethe_json_get(object, "sealed"), r)) ||
        (code = read_weights(state, blob, r)))
        return code;
    if (strcmp(state->id, id) != 0)
        return damaged(r, "a state is not what its id says");
    return LETHE_OK;
}

static enum lethe_err read_states(const struct lethe_json *array, struct reader *r)
{
    for (const struct lethe_json *m = lethe_json_first(array); m; m = lethe_json_next(m)) {
        struct lethe_state *state = lethe_state_empty(r->err);
        if (!state)
            return LETHE_ENOMEM;
        enum lethe_err code = fill_state(state, m, r);
        if (code) {
            lethe_state_unref(state);
            return code;
        }
        if ((code = lethe_history_take(&r->session->history, state, r->err)))
            return code;
    }
    return r->session->history.count ? LETHE_OK : damaged(r, "it has no states");
}

/* ---- place, source, journal -------------------------------------------------------------------
 */

static struct lethe_state *state_of(const struct lethe_json *value, const struct reader *r)
{
    const char *id = lethe_json_as_string(value);
    return id ? lethe_history_with_id(&r->session->history, id) : NULL;
}

static enum lethe_err read_place(const struct lethe_json *body, const struct reader *r)
{
    struct lethe_place *place = &r->session->history.place;
    const struct lethe_json *branches = lethe_json_get(body, "branches"),
                            *redo = lethe_json_get(body, "redo");
    const char *on = lethe_json_as_string(lethe_json_get(body, "on"));
    place->branches = lethe_alloc_zero(lethe_json_count(branches), sizeof *place->branches);
    place->redo = lethe_alloc_zero(lethe_json_count(redo), sizeof(struct lethe_state *));
    place->head = state_of(lethe_json_get(body, "head"), r);
    if (!place->branches || !place->redo)
        return no_memory(r);
    if (!place->head)
        return damaged(r, "its head is no state");
    for (const struct lethe_json *m = lethe_json_first(branches); m; m = lethe_json_next(m)) {
        struct lethe_branch *branch = &place->branches[place->branch_count++];
        branch->at = state_of(m, r);
        if (!branch->at || lethe_branch_check(lethe_json_key(m), NULL))
            return damaged(r, "a branch leads nowhere");
        memcpy(branch->name, lethe_json_key(m), strlen(lethe_json_key(m)) + 1);
    }
    for (const struct lethe_json *m = lethe_json_first(redo); m; m = lethe_json_next(m))
        if (!(place->redo[place->redo_count++] = state_of(m, r)))
            return damaged(r, "redo leads nowhere");
    const struct lethe_branch *current = on ? lethe_place_branch(place, on) : NULL;
    place->on = current ? (size_t)(current - place->branches) : place->branch_count;
    return LETHE_OK;
}

static enum lethe_err read_source(const struct lethe_json *object, const struct reader *r)
{
    struct lethe_source source = {0};
    struct lethe_json_reader m = members(r, object);
    enum lethe_err code = lethe_json_read_string(&m, "path", &source.path, 1);
    if (!code)
        code = lethe_json_read_string(&m, "model", &source.model_hash, 1);
    if (!code)
        code = lethe_json_read_string(&m, "data", &source.data_hash, 1);
    return code ? code : lethe_source_copy(&r->session->source, &source, r->err);
}

static enum lethe_err read_journal(const struct lethe_json *array, const struct reader *r)
{
    for (const struct lethe_json *m = lethe_json_first(array); m; m = lethe_json_next(m)) {
        const char *line = lethe_json_as_string(lethe_json_at(m, 0));
        const char *head = lethe_json_as_string(lethe_json_at(m, 1));
        if (!line || !head || strlen(head) != LETHE_HASH_HEX - 1)
            return damaged(r, "its journal is not a list of lines");
        enum lethe_err code = lethe_session_add_note(r->session, line, head, r->err);
        if (code)
            return code;
    }
    return LETHE_OK;
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static enum lethe_err check_text(const struct lethe_json *root, const char *text, size_t size,
                                 const struct reader *r)
{
    char found[LETHE_HASH_TEXT];
    double version = 0;
    const char *format = lethe_json_as_string(lethe_json_get(root, "format"));
    if (!format || strcmp(format, "lethe session") != 0 ||
        !lethe_json_as_number(lethe_json_get(root, "version"), &version))
        return damaged(r, "it is no session of lethe");
    if (version > LETHE_SESSION_VERSION) {
        lethe_fail(r->err, LETHE_EFORMAT,
                   "'%s' was written by a newer lethe (session version %g, this one reads %d): "
                   "update lethe",
                   r->file, version, LETHE_SESSION_VERSION);
        return LETHE_EFORMAT;
    }
    const char *check = lethe_json_as_string(lethe_json_get(root, "check"));
    static const char key[] = "\"session\":";
    const char *body = strstr(text, key), *end = text + size;
    while (end > text && *--end != '}')
        ;
    if (!check || !body || (body += sizeof key - 1) > end)
        return damaged(r, "its check is missing");
    lethe_hash_of(found, body, (size_t)(end - body));
    return strcmp(found, check) ? damaged(r, "its text does not meet its check") : LETHE_OK;
}

enum lethe_err lethe_head_decode(struct lethe_session *session, const char *text, size_t size,
                                 const char *file, const struct lethe_blobs *blobs,
                                 struct lethe_error *err)
{
    struct reader r = {session, file, blobs, err, NULL, NULL};
    struct lethe_json *root = NULL;
    const struct lethe_json *body;
    enum lethe_err code = lethe_json_parse(&root, text, size, file, err);
    if (code)
        return code;
    body = lethe_json_get(root, "session");
    if (!(code = check_text(root, text, size, &r)) &&
        !(code = read_source(lethe_json_get(body, "source"), &r)) &&
        !(code = read_states(lethe_json_get(body, "states"), &r)) &&
        !(code = read_place(body, &r)) &&
        !(code = read_pairs(&session->draft, lethe_json_get(body, "draft"), &r)))
        code = read_journal(lethe_json_get(body, "journal"), &r);
    lethe_free(r.w);
    lethe_json_free(root);
    return code;
}
