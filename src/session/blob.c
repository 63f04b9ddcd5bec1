/* SPDX-License-Identifier: MIT
 * Weights to bytes and back. Reading trusts nothing: every length is checked against the file's
 * before anything is allocated, and indices must increase within the size. */
#include "session/blob.h"

#include <string.h>

#include "base/alloc.h"

enum { HEAD = 40 };
static const char magic[8] = {'l', 'e', 't', 'h', 'e', '-', 'w', '1'};

void lethe_blob_encode(struct lethe_pack *bytes, const struct lethe_state *state)
{
    int whole = state->chain == 0;
    size_t kept = whole ? state->size : state->changed;
    lethe_pack_u64(bytes, lethe_pack_get_u64((const unsigned char *)magic));
    lethe_pack_u64(bytes, state->size);
    lethe_pack_u64(bytes, state->changed);
    lethe_pack_u64(bytes, kept);
    lethe_pack_u64(bytes, (uint64_t)whole);
    for (size_t i = 0; !whole && i < kept; i++)
        lethe_pack_u64(bytes, state->index[i]);
    lethe_pack_f64(bytes, state->value, kept);
}

static enum lethe_err damaged(const char *name, const char *why, struct lethe_error *err)
{
    enum lethe_err code = lethe_fail(
        err, LETHE_EFORMAT, "'%s' is not a blob of weights: %s; restore it from a copy", name, why);
    lethe_error_at(err, "%s", name);
    return code;
}

enum lethe_err lethe_blob_decode(struct lethe_state *state, const unsigned char *bytes,
                                 size_t count, const char *name, struct lethe_error *err)
{
    if (count < HEAD || memcmp(bytes, magic, sizeof magic) != 0)
        return damaged(name, "its first bytes are wrong", err);
    uint64_t size = lethe_pack_get_u64(bytes + 8), changed = lethe_pack_get_u64(bytes + 16);
    uint64_t kept = lethe_pack_get_u64(bytes + 24), whole = lethe_pack_get_u64(bytes + 32);
    size_t per_entry = whole ? 8 : 16;
    if (whole > 1 || changed > size || kept != (whole ? size : changed))
        return damaged(name, "its lengths contradict each other", err);
    if ((count - HEAD) / per_entry != kept || (count - HEAD) % per_entry)
        return damaged(name, "its length is not what it says", err);
    const unsigned char *indices = bytes + HEAD, *values = indices + (whole ? 0 : 8 * kept);
    for (size_t i = 0; !whole && i < kept; i++) {
        uint64_t at = lethe_pack_get_u64(indices + 8 * i);
        if (at >= size || (i && at <= lethe_pack_get_u64(indices + 8 * (i - 1))))
            return damaged(name, "its indices do not increase", err);
    }
    double *value = lethe_alloc(kept, sizeof *value);
    uint64_t *index = whole ? NULL : lethe_alloc(kept, sizeof *index);
    if (!value || (!whole && !index)) {
        lethe_free(value);
        lethe_free(index);
        return lethe_fail_memory(err, "a state's weights", kept, per_entry);
    }
    for (size_t i = 0; i < kept; i++)
        value[i] = lethe_pack_get_f64(values + 8 * i);
    for (size_t i = 0; index && i < kept; i++)
        index[i] = lethe_pack_get_u64(indices + 8 * i);
    state->size = size;
    state->changed = changed;
    state->chain = !whole;
    state->index = index;
    state->value = value;
    return LETHE_OK;
}
