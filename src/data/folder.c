/* SPDX-License-Identifier: MIT
 * A folder of pictures: one folder for each class with its pictures in it, or train/ and test/ with
 * such folders in them. Classes and files are taken in the order of their names (bytes), whatever
 * order the file system keeps. Pictures of several kinds or sizes are made alike when the source
 * says how (channels, resize). */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "data/dataset.h"
#include "data/image.h"
#include "data/loading.h"
#include "data/resize.h"

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
    size_t turned;            /* pictures that are stored lying or mirrored */
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

/* Whether a file is a picture by its first bytes or says so by its name: what is neither
 * (Thumbs.db, a text about the class) is left out. */
static int is_picture(const unsigned char *bytes, size_t size, const char *path)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".pgm",  ".ppm", ".pnm",
                                          ".bmp", ".gif", ".tif",  ".tiff", ".webp"};
    size_t n = strlen(path);
    if (size > 2 && (!memcmp(bytes, "\x89P", 2) || (bytes[0] == 0xff && bytes[1] == 0xd8)))
        return 1;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t k = strlen(endings[i]);
        if (n > k && !strcasecmp(path + n - k, endings[i]))
            return 1;
    }
    return size > 2 && bytes[0] == 'P' && (bytes[1] == '5' || bytes[1] == '6');
}

/* One picture at the size wanted, as a whole file of one would be. */
static enum lethe_err resize(struct lethe_image *image, const struct lethe_normalize *norm,
                             const char *path, struct lethe_error *err)
{
    struct lethe_array x = {.type = LETHE_U8,
                            .ndim = 4,
                            .dims = {1, image->channels, image->rows, image->columns},
                            .count = image->channels * image->rows * image->columns,
                            .data = image->pixels};
    enum lethe_err code = lethe_images_resize(&x, norm->resize[0], norm->resize[1], path, err);
    image->pixels = x.data;
    if (!code) {
        image->rows = norm->resize[0];
        image->columns = norm->resize[1];
    }
    return code;
}

/* What the source says all pictures should have in common. */
static enum lethe_err make_alike(struct lethe_image *image, const struct lethe_normalize *norm,
                                 const char *path, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (norm->colours == 1 || norm->colours == 3)
        code = lethe_image_channels(image, norm->colours, path, err);
    if (!code && norm->resize[0] &&
        (image->rows != norm->resize[0] || image->columns != norm->resize[1]))
        code = resize(image, norm, path, err);
    return code;
}

static enum lethe_err refuse_picture(const struct lethe_image *image,
                                     const struct lethe_image *first, const char *path,
                                     struct lethe_error *err)
{
    int kinds = image->channels != first->channels;
    return lethe_fail(err, LETHE_EFORMAT,
                      "%s has %zu x %zu pixels of %zu channels, the first picture %zu x %zu of "
                      "%zu: say %s to make them alike",
                      path, image->rows, image->columns, image->channels, first->rows,
                      first->columns, first->channels,
                      kinds ? "channels=3 or channels=1 ('channels' in 'normalize')"
                            : "resize=ROWS,COLUMNS ('resize' in 'normalize')");
}

static enum lethe_err number_of(int32_t *label, struct lethe_loading *loading, const char *name,
                                struct lethe_error *err);

static enum lethe_err leave_out(struct gathering *g, const char *path, struct lethe_error *err)
{
    return lethe_loading_note(g->loading, err, "'%s' is no picture and was left out", path);
}

/* A class is numbered when its first picture comes: label -1 until then. */
static enum lethe_err add_picture(struct gathering *g, const char *path, const char *name,
                                  int32_t *label, struct lethe_error *err)
{
    struct lethe_bytes bytes;
    struct lethe_image image = {0};
    enum lethe_err code = lethe_file_read(&bytes, path, LETHE_FILE_LIMIT, err);
    if (code)
        return code;
    if (!is_picture(bytes.data, bytes.size, path)) {
        lethe_free(bytes.data);
        return leave_out(g, path, err);
    }
    code = *label < 0 ? number_of(label, g->loading, name, err) : LETHE_OK;
    if (!code)
        code = lethe_image_parse(&image, bytes.data, bytes.size, path, err);
    lethe_free(bytes.data);
    if (!code)
        code = make_alike(&image, &g->loading->source->normalize, path, err);
    if (!code && !g->n) {
        g->first = image;
        g->width = image.rows * image.columns * image.channels;
    }
    const struct lethe_image *first = &g->first;
    if (!code && (image.rows != first->rows || image.columns != first->columns ||
                  image.channels != first->channels))
        code = refuse_picture(&image, first, path, err);
    if (!code)
        code = grow(g, path, err);
    if (!code) {
        memcpy(g->pixels + g->n * g->width, image.pixels, g->width);
        g->labels[g->n++] = *label;
        g->turned += image.turned != 0;
    }
    lethe_free(image.pixels);
    return code;
}

