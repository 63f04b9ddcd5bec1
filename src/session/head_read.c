/* SPDX-License-Identifier: MIT
 * head.json back into a session. Nothing in it is believed: format, version, then the check over
 * the text, then every state. */
#include "session/head.h"

#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "session/record.h"

static enum lethe_err read_states(const struct lethe_json *array, struct lethe_session_reader *r)
{
    enum lethe_err code = LETHE_OK;
    const struct lethe_json *m = lethe_json_first(array);
    for (; !code && m; m = lethe_json_next(m))
        code = lethe_state_take(m, r);
    if (!code && !r->session->history.count)
        return lethe_reader_damaged(r, "it has no states");
    return code;
}

static struct lethe_state *state_of(const struct lethe_json *value,
                                    const struct lethe_session_reader *r)
{
    const char *id = lethe_json_as_string(value);
    return id ? lethe_history_with_id(&r->session->history, id) : NULL;
}

static enum lethe_err read_place(const struct lethe_json *body,
                                 const struct lethe_session_reader *r)
{
    struct lethe_place *place = &r->session->history.place;
    const struct lethe_json *branches = lethe_json_get(body, "branches"),
                            *redo = lethe_json_get(body, "redo");
    const char *on = lethe_json_as_string(lethe_json_get(body, "on"));
    place->branches = lethe_alloc_zero(lethe_json_count(branches), sizeof *place->branches);
    place->redo = lethe_alloc_zero(lethe_json_count(redo), sizeof(struct lethe_state *));
    place->head = state_of(lethe_json_get(body, "head"), r);
    if (!place->branches || !place->redo)
        return lethe_fail_memory(r->err, "the history", lethe_json_count(redo), 64);
    if (!place->head)
        return lethe_reader_damaged(r, "its head is no state");
    for (const struct lethe_json *m = lethe_json_first(branches); m; m = lethe_json_next(m)) {
        struct lethe_branch *branch = &place->branches[place->branch_count++];
        branch->at = state_of(m, r);
        if (!branch->at || lethe_branch_check(lethe_json_key(m), NULL))
            return lethe_reader_damaged(r, "a branch leads nowhere");
        memcpy(branch->name, lethe_json_key(m), strlen(lethe_json_key(m)) + 1);
    }
    for (const struct lethe_json *m = lethe_json_first(redo); m; m = lethe_json_next(m))
        if (!(place->redo[place->redo_count++] = state_of(m, r)))
            return lethe_reader_damaged(r, "redo leads nowhere");
    const struct lethe_branch *current = on ? lethe_place_branch(place, on) : NULL;
    place->on = current ? (size_t)(current - place->branches) : place->branch_count;
    return LETHE_OK;
}

static enum lethe_err read_source(const struct lethe_json *body, struct lethe_session_reader *r)
{
    struct lethe_source source = {0};
    struct lethe_json_reader m = {lethe_json_get(body, "source"), r->file, r->err};
    enum lethe_err code = lethe_json_read_string(&m, "path", &source.path, 1);
    if (!code)
        code = lethe_json_read_string(&m, "place", &source.place, 0);
    if (!code)
        code = lethe_json_read_string(&m, "model", &source.model_hash, 1);
    if (!code)
        code = lethe_json_read_string(&m, "data", &source.data_hash, 1);
    m.object = body;
    if (!code && !r->session->writing.afresh)
        code = lethe_json_read_size(&m, "size", &r->size, 1, SIZE_MAX / 64, 1);
    return code ? code : lethe_source_copy(&r->session->source, &source, r->err);
}

enum lethe_err lethe_notes_take(const struct lethe_json *array,
                                const struct lethe_session_reader *r)
{
    for (const struct lethe_json *m = lethe_json_first(array); m; m = lethe_json_next(m)) {
        const char *line = lethe_json_as_string(lethe_json_at(m, 0));
        const char *head = lethe_json_as_string(lethe_json_at(m, 1));
        if (!line || !head || strlen(head) != LETHE_HASH_HEX - 1)
            return lethe_reader_damaged(r, "its script is not a list of lines");
        enum lethe_err code = lethe_session_add_note(r->session, line, head, r->err);
        if (code)
            return code;
    }
    return LETHE_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Version 1 had no journal beside it: the first change writes the session anew. */
static enum lethe_err check_version(const struct lethe_json *root, struct lethe_session_reader *r)
{
    double version = 0;
    const char *format = lethe_json_as_string(lethe_json_get(root, "format"));
    if (!format || strcmp(format, "lethe session") != 0 ||
        !lethe_json_as_number(lethe_json_get(root, "version"), &version) || version < 1)
        return lethe_reader_damaged(r, "it is no session of lethe");
    if (version > LETHE_SESSION_VERSION) {
        lethe_fail(r->err, LETHE_EFORMAT,
                   "'%s' was written by a newer lethe (session version %g, this one reads %d): "
                   "update lethe",
                   r->file, version, LETHE_SESSION_VERSION);
        return LETHE_EFORMAT;
    }
    r->session->writing.afresh = version < 2;
    return LETHE_OK;
}

static enum lethe_err check_text(const struct lethe_json *root, const char *text, size_t size,
                                 const struct lethe_session_reader *r)
{
    char *found = r->session->writing.check;
    const char *check = lethe_json_as_string(lethe_json_get(root, "check"));
    static const char key[] = "\"session\":";
    const char *body = strstr(text, key), *end = text + size;
    while (end > text && *--end != '}')
        ;
    if (!check || !body || (body += sizeof key - 1) > end)
        return lethe_reader_damaged(r, "its check is missing");
    lethe_hash_of(found, body, (size_t)(end - body));
    if (strcmp(found, check) != 0)
        return lethe_reader_damaged(r, "its text does not meet its check");
    memcpy(r->session->writing.base, found, LETHE_HASH_HEX);
    r->session->writing.head_bytes = size;
    return LETHE_OK;
}

enum lethe_err lethe_head_decode(struct lethe_session_reader *r, const char *text, size_t size)
{
    struct lethe_session *session = r->session;
    struct lethe_json *root = NULL;
    enum lethe_err code = lethe_json_parse(&root, text, size, r->file, r->err);
    if (code)
        return code;
    const struct lethe_json *body = lethe_json_get(root, "session");
    if (!(code = check_version(root, r)) && !(code = check_text(root, text, size, r)) &&
        !(code = read_source(body, r)) &&
        !(code = read_states(lethe_json_get(body, "states"), r)) && !(code = read_place(body, r)) &&
        !(code = lethe_pairs_take(&session->draft, lethe_json_get(body, "draft"), r)))
        code = lethe_notes_take(lethe_json_get(body, "journal"), r);
    lethe_json_free(root);
    return code;
}
