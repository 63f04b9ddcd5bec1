/* SPDX-License-Identifier: MIT
 * A folder of pictures: one folder for each class with its pictures in it. Classes and files are
 * taken in the order of their names (bytes), whatever order the file system keeps. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/dataset.h"
#include "data/image.h"
#include "data/loading.h"

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names in a folder, sorted, those that begin with a dot left out. */
static enum lethe_err list(struct lethe_names *names, const char *path, struct lethe_error *err)
{
    size_t room = 0;
    const struct dirent *entry;
    enum lethe_err code = LETHE_OK;
    DIR *folder = opendir(path);
    if (!folder)
        return lethe_fail(err, LETHE_EIO, "cannot open '%s': %s", path, strerror(errno));
    while (!code && (entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        if (names->count == room) {
            room = room ? 2 * room : 64;
            char **larger = lethe_realloc(names->name, room, sizeof *larger);
            if (larger)
                names->name = larger;
            else
                code = lethe_fail_memory(err, path, room, sizeof *larger);
        }
        char *copy = code ? NULL : lethe_strdup(entry->d_name);
        if (copy)
            names->name[names->count++] = copy;
        else
            code = lethe_fail_memory(err, path, room, 32);
    }
    closedir(folder);
    if (names->count)
        qsort(names->name, names->count, sizeof *names->name, by_text);
    return code;
}

struct gathering {
    struct lethe_loading *loading;
    size_t n, room, width;
    struct lethe_image first; /* its shape; every picture must have it */
    unsigned char *pixels;    /* (n, width) */
    int32_t *labels;          /* (n) */
};

static enum lethe_err grow(struct gathering *g, const char *path, struct lethe_error *err)
{
    if (g->n < g->room)
        return LETHE_OK;
    size_t room = g->room ? 2 * g->room : 64;
    unsigned char *pixels = lethe_realloc(g->pixels, room, g->width);
    if (pixels)
        g->pixels = pixels;
    int32_t *labels = pixels ? lethe_realloc(g->labels, room, sizeof *labels) : NULL;
    if (!labels)
        return lethe_fail_memory(err, path, room, g->width);
    g->labels = labels;
    g->room = room;
    return LETHE_OK;
}

static enum lethe_err add_picture(struct gathering *g, const char *path, int32_t label,
                                  struct lethe_error *err)
{
    struct lethe_bytes bytes;
    struct lethe_image image = {0};
    enum lethe_err code = lethe_file_read(&bytes, path, LETHE_FILE_LIMIT, err);
    if (code)
        return code;
    code = lethe_image_parse(&image, bytes.data, bytes.size, path, err);
    lethe_free(bytes.data);
    if (!code && !g->n) {
        g->first = image;
        g->width = image.rows * image.columns * image.channels;
    }
    const struct lethe_image *first = &g->first;
    if (!code && (image.rows != first->rows || image.columns != first->columns ||
                  image.channels != first->channels))
        code = lethe_fail(err, LETHE_EFORMAT,
                          "%s has %zu x %zu pixels of %zu channels, the first picture %zu x %zu of "
                          "%zu",
                          path, image.rows, image.columns, image.channels, first->rows,
                          first->columns, first->channels);
    if (!code)
        code = grow(g, path, err);
    if (!code) {
        memcpy(g->pixels + g->n * g->width, image.pixels, g->width);
        g->labels[g->n++] = label;
    }
    lethe_free(image.pixels);
    return code;
}

static enum lethe_err add_class(struct gathering *g, const char *path, int32_t label,
                                struct lethe_error *err)
{
    struct lethe_names files = {0};
    enum lethe_err code = list(&files, path, err);
    for (size_t i = 0; !code && i < files.count; i++) {
        char *file = lethe_path_join(path, files.name[i]);
        code = file ? add_picture(g, file, label, err) : lethe_fail_memory(err, path, 1, 256);
        lethe_free(file);
    }
    lethe_names_release(&files);
    return code;
}

/* Number of a class: its place among the declared names, or in order of the folders' names. */
static enum lethe_err number_of(int32_t *label, struct lethe_loading *loading, const char *name,
                                struct lethe_error *err)
{
    const struct lethe_data_source *source = loading->source;
    long number = 0;
    for (size_t c = 0; c < source->class_name_count; c++)
        if (!strcmp(source->class_names[c], name)) {
            *label = (int32_t)c;
            return LETHE_OK;
        }
    if (source->class_name_count)
        return lethe_fail(err, LETHE_EFORMAT, "%s: the folder '%s' is none of the %zu classes",
                          source->path, name, source->class_name_count);
    enum lethe_err code = lethe_words_add(&number, &loading->classes, name, strlen(name), err);
    *label = (int32_t)number;
    return code;
}

static enum lethe_err add_classes(struct gathering *g, struct lethe_error *err)
{
    const char *root = g->loading->source->path;
    struct lethe_names names = {0};
    enum lethe_err code = list(&names, root, err);
    for (size_t i = 0; !code && i < names.count; i++) {
        int32_t label = 0;
        char *path = lethe_path_join(root, names.name[i]);
        if (!path)
            code = lethe_fail_memory(err, root, 1, 256);
        else if (lethe_folder_exists(path))
            code = number_of(&label, g->loading, names.name[i], err);
        if (!code && lethe_folder_exists(path))
            code = add_class(g, path, label, err);
        lethe_free(path);
    }
    lethe_names_release(&names);
    if (!code && !g->n)
        code = lethe_fail(err, LETHE_EFORMAT, "%s has no pictures in folders of classes", root);
    return code;
}

enum lethe_err lethe_load_folder(struct lethe_loading *loading, struct lethe_error *err)
{
    struct gathering g = {.loading = loading};
    struct lethe_dataset_parts *parts = &loading->parts;
    enum lethe_err code = LETHE_OK;
    if (!lethe_folder_exists(loading->source->path))
        return lethe_fail(err, LETHE_EARG, "%s is a file; format 'images' is a folder of classes",
                          loading->source->path);
    code = add_classes(&g, err);
    if (code) {
        lethe_free(g.pixels);
        lethe_free(g.labels);
        return code;
    }
    const struct lethe_image *first = &g.first;
    parts->x = (struct lethe_array){.type = LETHE_U8,
                                    .ndim = 4,
                                    .dims = {g.n, first->channels, first->rows, first->columns},
                                    .count = g.n * g.width,
                                    .data = g.pixels};
    parts->labels = (struct lethe_array){LETHE_I32, 1, {g.n}, g.n, g.labels, NULL};
    return LETHE_OK;
}
