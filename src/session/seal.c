/* SPDX-License-Identifier: MIT
 * Preparing a seal. The new root's id covers a hash of the salt instead of the parent and the ids,
 * so that neither can be found by trying: the salt has 256 bits and stands in the receipt only. */
#include "session/seal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "session/record.h"

void lethe_seal_hash_id(char *hex, const unsigned char *salt, uint64_t id)
{
    struct lethe_hash hash;
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(id >> 8 * i);
    lethe_hash_init(&hash);
    lethe_hash_add(&hash, salt, LETHE_SEAL_SALT);
    lethe_hash_add(&hash, bytes, sizeof bytes);
    lethe_hash_text(&hash, hex);
}

int lethe_seal_by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Hashes of an earlier seal stay; sorted together, so that the order tells nothing. */
static enum lethe_err seal_ids(struct lethe_state *root, const struct lethe_seal *s,
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
        lethe_seal_hash_id(root->sealed[i], s->salt, ids[i]);
    for (size_t i = count; i < total; i++)
        memcpy(root->sealed[i], old_root->sealed[i - count], LETHE_HASH_HEX);
    root->sealed_count = total;
    qsort(root->sealed, total, sizeof *root->sealed, lethe_seal_by_text);
    lethe_free(ids);
    return LETHE_OK;
}

static enum lethe_err make_root(struct lethe_state **root, const struct lethe_seal *s,
                                const double *w, int64_t time, struct lethe_error *err)
{
    struct lethe_pairs settings = {0};
    enum lethe_err code = lethe_pairs_set(&settings, "seal", s->commitment, err);
    if (!code)
        code = lethe_pairs_set(&settings, "data", s->session->source.data_hash, err);
    struct lethe_commit commit = {
        .kind = "sealed", .settings = &settings, .w = w, .time = time, .message = "sealed"};
    if (!code)
        code = lethe_state_new(root, NULL, &commit, s->at->kept.size, err);
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
static struct lethe_state *renamed(const struct lethe_seal *s, const struct lethe_state *old)
{
    size_t i = index_of(&s->session->history, old);
    return i < s->session->history.count ? s->renamed[i] : NULL;
}

/* A state after the sealed one, under its new name, with all acts that led to it. */
static enum lethe_err rename_one(struct lethe_state **made, struct lethe_state *parent,
                                 const struct lethe_state *from, const double *w,
                                 struct lethe_error *err)
{
    struct lethe_act *acts;
    const struct lethe_commit commit = {.kind = from->kind,
                                        .forget = from->forget,
                                        .forget_count = from->forget_count,
                                        .settings = &from->settings,
                                        .seed = from->seed,
                                        .w = w};
    enum lethe_err code = lethe_acts_copy(&acts, from->acts, err);
    if (code)
        return code;
    if ((code = lethe_state_new(made, parent, &commit, from->kept.size, err))) {
        lethe_acts_free(acts);
        return code;
    }
    lethe_acts_free((*made)->acts);
    (*made)->acts = acts;
    return LETHE_OK;
}

static enum lethe_err rename_states(struct lethe_seal *s, int64_t time, struct lethe_error *err)
{
    const struct lethe_history *old = &s->session->history;
    double *w = lethe_alloc(s->at->kept.size, sizeof *w);
    enum lethe_err code = LETHE_OK;
    s->renamed = lethe_alloc_zero(old->count, sizeof(struct lethe_state *));
    if (!w || !s->renamed)
        code = lethe_fail_memory(err, "a state's weights", s->at->kept.size, sizeof *w);
    for (size_t i = 0; !code && i < old->count; i++) {
        struct lethe_state *from = old->states[i], *made = NULL;
        struct lethe_state *parent = from->parent ? renamed(s, from->parent) : NULL;
        if (from != s->at && !parent)
            continue;
        if ((code = lethe_state_weights(from, w, err)))
            break;
        code = from == s->at ? make_root(&made, s, w, time, err)
                             : rename_one(&made, parent, from, w, err);
        if (!code && !(code = lethe_history_take(&s->history, made, err)))
            s->renamed[i] = made;
    }
    lethe_free(w);
    return code;
}

static enum lethe_err rename_place(struct lethe_seal *s, struct lethe_error *err)
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

/* Of the script, lines stay that came after the last arrival from outside, if anything came after
 * the sealed state at all. */
static enum lethe_err keep_notes(struct lethe_seal *s, struct lethe_error *err)
{
    const struct lethe_session *session = s->session;
    size_t first = 0;
    s->notes = lethe_alloc(session->note_count, sizeof *s->notes);
    if (!s->notes)
        return lethe_fail_memory(err, "the script", session->note_count, sizeof *s->notes);
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

static enum lethe_err write_receipt(char **receipt, const struct lethe_seal *s, int64_t time,
                                    size_t count, struct lethe_error *err)
{
    char salt[2 * LETHE_SEAL_SALT + 1];
    const struct lethe_state *root = s->history.states[0];
    for (int i = 0; i < LETHE_SEAL_SALT; i++)
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

static enum lethe_err prepare(struct lethe_seal *s, const char *name, struct lethe_error *err)
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
    if (getrandom(s->salt, LETHE_SEAL_SALT, 0) != LETHE_SEAL_SALT) {
        lethe_fail(err, LETHE_EIO, "no random numbers for a salt: %s", strerror(errno));
        return LETHE_EIO;
    }
    lethe_hash_of(s->commitment, s->salt, LETHE_SEAL_SALT);
    s->at = at;
    return LETHE_OK;
}

enum lethe_err lethe_seal_new(struct lethe_seal **seal, const struct lethe_session *session,
                              const char *name, const struct lethe_pairs *draft, int64_t time,
                              struct lethe_error *err)
{
    struct lethe_seal *s = lethe_alloc_zero(1, sizeof *s);
    if (!s)
        return lethe_fail_memory(err, "a seal", 1, sizeof *s);
    s->session = session;
    s->head = session->history.place.head;
    s->count = session->history.count;
    const struct lethe_source kept = {session->source.path, "", session->source.data_hash,
                                      session->source.place};
    const size_t before = session->history.states[0]->sealed_count;
    enum lethe_err code = prepare(s, name, err);
    if (code || (code = rename_states(s, time, err)) || (code = rename_place(s, err)) ||
        (code = keep_notes(s, err)) || (code = lethe_source_copy(&s->source, &kept, err)) ||
        (draft && (code = lethe_pairs_copy(&s->draft, draft, err))) ||
        (code = write_receipt(&s->receipt, s, time, s->history.states[0]->sealed_count - before,
                              err))) {
        lethe_seal_free(s);
        return code;
    }
    *seal = s;
    return LETHE_OK;
}

const char *lethe_seal_receipt(const struct lethe_seal *seal)
{
    return seal->receipt;
}

void lethe_seal_free(struct lethe_seal *seal)
{
    if (!seal)
        return;
    lethe_history_release(&seal->history);
    lethe_source_release(&seal->source);
    lethe_pairs_release(&seal->draft);
    lethe_free(seal->notes);
    lethe_free(seal->renamed);
    if (seal->receipt)
        explicit_bzero(seal->receipt, strlen(seal->receipt));
    lethe_free(seal->receipt);
    explicit_bzero(seal, sizeof *seal);
    lethe_free(seal);
}
