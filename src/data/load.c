/* SPDX-License-Identifier: MIT
 * From a source to a dataset: which reader, where the labels are, which rows. */
#include "lethe/load.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "data/encoding.h"
#include "data/formats.h"
#include "data/loading.h"

/* Samples in one array file, labels (and groups) in others. */
static enum lethe_err load_arrays(struct lethe_loading *loading, struct lethe_error *err)
{
    const struct lethe_data_source *source = loading->source;
    if (!source->labels)
        return lethe_fail(err, LETHE_EFORMAT, "%s has no labels in it; name the file of labels",
                          source->path);
    return lethe_array_parse(&loading->parts.x, loading->bytes.data, loading->bytes.size,
                             source->path, err);
}

static const struct format {
    const char *name;
    enum lethe_err (*load)(struct lethe_loading *loading, struct lethe_error *err);
} formats[] = {
    {"idx", load_arrays},      {"npy", load_arrays},          {"npz", lethe_load_npz},
    {"csv", lethe_load_table}, {"cifar", lethe_load_cifar},   {"cifar100", lethe_load_cifar100},
    {"text", lethe_load_text}, {"images", lethe_load_folder}, {"points", lethe_load_points},
};
enum { FORMATS = sizeof formats / sizeof *formats };

const char *const *lethe_data_formats(void)
{
    static const char *const names[] = {"idx",      "npy",  "npz",    "csv",    "cifar",
                                        "cifar100", "text", "images", "points", NULL};
    _Static_assert(sizeof names / sizeof *names == FORMATS + 1, "a format without its name");
    return names;
}

static int ends_with(const char *path, const char *ending)
{
    size_t n = strlen(path), k = strlen(ending);
    return n >= k && !strcmp(path + n - k, ending);
}

const char *lethe_format_of(const struct lethe_data_source *source, const unsigned char *bytes,
                            size_t size)
{
    if (!bytes)
        return "images";
    if (size >= 6 && !memcmp(bytes, "\x93NUMPY", 6))
        return "npy";
    if (size >= 4 && !memcmp(bytes, "PK\3\4", 4))
        return "npz";
    if (ends_with(source->path, ".bin") || ends_with(source->path, ".bin.gz"))
        return lethe_is_cifar100(bytes, size) ? "cifar100" : "cifar";
    if (size && !bytes[0])
        return "idx";
    return source->vocabulary ? "text" : "csv";
}

static enum lethe_err run_format(struct lethe_loading *loading, struct lethe_error *err)
{
    const char *name = loading->source->format;
    char *archive = NULL;
    if (lethe_points_named(loading->source->path) || (name && !strcmp(name, "points")))
        return lethe_load_points(loading, err);
    int member = lethe_npz_part(&archive, loading->source->path) != NULL;
    lethe_free(archive);
    if (member)
        return lethe_load_npz(loading, err);
    enum lethe_err code = LETHE_OK;
    if (loading->bytes.data)
        code = lethe_foreign_refuse(loading->bytes.data, loading->bytes.size, loading->source->path,
                                    err);
    if (code)
        return code;
    if (!name)
        name = lethe_format_of(loading->source, loading->bytes.data, loading->bytes.size);
    if (!loading->bytes.data && strcmp(name, "images") != 0)
        return lethe_fail(err, LETHE_EARG, "%s is a folder; format '%s' is a file",
                          loading->source->path, name);
    for (size_t i = 0; i < FORMATS; i++)
        if (!strcmp(formats[i].name, name))
            return formats[i].load(loading, err);
    char known[128] = "";
    for (size_t i = 0; i < FORMATS; i++)
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
                 formats[i].name);
    return lethe_fail(err, LETHE_EARG, "format '%s' is not known; known are %s", name, known);
}

/* Keeps rows first to last - 1 of an array that has rows. */
static enum lethe_err keep_rows(struct lethe_array *array, const struct lethe_data_source *source,
                                struct lethe_error *err)
{
    size_t n = array->dims[0], last = source->last ? source->last : n;
    if (!array->data || (source->first == 0 && last == n))
        return LETHE_OK;
    if (source->first >= last || last > n)
        return lethe_fail(err, LETHE_EARG, "%s: samples %zu:%zu do not exist, there are %zu",
                          source->path, source->first, last, n);
    size_t values = array->count / n, row = values * lethe_element_size(array->type);
    memmove(array->data, (char *)array->data + source->first * row, (last - source->first) * row);
    array->dims[0] = last - source->first;
    array->count = values * array->dims[0];
    return LETHE_OK;
}

