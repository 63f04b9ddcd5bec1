/* SPDX-License-Identifier: MIT
 * Weights to bytes and back. Reading trusts nothing: every length is checked against the file's
 * before anything is allocated, and indices must increase within the size. */
#include "session/blob.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"

enum { HEAD = 40 };
static const char magic[8] = {'l', 'e', 't', 'h', 'e', '-', 'w', '1'};

void lethe_blob_release(struct lethe_blob *blob)
{
    lethe_free(blob->index);
    if (blob->shared)
        lethe_shared_unref(blob->shared);
    else
        lethe_free(blob->value);
    *blob = (struct lethe_blob){0};
}

static size_t kept_of(const struct lethe_blob *blob)
{
    return blob->whole ? blob->size : blob->changed;
}

size_t lethe_blob_bytes(const struct lethe_blob *blob)
{
    return HEAD + kept_of(blob) * (blob->whole ? 8 : 16);
}

void lethe_blob_encode(struct lethe_pack *bytes, const struct lethe_blob *blob)
{
    const size_t kept = kept_of(blob);
    lethe_pack_u64(bytes, lethe_pack_get_u64((const unsigned char *)magic));
    lethe_pack_u64(bytes, blob->size);
    lethe_pack_u64(bytes, blob->changed);
    lethe_pack_u64(bytes, kept);
    lethe_pack_u64(bytes, (uint64_t)blob->whole);
    for (size_t i = 0; !blob->whole && i < kept; i++)
        lethe_pack_u64(bytes, blob->index[i]);
    lethe_pack_f64(bytes, blob->value, kept);
}

static enum lethe_err damaged(const char *name, const char *why, struct lethe_error *err)
{
    enum lethe_err code = lethe_fail(
        err, LETHE_EFORMAT, "'%s' is not a blob of weights: %s; restore it from a copy", name, why);
    lethe_error_at(err, "%s", name);
    return code;
}

enum lethe_err lethe_blob_decode(struct lethe_blob *blob, const unsigned char *bytes, size_t count,
                                 const char *name, struct lethe_error *err)
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
    *blob = (struct lethe_blob){
        .size = size, .changed = changed, .whole = (int)whole, .index = index, .value = value};
    return LETHE_OK;
}

enum lethe_err lethe_blob_read(struct lethe_blob *blob, const char *folder, const char *hash,
                               struct lethe_error *err)
{
    struct lethe_bytes bytes = {0};
    char found[LETHE_HASH_TEXT];
    char *path = lethe_path_join(folder, hash);
    if (!path)
        return lethe_fail_memory(err, "a path", strlen(folder), 1);
    enum lethe_err code = lethe_file_read(&bytes, path, SIZE_MAX, err);
    if (!code) {
        lethe_hash_of(found, bytes.data, bytes.size);
        if (strcmp(found, hash) != 0)
            code = lethe_fail(err, LETHE_EFORMAT,
                              "'%s' is damaged: its content does not meet its name; nothing was "
                              "changed, restore it from a copy",
                              path);
        else
            code = lethe_blob_decode(blob, bytes.data, bytes.size, path, err);
    }
    if (code)
        lethe_error_at(err, "%s", path);
    lethe_free(bytes.data);
    lethe_free(path);
    return code;
}

void lethe_blob_apply(const struct lethe_blob *blob, double *w)
{
    if (blob->whole) {
        memcpy(w, blob->value, blob->size * sizeof *w);
        return;
    }
    for (size_t i = 0; i < blob->changed; i++)
        w[blob->index[i]] = blob->value[i];
}
