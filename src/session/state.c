/* SPDX-License-Identifier: MIT
 * Immutable states: making them from full weights, naming them, giving the weights back. Weights
 * are compared and kept as bits: -0.0 differs from 0.0, and what is restored equals what was
 * committed. */
#include "session/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

struct lethe_state *lethe_state_ref(struct lethe_state *state)
{
    atomic_fetch_add(&state->refs, 1);
    return state;
}

void lethe_state_unref(struct lethe_state *state)
{
    while (state && atomic_fetch_sub(&state->refs, 1) == 1) {
        struct lethe_state *parent = state->parent;
        lethe_free(state->kind);
        lethe_acts_free(state->acts);
        lethe_pairs_release(&state->settings);
        lethe_free(state->forget);
        lethe_free(state->sealed);
        lethe_blob_release(&state->kept);
        lethe_free(state->folder);
        lethe_free(state);
        state = parent;
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

const char *lethe_state_id(const struct lethe_state *state)
{
    return state->id;
}

struct lethe_state *lethe_state_parent(const struct lethe_state *state)
{
    return state->parent;
}

const char *lethe_state_kind(const struct lethe_state *state)
{
    return state->kind;
}

const char *lethe_state_message(const struct lethe_state *state)
{
    return state->acts->message;
}

uint64_t lethe_state_seed(const struct lethe_state *state)
{
    return state->seed;
}

int64_t lethe_state_time(const struct lethe_state *state)
{
    return state->acts->time;
}

const char *lethe_state_weights_hash(const struct lethe_state *state)
{
    return state->weights_hash;
}

const char *lethe_state_metrics(const struct lethe_state *state)
{
    return state->acts->metrics;
}

size_t lethe_state_acts(const struct lethe_state *state)
{
    size_t count = 0;
    for (const struct lethe_act *act = state->acts; act; act = act->before)
        count++;
    return count;
}

const char *lethe_state_act(const struct lethe_state *state, size_t index, int64_t *time)
{
    const struct lethe_act *act = state->acts;
    while (index--)
        act = act->before;
    if (time)
        *time = act->time;
    return act->message;
}

const struct lethe_pairs *lethe_state_settings(const struct lethe_state *state)
{
    return &state->settings;
}

const size_t *lethe_state_forget(const struct lethe_state *state, size_t *count)
{
    *count = state->forget_count;
    return state->forget;
}

size_t lethe_state_size(const struct lethe_state *state)
{
    return state->kept.size;
}

size_t lethe_state_changed(const struct lethe_state *state)
{
    return state->kept.changed;
}

static int by_number(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

enum lethe_err lethe_state_forgotten(size_t **ids, size_t *count, const struct lethe_state *state,
                                     struct lethe_error *err)
{
    size_t total = 0, kept = 0;
    for (const struct lethe_state *s = state; s; s = s->parent)
        total += s->forget_count;
    size_t *all = lethe_alloc(total, sizeof *all);
    if (!all)
        return lethe_fail_memory(err, "the forgotten ids", total, sizeof *all);
    size_t filled = 0;
    for (const struct lethe_state *s = state; s; s = s->parent) {
        if (s->forget_count)
            memcpy(all + filled, s->forget, s->forget_count * sizeof *all);
        filled += s->forget_count;
    }
    qsort(all, total, sizeof *all, by_number);
    for (size_t i = 0; i < total; i++)
        if (!i || all[i] != all[i - 1])
            all[kept++] = all[i];
    *ids = all;
    *count = kept;
    return LETHE_OK;
}

/* ---- weights --------------------------------------------------------------------------------- */

/* Packs into a hash. */
static struct lethe_pack begin_digest(struct lethe_hash *hash)
{
    lethe_hash_init(hash);
    return (struct lethe_pack){.into = hash};
}

static enum lethe_err digest(char *hex, struct lethe_pack *bytes, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (bytes->failed) {
        code = lethe_fail_memory(err, "a hash", bytes->room, 2);
    } else {
        lethe_hash_add(bytes->into, bytes->at, bytes->count);
        lethe_hash_text(bytes->into, hex);
    }
    lethe_pack_release(bytes);
    return code;
}

enum lethe_err lethe_state_hash_weights(char hash[LETHE_HASH_HEX], const double *w, size_t size,
                                        struct lethe_error *err)
{
    struct lethe_hash into;
    struct lethe_pack bytes = begin_digest(&into);
    lethe_pack_f64(&bytes, w, size);
    return digest(hash, &bytes, err);
}

/* w holds the parent's weights and becomes the state's. */
static enum lethe_err apply(const struct lethe_state *state, double *w, struct lethe_error *err)
{
    struct lethe_blob blob = {0};
    if (state->kept.value) {
        lethe_blob_apply(&state->kept, w);
        return LETHE_OK;
    }
    enum lethe_err code = lethe_blob_read(&blob, state->folder, state->blob, err);
    if (!code && (blob.size != state->kept.size || blob.whole != state->kept.whole))
        code = lethe_fail(err, LETHE_EFORMAT,
                          "'%s/%s' is damaged: it is another state's; restore it from a copy",
                          state->folder, state->blob);
    if (!code)
        lethe_blob_apply(&blob, w);
    lethe_blob_release(&blob);
    return code;
}

enum lethe_err lethe_state_weights(const struct lethe_state *state, double *w,
                                   struct lethe_error *err)
{
    const struct lethe_state *chain[LETHE_STATE_CHAIN + 1] = {state};
    enum lethe_err code = LETHE_OK;
    char found[LETHE_HASH_HEX];
    size_t last = 0, read = !state->kept.value;
    for (; chain[last]->chain; last++) {
        chain[last + 1] = chain[last]->parent;
        read += !chain[last + 1]->kept.value;
    }
    for (size_t i = last + 1; !code && i-- > 0;)
        code = apply(chain[i], w, err);
    if (code || !read)
        return code;
    if ((code = lethe_state_hash_weights(found, w, state->kept.size, err)))
        return code;
    return strcmp(found, state->weights_hash) == 0
               ? LETHE_OK
               : lethe_fail(err, LETHE_EFORMAT,
                            "the weights of state %.12s are damaged: restore '%s' from a copy",
                            state->id, state->folder ? state->folder : "the session");
}

struct lethe_shared *lethe_state_share(const struct lethe_state *state)
{
    return state->kept.shared ? lethe_shared_ref(state->kept.shared) : NULL;
}

enum lethe_err lethe_state_fetch(struct lethe_state *state, struct lethe_error *err)
{
    struct lethe_blob blob;
    if (state->kept.value)
        return LETHE_OK;
    enum lethe_err code = lethe_blob_read(&blob, state->folder, state->blob, err);
    if (!code)
        state->kept = blob;
    return code;
}

/* ---- naming ---------------------------------------------------------------------------------- */

enum lethe_err lethe_state_identify(struct lethe_state *state, struct lethe_error *err)
{
    struct lethe_hash into;
    struct lethe_pack bytes = begin_digest(&into);
    lethe_pack_text(&bytes, "lethe state 1");
    lethe_pack_text(&bytes, state->parent ? state->parent->id : "");
    lethe_pack_u64(&bytes, state->forget_count);
    for (size_t i = 0; i < state->forget_count; i++)
        lethe_pack_u64(&bytes, state->forget[i]);
    lethe_pack_u64(&bytes, state->settings.count);
    for (size_t i = 0; i < state->settings.count; i++) {
        lethe_pack_text(&bytes, state->settings.at[i].key);
        lethe_pack_text(&bytes, state->settings.at[i].value);
    }
    lethe_pack_u64(&bytes, state->seed);
    lethe_pack_text(&bytes, state->weights_hash);
    return digest(state->id, &bytes, err);
}

static enum lethe_err name_blob(struct lethe_state *state, struct lethe_error *err)
{
    struct lethe_hash into;
    struct lethe_pack bytes = begin_digest(&into);
    lethe_blob_encode(&bytes, &state->kept);
    return digest(state->blob, &bytes, err);
}

/* ---- making ---------------------------------------------------------------------------------- */

struct lethe_state *lethe_state_empty(struct lethe_error *err)
{
    struct lethe_state *state = lethe_alloc_zero(1, sizeof *state);
    if (state)
        atomic_init(&state->refs, 1);
    else
        lethe_fail_memory(err, "a state", 1, sizeof *state);
    return state;
}

static enum lethe_err copy_words(struct lethe_state *state, const struct lethe_commit *commit,
                                 struct lethe_error *err)
{
    state->kind = lethe_strdup(commit->kind);
    state->seed = commit->seed;
    state->forget = lethe_alloc(commit->forget_count, sizeof *state->forget);
    if (!state->kind || !state->forget)
        return lethe_fail_memory(err, "a state", commit->forget_count, sizeof *state->forget);
    if (commit->forget_count)
        memcpy(state->forget, commit->forget, commit->forget_count * sizeof *state->forget);
    state->forget_count = commit->forget_count;
    enum lethe_err code =
        lethe_act_new(&state->acts, commit->message, commit->metrics, commit->time, err);
    if (code)
        return code;
    return commit->settings ? lethe_pairs_copy(&state->settings, commit->settings, err) : LETHE_OK;
}

static int differs(const double *a, const double *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x != y;
}

/* All of w, which is its owner's where there is one. */
static enum lethe_err keep_whole(struct lethe_blob *kept, const struct lethe_commit *commit,
                                 size_t n, struct lethe_error *err)
{
    double *copy = NULL;
    if (commit->shared) {
        kept->shared = lethe_shared_ref(commit->shared);
    } else {
        copy = lethe_alloc(n, sizeof *copy);
        kept->shared = copy ? lethe_shared_new(copy) : NULL;
    }
    if (!kept->shared) {
        lethe_free(copy);
        return lethe_fail_memory(err, "a state's weights", n, sizeof *copy);
    }
    if (copy)
        memcpy(copy, commit->w, n * sizeof *copy);
    kept->value = (double *)lethe_shared_read(kept->shared);
    return LETHE_OK;
}

/* The commit's w and base are (size); base NULL: there is no parent. */
static enum lethe_err copy_weights(struct lethe_state *state, const struct lethe_commit *commit,
                                   const double *base, size_t n, struct lethe_error *err)
{
    const double *w = commit->w;
    size_t changed = 0, filled = 0;
    struct lethe_blob *kept = &state->kept;
    for (size_t i = 0; base && i < n; i++)
        changed += (size_t)differs(&w[i], &base[i]);
    *kept = (struct lethe_blob){.size = n, .changed = base ? changed : n};
    state->chain = state->parent ? state->parent->chain + 1 : 0;
    if (kept->changed > n / 2 || state->chain >= LETHE_STATE_CHAIN)
        state->chain = 0;
    kept->whole = !state->chain;
    if (kept->whole)
        return keep_whole(kept, commit, n, err);
    kept->value = lethe_alloc(changed, sizeof *kept->value);
    kept->index = lethe_alloc(changed, sizeof *kept->index);
    if (!kept->value || !kept->index)
        return lethe_fail_memory(err, "a state's weights", changed, 16);
    for (size_t i = 0; base && i < n; i++) {
        if (differs(&w[i], &base[i])) {
            kept->index[filled] = i;
            kept->value[filled++] = w[i];
        }
    }
    return LETHE_OK;
}

static enum lethe_err check(const struct lethe_commit *commit, size_t size, struct lethe_error *err)
{
    for (size_t i = 0; i < size; i++)
        if (!isfinite(commit->w[i]))
            return lethe_fail(err, LETHE_ENUM,
                              "weight %zu is %g: such a state cannot be kept; lower the step or "
                              "raise the damping",
                              i, commit->w[i]);
    for (size_t i = 1; i < commit->forget_count; i++)
        if (commit->forget[i] <= commit->forget[i - 1])
            return lethe_fail(err, LETHE_EBUG, "forget ids are not increasing at %zu",
                              commit->forget[i]);
    return LETHE_OK;
}

enum lethe_err lethe_state_new(struct lethe_state **state, struct lethe_state *parent,
                               const struct lethe_commit *commit, size_t size,
                               struct lethe_error *err)
{
    double *base = NULL;
    struct lethe_state *made = NULL;
    enum lethe_err code = check(commit, size, err);
    if (code)
        return code;
    if (parent && !(base = lethe_alloc(size, sizeof *base)))
        return lethe_fail_memory(err, "a state's weights", size, sizeof *base);
    made = lethe_state_empty(err);
    if (!made) {
        code = LETHE_ENOMEM;
        goto out;
    }
    made->parent = parent ? lethe_state_ref(parent) : NULL;
    if ((parent && (code = lethe_state_weights(parent, base, err))) ||
        (code = copy_words(made, commit, err)) ||
        (code = copy_weights(made, commit, base, size, err)) ||
        (code = lethe_state_hash_weights(made->weights_hash, commit->w, size, err)) ||
        (code = lethe_state_identify(made, err)))
        goto out;
    code = name_blob(made, err);
out:
    lethe_free(base);
    if (code)
        lethe_state_unref(made);
    else
        *state = made;
    return code;
}
