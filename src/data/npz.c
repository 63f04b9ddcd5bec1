/* SPDX-License-Identifier: MIT
 * NPZ: a zip archive of NPY files (libzip). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "base/alloc.h"
#include "base/file.h"
#include "data/formats.h"

const char *lethe_npz_part(char **file, const char *path)
{
    const char *colon = strrchr(path, ':');
    *file = NULL;
    if (!colon || colon == path || !colon[1] || strchr(colon, '/') || lethe_file_exists(path))
        return NULL;
    char *made = lethe_strdup(path);
    if (made)
        made[colon - path] = '\0';
    if (made && !lethe_file_exists(made)) {
        lethe_free(made);
        return NULL;
    }
    *file = made;
    return colon + 1;
}

static enum lethe_err open_archive(zip_t **zip, const char *path, struct lethe_error *err)
{
    int reason = 0;
    if (!lethe_file_exists(path))
        return lethe_fail(err, LETHE_EIO, "cannot open '%s': no such file", path);
    *zip = zip_open(path, ZIP_RDONLY, &reason);
    return *zip ? LETHE_OK
                : lethe_fail(err, LETHE_EFORMAT, "%s is no NPZ (zip) file, or damaged", path);
}

/* The name of a member without ".npy"; NULL: no memory. */
static char *name_of(zip_t *zip, zip_uint64_t index)
{
    const char *stored = zip_get_name(zip, index, 0);
    char *name = lethe_strdup(stored ? stored : "");
    size_t n = name ? strlen(name) : 0;
    if (n > 4 && !strcmp(name + n - 4, ".npy"))
        name[n - 4] = '\0';
    return name;
}

static enum lethe_err read_member(struct lethe_array *array, zip_t *zip, zip_uint64_t index,
                                  const char *path, struct lethe_error *err)
{
    zip_stat_t stat;
    const size_t most = lethe_file_most((size_t)LETHE_FILE_LIMIT * 4);
    if (zip_stat_index(zip, index, 0, &stat) || !(stat.valid & ZIP_STAT_SIZE))
        return lethe_fail(err, LETHE_EFORMAT, "%s: member %d cannot be read", path, (int)index);
    if (stat.size > most)
        return lethe_fail(err, LETHE_EFORMAT, "%s (%s) holds %llu bytes, more than %zu, the limit",
                          path, stat.name, (unsigned long long)stat.size, most);
    if (stat.valid & ZIP_STAT_COMP_SIZE && lethe_file_is_trap(stat.comp_size, stat.size))
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s (%s) grows more than %d-fold when it is unpacked; unpack it first if "
                          "that is meant",
                          path, stat.name, LETHE_FILE_FOLD);
    unsigned char *bytes = lethe_alloc(stat.size, 1);
    if (!bytes)
        return lethe_fail_memory(err, path, stat.size, 1);
    zip_file_t *file = zip_fopen_index(zip, index, 0);
    zip_int64_t got = file ? zip_fread(file, bytes, stat.size) : -1;
    if (file)
        zip_fclose(file);
    char source[256];
    snprintf(source, sizeof source, "%s (%s)", path, stat.name);
    enum lethe_err code = LETHE_OK;
    if (got < 0 || (zip_uint64_t)got != stat.size)
        code = lethe_fail(err, LETHE_EFORMAT, "%s is damaged", source);
    if (!code)
        code = lethe_array_parse(array, bytes, stat.size, source, err);
    lethe_free(bytes);
    return code;
}

/* All names; with arrays, all members. */
static enum lethe_err read_archive(struct lethe_npz *npz, const char *path, int arrays,
                                   struct lethe_error *err)
{
    zip_t *zip = NULL;
    *npz = (struct lethe_npz){0};
    enum lethe_err code = open_archive(&zip, path, err);
    if (code)
        return code;
    size_t count = (size_t)zip_get_num_entries(zip, 0);
    npz->names = lethe_alloc_zero(count, sizeof *npz->names);
    npz->arrays = lethe_alloc_zero(count, sizeof *npz->arrays);
    if (!npz->names || !npz->arrays)
        code = lethe_fail_memory(err, path, count, sizeof *npz->arrays);
    for (size_t i = 0; !code && i < count; i++) {
        npz->names[npz->count] = name_of(zip, i);
        if (!npz->names[npz->count++])
            code = lethe_fail_memory(err, path, 1, 64);
        else if (arrays)
            code = read_member(&npz->arrays[i], zip, i, path, err);
    }
    zip_discard(zip);
    if (code)
        lethe_npz_release(npz);
    return code;
}

enum lethe_err lethe_npz_read(struct lethe_npz *npz, const char *path, struct lethe_error *err)
{
    return read_archive(npz, path, 1, err);
}

enum lethe_err lethe_npz_names(struct lethe_npz *npz, const char *path, struct lethe_error *err)
{
    return read_archive(npz, path, 0, err);
}

