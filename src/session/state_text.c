/* SPDX-License-Identifier: MIT
 * A state as JSON and back, the same in head.json and in the journal. See state_text.h. Of
 * settings only those are written that differ from the parent's, where both have the same keys:
 * after the first commit of a session that is the rule. */
#include "session/state_text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"

/* ---- writing --------------------------------------------------------------------------------- */

void lethe_pairs_put(struct lethe_json *parent, const char *key, const struct lethe_pairs *pairs)
{
    struct lethe_json *object = lethe_json_add_object(parent, key);
    for (size_t i = 0; i < pairs->count; i++)
        lethe_json_add_string(object, pairs->at[i].key, pairs->at[i].value);
}

void lethe_act_put(struct lethe_json *object, const struct lethe_act *act)
{
    lethe_json_add_string(object, "message", act->message);
    lethe_json_add_number(object, "time", (double)act->time);
    lethe_json_add_string(object, "metrics", act->metrics);
}

static int same_keys(const struct lethe_pairs *a, const struct lethe_pairs *b)
{
    int same = a->count == b->count && a->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = !strcmp(a->at[i].key, b->at[i].key);
    return same;
}

static void put_settings(struct lethe_json *object, const struct lethe_state *s)
{
    if (!s->parent || !same_keys(&s->settings, &s->parent->settings)) {
        lethe_pairs_put(object, "settings", &s->settings);
        return;
    }
    struct lethe_json *differs = lethe_json_add_object(object, "differs");
    for (size_t i = 0; i < s->settings.count; i++)
        if (strcmp(s->settings.at[i].value, s->parent->settings.at[i].value) != 0)
            lethe_json_add_string(differs, s->settings.at[i].key, s->settings.at[i].value);
}

void lethe_state_put(struct lethe_json *object, const struct lethe_state *s)
{
    lethe_json_add_string(object, "id", s->id);
    lethe_json_add_string(object, "parent", s->parent ? s->parent->id : NULL);
    lethe_json_add_string(object, "kind", s->kind);
    lethe_act_put(object, s->acts);
    lethe_json_add_u64(object, "seed", s->seed);
    put_settings(object, s);
    struct lethe_json *forget = lethe_json_add_array(object, "forget");
    for (size_t i = 0; i < s->forget_count; i++)
        lethe_json_add_number(forget, NULL, (double)s->forget[i]);
    struct lethe_json *sealed = s->sealed_count ? lethe_json_add_array(object, "sealed") : NULL;
    for (size_t i = 0; i < s->sealed_count; i++)
        lethe_json_add_string(sealed, NULL, s->sealed[i]);
    struct lethe_json *earlier = s->acts->before ? lethe_json_add_array(object, "earlier") : NULL;
    for (const struct lethe_act *act = s->acts->before; act; act = act->before)
        lethe_act_put(lethe_json_add_object(earlier, NULL), act);
    lethe_json_add_string(object, "weights", s->weights_hash);
    lethe_json_add_string(object, "blob", s->blob);
    lethe_json_add_number(object, "changed", (double)s->kept.changed);
    lethe_json_add_bool(object, "whole", s->kept.whole);
}

/* ---- reading --------------------------------------------------------------------------------- */

enum lethe_err lethe_reader_damaged(const struct lethe_session_reader *r, const char *why)
{
    lethe_fail(r->err, LETHE_EFORMAT,
               "'%s' is damaged: %s; nothing was changed, restore it from a copy", r->file, why);
    lethe_error_at(r->err, "%s", r->file);
    return LETHE_EFORMAT;
}

static enum lethe_err no_memory(const struct lethe_session_reader *r)
{
    return lethe_fail_memory(r->err, "a session", 1, sizeof(struct lethe_session));
}

static struct lethe_json_reader members(const struct lethe_session_reader *r,
                                        const struct lethe_json *object)
{
    return (struct lethe_json_reader){object, r->file, r->err};
}

enum lethe_err lethe_pairs_take(struct lethe_pairs *pairs, const struct lethe_json *object,
                                const struct lethe_session_reader *r)
{
    const struct lethe_json *m = lethe_json_first(object);
    for (; m; m = lethe_json_next(m)) {
        const char *value = lethe_json_as_string(m);
        if (!value)
            return lethe_reader_damaged(r, "a setting is not a text");
        enum lethe_err code = lethe_pairs_set(pairs, lethe_json_key(m), value, r->err);
        if (code)
            return code;
    }
    return LETHE_OK;
}

