/* SPDX-License-Identifier: MIT
 * Sealing. The new root's id covers a hash of the salt instead of the parent and the ids, so that
 * neither can be found by trying: the salt has 256 bits and stands in the receipt only. Old blobs
 * are removed after the new head.json is in place; a crash in between leaves them to the sweep. */
#include "session/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "session/store.h"

enum { SALT = 32 };

/* Everything that will take the session's place. */
struct sealing {
    const struct lethe_session *session;
    const struct lethe_state *at; /* the state that becomes the root */
    unsigned char salt[SALT];
    char commitment[LETHE_HASH_HEX]; /* hash of the salt */
    struct lethe_source source;      /* without the model: it is no longer what this builds on */
    struct lethe_history history;
    struct lethe_state **renamed; /* by index in the old history; NULL: dropped */
    struct lethe_note *notes;     /* lines are borrowed until the swap */
    size_t note_count;
};

static void salted(char *hex, const unsigned char *salt, uint64_t id)
{
    struct lethe_hash hash;
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(id >> 8 * i);
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, salt, SALT);
    lethe_hash_add(&hash, bytes, sizeof bytes);
    lethe_hash_text(&hash, hex);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Hashes of an earlier seal stay; sorted together, so that the order tells nothing. */
static enum lethe_err seal_ids(struct lethe_state *root, const struct sealing *s,
                               struct lethe_error *err)
{
    size_t *ids = NULL, count = 0;
    const struct lethe_state *old_root = s->session->history.states[0];
    enum lethe_err code = lethe_state_forgotten(&ids, &count, s->at, err);
    if (code)
        return code;
    size_t total = count + old_root->sealed_count;
    root->sealed = lethe_alloc(total, sizeof *root->sealed);
    if (!root->sealed) {
        lethe_free(ids);
        return lethe_fail_memory(err, "the sealed ids", total, sizeof *root->sealed);
    }
    for (size_t i = 0; i < count; i++)
        salted(root->sealed[i], s->salt, ids[i]);
    for (size_t i = count; i < total; i++)
        memcpy(root->sealed[i], old_root->sealed[i - count], LETHE_HASH_HEX);
    root->sealed_count = total;
    qsort(root->sealed, total, sizeof *root->sealed, by_text);
    lethe_free(ids);
    return LETHE_OK;
}

static enum lethe_err make_root(struct lethe_state **root, const struct sealing *s, const double *w,
                                int64_t time, struct lethe_error *err)
{
    struct lethe_pairs settings = {0};
    enum lethe_err code = lethe_pairs_set(&settings, "seal", s->commitment, err);
    if (!code)
        code = lethe_pairs_set(&settings, "data", s->session->source.data_hash, err);
    struct lethe_commit commit = {
        .kind = "sealed", .settings = &settings, .w = w, .time = time, .message = "sealed"};
    if (!code)
        code = lethe_state_new(root, NULL, &commit, s->at->size, err);
    lethe_pairs_release(&settings);
    if (!code && (code = seal_ids(*root, s, err)))
        lethe_state_unref(*root);
    return code;
}

static size_t index_of(const struct lethe_history *history, const struct lethe_state *state)
{
    size_t i = 0;
    while (i < history->count && history->states[i] != state)
        i++;
    return i;
}

/* NULL: not kept */
static struct lethe_state *renamed(const struct sealing *s, const struct lethe_state *old)
{
    size_t i = index_of(&s->session->history, old);
    return i < s->session->history.count ? s->renamed[i] : NULL;
}

static enum lethe_err rename_states(struct sealing *s, int64_t time, struct lethe_error *err)
{
    const struct lethe_history *old = &s->session->history;
    double *w = lethe_alloc(s->at->size, sizeof *w);
    enum lethe_err code = LETHE_OK;
    s->renamed = lethe_alloc_zero(old->count, sizeof(struct lethe_state *));
    if (!w || !s->renamed) {
        lethe_fail_memory(err, "a state's weights", s->at->size, sizeof *w);
        code = LETHE_ENOMEM;
    }
    for (size_t i = 0; !code && i < old->count; i++) {
        struct lethe_state *from = old->states[i], *made = NULL;
        struct lethe_state *parent = from->parent ? renamed(s, from->parent) : NULL;
        if (from != s->at && !parent)
            continue;
        lethe_state_weights(from, w);
        struct lethe_commit commit = {from->kind,
                                      from->message,
                                      from->forget,
                                      from->forget_count,
                                      &from->settings,
                                      from->seed,
                                      w,
                                      from->metrics,
                                      from->time};
        code = from == s->at ? make_root(&made, s, w, time, err)
                             : lethe_state_new(&made, parent, &commit, from->size, err);
        if (!code && !(code = lethe_history_take(&s->history, made, err)))
            s->renamed[i] = made;
    }
    lethe_free(w);
    return code;
}