static enum lethe_err add_class(struct gathering *g, const char *path, const char *name,
                                struct lethe_error *err)
{
    struct lethe_names files = {0};
    int32_t label = -1;
    enum lethe_err code = list(&files, path, err);
    for (size_t i = 0; !code && i < files.count; i++) {
        char *file = lethe_path_join(path, files.name[i]);
        if (!file)
            code = lethe_fail_memory(err, path, 1, 256);
        else if (lethe_file_exists(file))
            code = add_picture(g, file, name, &label, err);
        else if (!lethe_folder_exists(file)) /* a pipe, which would be waited for; a dead link */
            code = leave_out(g, file, err);
        lethe_free(file);
    }
    lethe_names_release(&files);
    if (!code && label < 0)
        code = lethe_loading_note(g->loading, err,
                                  "the folder '%.80s' has no pictures in it and is no class", name);
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

/* In any case, the first that is there. */
static const char *const train_folders[] = {"train", "training", NULL};
static const char *const test_folders[] = {"test",       "testing", "valid",   "val",
                                           "validation", "dev",     "heldout", NULL};

/* path/name where that is a folder, with the name's case as it is there; NULL: none, or no memory.
 */
static char *folder_named(const char *path, const char *name)
{
    char *found = NULL;
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        const int exact = !strcmp(entry->d_name, name);
        if (strcasecmp(entry->d_name, name) != 0 || (found && !exact))
            continue;
        char *half = lethe_path_join(path, entry->d_name);
        const int is = half && lethe_folder_exists(half);
        lethe_free(is ? found : half);
        found = is ? half : found;
    }
    if (dir)
        closedir(dir);
    return found;
}

static char *half_of(const char *path, const char *const *names)
{
    char *half = NULL;
    for (; *names && !half; names++)
        half = folder_named(path, *names);
    return half;
}

int lethe_folder_has_halves(const char *path)
{
    char *train = half_of(path, train_folders), *test = half_of(path, test_folders);
    int there = train && test;
    lethe_free(train);
    lethe_free(test);
    return there;
}

/* What a folder that holds no classes may be meant to be: its first file is to be named. */
static enum lethe_err refuse_folder(const char *root, const struct lethe_names *names,
                                    struct lethe_error *err)
{
    static const char *const likely[] = {"train-images", "data_batch_1", "train", "x_train",
                                         "X_train",      "images",       "x",     ""};
    for (size_t k = 0; k < sizeof likely / sizeof *likely; k++)
        for (size_t i = 0; i < names->count; i++)
            if (!strncmp(names->name[i], likely[k], strlen(likely[k])))
                return lethe_fail(err, LETHE_EFORMAT,
                                  "%s has no pictures in folders of classes; it has %zu %s in it: "
                                  "name the one of the samples ('%.60s'?), and with labels= that "
                                  "of the labels if they stand apart",
                                  root, names->count, names->count == 1 ? "entry" : "entries",
                                  names->name[i]);
    return lethe_fail(err, LETHE_EFORMAT, "%s has no pictures in folders of classes", root);
}

static enum lethe_err add_classes(struct gathering *g, struct lethe_error *err)
{
    const struct lethe_data_source *source = g->loading->source;
    char *half = lethe_folder_has_halves(source->path)
                     ? half_of(source->path, source->like ? test_folders : train_folders)
                     : NULL;
    const char *root = half ? half : source->path;
    struct lethe_names names = {0};
    enum lethe_err code = list(&names, root, err);
    for (size_t i = 0; !code && i < names.count; i++) {
        char *path = lethe_path_join(root, names.name[i]);
        if (!path)
            code = lethe_fail_memory(err, root, 1, 256);
        else if (lethe_folder_exists(path))
            code = add_class(g, path, names.name[i], err);
        lethe_free(path);
    }
    if (!code && !g->n)
        code = refuse_folder(root, &names, err);
    lethe_names_release(&names);
    lethe_free(half);
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
    if (!code && g.turned)
        code = lethe_loading_note(loading, err,
                                  "%zu of %zu pictures say that they are to be shown turned or "
                                  "mirrored (EXIF); their pixels are taken as they are stored, as "
                                  "torchvision and Keras take them",
                                  g.turned, g.n);
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
    parts->labels = (struct lethe_array){LETHE_I32, 1, {g.n}, g.n, g.labels, NULL, NULL, 0};
    return LETHE_OK;
}