static enum lethe_err keep_all_rows(struct lethe_dataset_parts *parts,
                                    const struct lethe_data_source *source, struct lethe_error *err)
{
    enum lethe_err code = keep_rows(&parts->x, source, err);
    if (!code)
        code = keep_rows(&parts->labels, source, err);
    return code ? code : keep_rows(&parts->groups, source, err);
}

void lethe_loading_names(struct lethe_loading *loading)
{
    const struct lethe_data_source *source = loading->source;
    struct lethe_dataset_parts *parts = &loading->parts;
    const struct lethe_words *classes = &loading->classes, *groups = &loading->groups;
    parts->normalize = source->normalize;
    if (source->like && source->normalize.standardize) { /* by what was trained on */
        struct lethe_normalize as = lethe_dataset_normalize(source->like);
        parts->normalize.standardize = 0;
        parts->normalize.scale = 1;
        parts->normalize.mean = as.mean;
        parts->normalize.std = as.std;
        parts->normalize.means = parts->normalize.stds = as.means;
    }
    parts->notes = (const char *const *)loading->notes.word;
    parts->note_count = loading->notes.count;
    parts->classes = source->classes;
    parts->class_names = source->class_names;
    parts->class_name_count = source->class_name_count;
    parts->group_names = source->group_names;
    parts->group_name_count = source->group_name_count;
    if (classes->count) {
        parts->class_names = (const char *const *)classes->word;
        parts->class_name_count = classes->count;
    }
    if (groups->count) {
        parts->group_names = (const char *const *)groups->word;
        parts->group_name_count = groups->count;
    }
}

/* Labels and groups out of files of their own. */
static enum lethe_err load_beside(struct lethe_loading *loading, struct lethe_error *err)
{
    const struct lethe_data_source *source = loading->source;
    struct lethe_dataset_parts *parts = &loading->parts;
    enum lethe_err code = LETHE_OK;
    if (source->labels) {
        lethe_array_release(&parts->labels);
        code = lethe_array_read(&parts->labels, source->labels, err);
    }
    if (!code && source->groups) {
        lethe_array_release(&parts->groups);
        code = lethe_array_read(&parts->groups, source->groups, err);
    }
    if (!code)
        code = lethe_labels_settle(loading, err);
    if (!code && parts->x.dims[0] != parts->labels.dims[0])
        code = lethe_fail(err, LETHE_EFORMAT, "%s has %zu samples, %s has %zu labels", source->path,
                          parts->x.dims[0], source->labels ? source->labels : "it",
                          parts->labels.dims[0]);
    if (!code && parts->groups.data && parts->x.dims[0] != parts->groups.dims[0])
        code = lethe_fail(err, LETHE_EFORMAT, "%s has %zu samples, %s has %zu groups", source->path,
                          parts->x.dims[0], source->groups ? source->groups : "it",
                          parts->groups.dims[0]);
    return code;
}

/* A folder, a member of an archive, and the name of points is no file to read whole. */
static int is_file(const char *path)
{
    char *archive = NULL;
    int member = lethe_npz_part(&archive, path) != NULL;
    lethe_free(archive);
    return !member && !lethe_folder_exists(path) && !lethe_points_named(path);
}

enum lethe_err lethe_dataset_load(struct lethe_dataset **data,
                                  const struct lethe_data_source *source, struct lethe_error *err)
{
    struct lethe_loading loading = {.source = source};
    struct lethe_dataset_parts *parts = &loading.parts;
    parts->source = source->path;
    enum lethe_err code = LETHE_OK;
    if (is_file(source->path))
        code = lethe_file_read(&loading.bytes, source->path, (size_t)4 * LETHE_FILE_LIMIT, err);
    if (!code)
        code = run_format(&loading, err);
    lethe_free(loading.bytes.data);
    if (!code)
        code = load_beside(&loading, err);
    if (!code)
        code = keep_all_rows(parts, source, err);
    if (!code)
        code = lethe_loading_notes_end(&loading, err);
    lethe_loading_names(&loading);
    if (!code) {
        code = lethe_dataset_make(data, parts, err);
    } else {
        lethe_encoding_free(parts->encoding);
        lethe_array_release(&parts->x);
        lethe_array_release(&parts->labels);
        lethe_array_release(&parts->groups);
    }
    lethe_words_release(&loading.classes);
    lethe_words_release(&loading.groups);
    lethe_words_release(&loading.notes);
    return code;
}