static enum lethe_err rename_place(struct sealing *s, struct lethe_error *err)
{
    const struct lethe_place *old = &s->session->history.place;
    struct lethe_place *place = &s->history.place;
    enum lethe_err code = lethe_place_copy(place, old, err);
    if (code)
        return code;
    place->head = renamed(s, old->head);
    size_t branches = 0, redo = 0, on = SIZE_MAX;
    for (size_t i = 0; i < old->branch_count; i++) {
        struct lethe_state *at = renamed(s, old->branches[i].at);
        if (!at)
            continue;
        if (i == old->on)
            on = branches;
        place->branches[branches] = old->branches[i];
        place->branches[branches++].at = at;
    }
    for (size_t i = 0; i < old->redo_count; i++)
        if ((place->redo[redo] = renamed(s, old->redo[i])))
            redo++;
    place->branch_count = branches;
    place->on = on < branches ? on : branches;
    place->redo_count = redo;
    return LETHE_OK;
}

/* Of the journal, lines stay that came after the last arrival from outside, if anything came after
 * the sealed state at all. */
static enum lethe_err keep_notes(struct sealing *s, struct lethe_error *err)
{
    const struct lethe_session *session = s->session;
    size_t first = 0;
    s->notes = lethe_alloc(session->note_count, sizeof *s->notes);
    if (!s->notes)
        return lethe_fail_memory(err, "the journal", session->note_count, sizeof *s->notes);
    for (size_t i = 0; i < session->note_count; i++) {
        struct lethe_state *head = lethe_history_with_id(&session->history, session->notes[i].head);
        if (!head || !renamed(s, head))
            first = i + 2; /* the next line is the one that leads in */
    }
    if (s->history.count == 1)
        first = session->note_count;
    for (size_t i = first; i < session->note_count; i++) {
        struct lethe_note note = session->notes[i];
        const struct lethe_state *head = lethe_history_with_id(&session->history, note.head);
        if (!(head = renamed(s, head)))
            continue; /* cannot be: `first` stands after the last of these */
        memcpy(note.head, head->id, sizeof note.head);
        s->notes[s->note_count++] = note;
    }
    return LETHE_OK;
}

static enum lethe_err write_receipt(char **receipt, const struct sealing *s, int64_t time,
                                    size_t count, struct lethe_error *err)
{
    char salt[2 * SALT + 1];
    const struct lethe_state *root = s->history.states[0];
    for (int i = 0; i < SALT; i++)
        snprintf(salt + 2 * i, 3, "%02x", s->salt[i]);
    struct lethe_json *json = lethe_json_object();
    lethe_json_add_string(json, "format", "lethe receipt");
    lethe_json_add_number(json, "version", 1);
    lethe_json_add_string(json, "sealed", root->id);
    lethe_json_add_string(json, "weights", root->weights_hash);
    lethe_json_add_number(json, "time", (double)time);
    lethe_json_add_number(json, "forgotten", (double)count);
    lethe_json_add_string(json, "commitment", s->commitment);
    lethe_json_add_string(json, "salt", salt);
    lethe_json_add_string(json, "note",
                          "Keep this apart from the session: with the salt one can show which "
                          "samples were forgotten. Copies of the session, the original model and "
                          "the training data were not touched by the seal.");
    *receipt = lethe_json_text(json, 1);
    lethe_json_free(json);
    return *receipt ? LETHE_OK : lethe_fail_memory(err, "a receipt", 1, 1024);
}

/* After this the session is the sealed one, and `s` holds what it was. */
static void swap(struct lethe_session *session, struct sealing *s)
{
    struct lethe_history history = session->history;
    session->history = s->history;
    s->history = history;
    struct lethe_source source = session->source;
    session->source = s->source;
    s->source = source;
    struct lethe_note *notes = session->notes;
    size_t count = session->note_count;
    session->notes = s->notes;
    session->note_count = s->note_count;
    s->notes = notes;
    s->note_count = count;
}

/* Frees the lines that the sealed journal does not share. */
static void drop_notes(const struct lethe_session *session, struct sealing *s)
{
    for (size_t i = 0; i < s->note_count - session->note_count; i++)
        lethe_free(s->notes[i].line);
}