enum lethe_err lethe_act_take(struct lethe_act **act, const struct lethe_json *object,
                              const struct lethe_session_reader *r)
{
    const char *message = NULL, *metrics = NULL;
    double when = 0;
    struct lethe_json_reader m = members(r, object);
    enum lethe_err code = lethe_json_read_string(&m, "message", &message, 1);
    if (!code)
        code = lethe_json_read_string(&m, "metrics", &metrics, 1);
    if (!code)
        code = lethe_json_read_number(&m, "time", &when, -0x1p53, 0x1p53, 1);
    return code ? code : lethe_act_new(act, message, metrics, (int64_t)when, r->err);
}

static enum lethe_err take_acts(struct lethe_state *state, const struct lethe_json *object,
                                const struct lethe_session_reader *r)
{
    struct lethe_act **end = &state->acts;
    enum lethe_err code = lethe_act_take(end, object, r);
    const struct lethe_json *m = lethe_json_first(lethe_json_get(object, "earlier"));
    for (; !code && m; m = lethe_json_next(m)) {
        end = &(*end)->before;
        code = lethe_act_take(end, m, r);
    }
    return code;
}

static enum lethe_err take_settings(struct lethe_state *state, const struct lethe_json *object,
                                    const struct lethe_session_reader *r)
{
    const struct lethe_json *all = lethe_json_get(object, "settings");
    if (all || !state->parent)
        return lethe_pairs_take(&state->settings, all, r);
    enum lethe_err code = lethe_pairs_copy(&state->settings, &state->parent->settings, r->err);
    return code ? code : lethe_pairs_take(&state->settings, lethe_json_get(object, "differs"), r);
}

static enum lethe_err take_forget(struct lethe_state *state, const struct lethe_json *array,
                                  const struct lethe_session_reader *r)
{
    state->forget = lethe_alloc(lethe_json_count(array), sizeof *state->forget);
    if (!state->forget)
        return no_memory(r);
    for (const struct lethe_json *m = lethe_json_first(array); m; m = lethe_json_next(m)) {
        uint64_t id;
        if (!lethe_json_as_u64(m, &id))
            return lethe_reader_damaged(r, "a forget id is not a number");
        state->forget[state->forget_count++] = (size_t)id;
    }
    return LETHE_OK;
}

static int take_hash(char hash[LETHE_HASH_HEX], const char *text)
{
    if (!text || strlen(text) != LETHE_HASH_HEX - 1 ||
        strspn(text, "0123456789abcdef") != LETHE_HASH_HEX - 1)
        return 0;
    memcpy(hash, text, LETHE_HASH_HEX);
    return 1;
}

static enum lethe_err take_sealed(struct lethe_state *state, const struct lethe_json *array,
                                  const struct lethe_session_reader *r)
{
    size_t count = lethe_json_count(array);
    if (!count)
        return LETHE_OK;
    state->sealed = lethe_alloc_zero(count, sizeof *state->sealed);
    if (!state->sealed)
        return no_memory(r);
    for (const struct lethe_json *m = lethe_json_first(array); m; m = lethe_json_next(m))
        if (!take_hash(state->sealed[state->sealed_count++], lethe_json_as_string(m)))
            return lethe_reader_damaged(r, "a sealed id is not a hash");
    return LETHE_OK;
}

/* ---- weights --------------------------------------------------------------------------------- */

/* The file of the blob is there, with the length it should have. */
static enum lethe_err check_file(const struct lethe_state *state,
                                 const struct lethe_session_reader *r)
{
    struct stat status;
    char *path = lethe_path_join(r->folder, state->blob);
    enum lethe_err code = LETHE_OK;
    if (!path)
        return no_memory(r);
    if (stat(path, &status))
        code = lethe_fail(r->err, LETHE_EIO, "cannot open '%s': %s", path, strerror(errno));
    else if ((uint64_t)status.st_size != lethe_blob_bytes(&state->kept))
        code = lethe_fail(r->err, LETHE_EFORMAT,
                          "'%s' is damaged: its length is not what it was; nothing was changed, "
                          "restore it from a copy",
                          path);
    if (code)
        lethe_error_at(r->err, "%s", path);
    lethe_free(path);
    return code;
}