void lethe_npz_list(char *text, size_t room, const struct lethe_npz *npz)
{
    size_t used = 0;
    if (npz->count)
        *text = '\0';
    for (size_t i = 0; i < npz->count && used + 1 < room; i++) {
        int wrote = snprintf(text + used, room - used, "%s'%.40s'", i ? ", " : "", npz->names[i]);
        used += wrote > 0 ? (size_t)wrote : 0;
    }
}

enum lethe_err lethe_npz_member_read(struct lethe_array *array, const char *path, const char *name,
                                     struct lethe_error *err)
{
    zip_t *zip = NULL;
    struct lethe_npz npz;
    char known[240];
    *array = (struct lethe_array){0};
    enum lethe_err code = lethe_npz_names(&npz, path, err);
    if (code)
        return code;
    size_t i = 0;
    while (i < npz.count && strcmp(npz.names[i], name) != 0)
        i++;
    lethe_npz_list(known, sizeof known, &npz);
    if (i == npz.count)
        code = lethe_fail(err, LETHE_EFORMAT, "%s has no member '%.60s'; its members are %s", path,
                          name, known);
    lethe_npz_release(&npz);
    if (!code)
        code = open_archive(&zip, path, err);
    if (!code)
        code = read_member(array, zip, i, path, err);
    if (zip)
        zip_discard(zip);
    return code;
}

void lethe_npz_release(struct lethe_npz *npz)
{
    for (size_t i = 0; i < npz->count; i++) {
        lethe_free(npz->names[i]);
        lethe_array_release(&npz->arrays[i]);
    }
    lethe_free(npz->names);
    lethe_free(npz->arrays);
    *npz = (struct lethe_npz){0};
}

static enum lethe_err add_member(zip_t *zip, const struct lethe_npz_member *member,
                                 struct lethe_error *err)
{
    char name[256];
    unsigned char *bytes;
    size_t size;
    enum lethe_err code = lethe_npy_bytes(&bytes, &size, &member->array, err);
    if (code)
        return code;
    /* The source takes the bytes over and frees them with free(), which is what they came from. */
    zip_source_t *source = zip_source_buffer(zip, bytes, size, 1);
    if (!source) {
        lethe_free(bytes);
        return lethe_fail_memory(err, member->name, size, 1);
    }
    snprintf(name, sizeof name, "%s.npy", member->name);
    if (zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8 | ZIP_FL_OVERWRITE) < 0) {
        zip_source_free(source);
        return lethe_fail(err, LETHE_EIO, "cannot add '%s': %s", name, zip_strerror(zip));
    }
    return LETHE_OK;
}

/* The archive in memory: what its source holds once it is closed. */
static enum lethe_err take_bytes(struct lethe_bytes *bytes, zip_source_t *source,
                                 struct lethe_error *err)
{
    zip_stat_t stat;
    if (zip_source_stat(source, &stat) || !(stat.valid & ZIP_STAT_SIZE))
        return lethe_fail(err, LETHE_EIO, "cannot make an NPZ archive");
    bytes->data = lethe_alloc(stat.size, 1);
    if (!bytes->data)
        return lethe_fail_memory(err, "an NPZ archive", stat.size, 1);
    bytes->size = stat.size;
    if (zip_source_open(source))
        return lethe_fail(err, LETHE_EIO, "cannot make an NPZ archive");
    zip_int64_t got = zip_source_read(source, bytes->data, stat.size);
    zip_source_close(source);
    return got == (zip_int64_t)stat.size ? LETHE_OK
                                         : lethe_fail(err, LETHE_EIO, "cannot make an NPZ archive");
}

static enum lethe_err pack(struct lethe_bytes *bytes, const struct lethe_npz_member *members,
                           size_t count, struct lethe_error *err)
{
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &reason);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_TRUNCATE, &reason) : NULL;
    enum lethe_err code = LETHE_OK;
    if (!zip) {
        zip_source_free(source);
        zip_error_fini(&reason);
        return lethe_fail_memory(err, "an NPZ archive", count, 64);
    }
    zip_source_keep(source); /* closing gives the archive's own hold on it away */
    for (size_t i = 0; !code && i < count; i++)
        code = add_member(zip, &members[i], err);
    if (!code && zip_close(zip))
        code = lethe_fail(err, LETHE_EIO, "cannot make an NPZ archive: %s", zip_strerror(zip));
    else if (!code)
        zip = NULL;
    if (zip)
        zip_discard(zip);
    if (!code)
        code = take_bytes(bytes, source, err);
    zip_source_free(source);
    zip_error_fini(&reason);
    return code;
}

enum lethe_err lethe_npz_write(const char *path, const struct lethe_npz_member *members,
                               size_t count, struct lethe_error *err)
{
    struct lethe_bytes bytes = {0};
    enum lethe_err code = pack(&bytes, members, count, err);
    if (!code)
        code = lethe_file_write(path, bytes.data, bytes.size, err);
    lethe_free(bytes.data);
    return code;
}