static enum lethe_err prepare(struct sealing *s, const char *name, struct lethe_error *err)
{
    struct lethe_state *at;
    const struct lethe_history *history = &s->session->history;
    enum lethe_err code = lethe_history_find(&at, history, name, err);
    if (code)
        return code;
    const struct lethe_state *above = history->place.head;
    while (above && above != at)
        above = above->parent;
    if (!above) {
        lethe_fail(err, LETHE_EARG,
                   "cannot seal '%s': the head does not come after it; 'checkout' first", name);
        return LETHE_EARG;
    }
    if (getrandom(s->salt, SALT, 0) != SALT) {
        lethe_fail(err, LETHE_EIO, "no random numbers for a salt: %s", strerror(errno));
        return LETHE_EIO;
    }
    lethe_hash_of(s->commitment, s->salt, SALT);
    s->at = at;
    return LETHE_OK;
}

enum lethe_err lethe_session_seal(struct lethe_session *session, char **receipt, const char *name,
                                  int64_t time, struct lethe_error *err)
{
    struct sealing s = {.session = session};
    char *text = NULL;
    const struct lethe_source kept = {session->source.path, "", session->source.data_hash};
    enum lethe_err code = prepare(&s, name, err);
    if (code)
        return code;
    size_t before = session->history.states[0]->sealed_count;
    if ((code = rename_states(&s, time, err)) || (code = rename_place(&s, err)) ||
        (code = keep_notes(&s, err)) || (code = lethe_source_copy(&s.source, &kept, err)) ||
        (code = write_receipt(&text, &s, time, s.history.states[0]->sealed_count - before, err)))
        goto out;
    swap(session, &s);
    if (session->dir && (code = lethe_store_write(session, session->dir, 0, err))) {
        swap(session, &s);
        session->dirty = 1;
        goto out;
    }
    drop_notes(session, &s);
    session->note_room = s.note_count;
    if (session->dir)
        lethe_store_sweep(session, session->dir);
    *receipt = text;
    text = NULL;
out:
    lethe_history_release(&s.history);
    lethe_source_release(&s.source);
    lethe_free(s.notes);
    lethe_free(s.renamed);
    lethe_free(text);
    memset(s.salt, 0, sizeof s.salt);
    return code;
}

/* ---- opening again ----------------------------------------------------------------------------
 */

size_t lethe_session_sealed(const struct lethe_session *session)
{
    return session->history.states[0]->sealed_count;
}

static int read_salt(unsigned char *salt, const struct lethe_json *receipt)
{
    const char *hex = lethe_json_as_string(lethe_json_get(receipt, "salt"));
    if (!hex || strlen(hex) != 2 * SALT || strspn(hex, "0123456789abcdef") != 2 * SALT)
        return 0;
    for (size_t i = 0; i < SALT; i++) {
        const char byte[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        salt[i] = (unsigned char)strtoul(byte, NULL, 16);
    }
    return 1;
}

enum lethe_err lethe_session_sealed_ids(size_t **ids, size_t *count,
                                        const struct lethe_session *session, const char *receipt,
                                        size_t samples, struct lethe_error *err)
{
    unsigned char salt[SALT];
    char hash[LETHE_HASH_HEX];
    struct lethe_json *json = NULL;
    const struct lethe_state *root = session->history.states[0];
    size_t *found = NULL, n = 0;
    enum lethe_err code = lethe_json_parse(&json, receipt, strlen(receipt), "the receipt", err);
    if (code)
        return code;
    if (!read_salt(salt, json)) {
        code = lethe_fail(err, LETHE_EFORMAT, "the receipt has no salt");
        goto out;
    }
    found = lethe_alloc(root->sealed_count, sizeof *found);
    if (!found) {
        code = lethe_fail_memory(err, "the sealed ids", root->sealed_count, sizeof *found);
        goto out;
    }
    for (size_t id = 0; id < samples && n < root->sealed_count; id++) {
        salted(hash, salt, id);
        if (bsearch(hash, root->sealed, root->sealed_count, sizeof *root->sealed, by_text))
            found[n++] = id;
    }
    if (root->sealed_count && !n) {
        code = lethe_fail(err, LETHE_EARG,
                          "this receipt opens none of the %zu sealed ids: it belongs to another "
                          "session",
                          root->sealed_count);
        goto out;
    }
    *ids = found;
    *count = n;
    found = NULL;
out:
    lethe_free(found);
    lethe_json_free(json);
    return code;
}