/* size, changed, whole and chain; of version 1 they are in the blob only. */
static enum lethe_err take_extent(struct lethe_state *state, const struct lethe_json *object,
                                  const struct lethe_session_reader *r)
{
    struct lethe_blob *kept = &state->kept;
    const struct lethe_state *parent = state->parent;
    struct lethe_json_reader m = members(r, object);
    enum lethe_err code;
    if (!r->size) {
        code = lethe_state_fetch(state, r->err);
    } else {
        kept->size = r->size;
        code = lethe_json_read_size(&m, "changed", &kept->changed, 0, r->size, 1);
        if (!code && !lethe_json_as_bool(lethe_json_get(object, "whole"), &kept->whole))
            return lethe_reader_damaged(r, "a state does not say whether it is whole");
        if (!code)
            code = check_file(state, r);
    }
    if (code)
        return code;
    if (parent && parent->kept.size != kept->size)
        return lethe_reader_damaged(r, "a state has not as many weights as its parent");
    if (!kept->whole && !(parent && parent->chain + 1 < LETHE_STATE_CHAIN))
        return lethe_reader_damaged(r, "a chain of changes without a beginning");
    state->chain = kept->whole ? 0 : parent->chain + 1;
    return LETHE_OK;
}

enum lethe_err lethe_state_verify(struct lethe_state *state, struct lethe_error *err)
{
    char found[LETHE_HASH_HEX];
    enum lethe_err code = LETHE_OK;
    for (struct lethe_state *s = state; !code; s = s->parent) {
        code = lethe_state_fetch(s, err);
        if (!s->chain)
            break;
    }
    double *w = lethe_alloc(state->kept.size, sizeof *w);
    if (!code && !w)
        code = lethe_fail_memory(err, "a state's weights", state->kept.size, sizeof *w);
    if (!code)
        code = lethe_state_weights(state, w, err);
    if (!code)
        code = lethe_state_hash_weights(found, w, state->kept.size, err);
    if (!code && strcmp(found, state->weights_hash) != 0)
        code = lethe_fail(err, LETHE_EFORMAT,
                          "the weights of state %.12s in '%s' are damaged: restore it from a copy",
                          state->id, state->folder);
    lethe_free(w);
    return code;
}

/* What costs little is checked now; the rest when it is used. */
static enum lethe_err check_early(struct lethe_state *state, struct lethe_session_reader *r)
{
    const size_t cost = lethe_blob_bytes(&state->kept) + state->kept.size * sizeof(double);
    if (cost > r->budget)
        return LETHE_OK;
    r->budget -= cost;
    return lethe_state_verify(state, r->err);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static enum lethe_err take_names(struct lethe_state *state, const struct lethe_json *object,
                                 const struct lethe_session_reader *r)
{
    const char *kind = NULL, *parent = NULL, *blob = NULL, *weights = NULL;
    struct lethe_json_reader m = members(r, object);
    enum lethe_err code = lethe_json_read_string(&m, "parent", &parent, 0);
    if (!code)
        code = lethe_json_read_string(&m, "kind", &kind, 1);
    if (!code)
        code = lethe_json_read_string(&m, "blob", &blob, 1);
    if (!code)
        code = lethe_json_read_string(&m, "weights", &weights, 1);
    if (code)
        return code;
    struct lethe_state *above = parent ? lethe_history_with_id(&r->session->history, parent) : NULL;
    if (!above != !r->session->history.count)
        return lethe_reader_damaged(r, "a state does not follow its parent");
    state->parent = above ? lethe_state_ref(above) : NULL;
    if (!take_hash(state->blob, blob) || !take_hash(state->weights_hash, weights))
        return lethe_reader_damaged(r, "a state without hashes");
    if (!lethe_json_as_u64(lethe_json_get(object, "seed"), &state->seed))
        return lethe_reader_damaged(r, "a state without a seed");
    state->kind = lethe_strdup(kind);
    state->folder = lethe_strdup(r->folder);
    return state->kind && state->folder ? LETHE_OK : no_memory(r);
}

static enum lethe_err fill(struct lethe_state *state, const struct lethe_json *object,
                           struct lethe_session_reader *r)
{
    const char *id = lethe_json_as_string(lethe_json_get(object, "id"));
    enum lethe_err code = take_names(state, object, r);
    if (code || (code = take_acts(state, object, r)) || (code = take_settings(state, object, r)) ||
        (code = take_forget(state, lethe_json_get(object, "forget"), r)) ||
        (code = take_sealed(state, lethe_json_get(object, "sealed"), r)) ||
        (code = lethe_state_identify(state, r->err)))
        return code;
    if (!id || strcmp(state->id, id) != 0)
        return lethe_reader_damaged(r, "a state is not what its id says");
    code = take_extent(state, object, r);
    return code ? code : check_early(state, r);
}

enum lethe_err lethe_state_take(const struct lethe_json *object, struct lethe_session_reader *r)
{
    struct lethe_state *state = lethe_state_empty(r->err);
    if (!state)
        return LETHE_ENOMEM;
    enum lethe_err code = fill(state, object, r);
    if (!code)
        return lethe_history_take(&r->session->history, state, r->err);
    lethe_state_unref(state);
    return code;
}
