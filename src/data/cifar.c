/* SPDX-License-Identifier: MIT
 * CIFAR-10 and CIFAR-100 as their "binary version" has them: records of one label, or of a coarse
 * and a fine one, and 3 x 32 x 32 bytes. The coarse labels of CIFAR-100 become groups. The archives
 * have the names in a text beside, one a line: they are taken when there are as many as labels. */
#include <string.h>

#include "base/alloc.h"
#include "data/loading.h"

enum { NAMES_MOST = 1 << 16 }; /* bytes of a file of names */
enum { TEN = 1 + LETHE_CIFAR_IMAGE, HUNDRED = 2 + LETHE_CIFAR_IMAGE, COARSE = 20, FINE = 100 };

/* Whether every record's label bytes are below these numbers. */
static int labels_fit(const unsigned char *bytes, size_t size, size_t record, unsigned first,
                      unsigned second)
{
    for (size_t at = 0; at + record <= size; at += record)
        if (bytes[at] >= first || (second && bytes[at + 1] >= second))
            return 0;
    return 1;
}

int lethe_is_cifar100(const unsigned char *bytes, size_t size)
{
    return size >= HUNDRED && !labels_fit(bytes, size, TEN, 10, 0) &&
           labels_fit(bytes, size, HUNDRED, COARSE, FINE);
}

/* labels: how many bytes of them a record has. */
static enum lethe_err load(struct lethe_loading *loading, size_t labels, struct lethe_error *err)
{
    const struct lethe_bytes *file = &loading->bytes;
    const size_t record = labels + LETHE_CIFAR_IMAGE, n = file->size / record;
    struct lethe_dataset_parts *parts = &loading->parts;
    if (!n || file->size % record)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: %zu bytes are not whole CIFAR-%s records of %zu bytes",
                          loading->source->path, file->size, labels == 1 ? "10" : "100", record);
    struct lethe_array *to[2] = {labels == 2 ? &parts->groups : &parts->labels, &parts->labels};
    parts->x = (struct lethe_array){.type = LETHE_U8,
                                    .ndim = 4,
                                    .dims = {n, 3, 32, 32},
                                    .count = n * LETHE_CIFAR_IMAGE,
                                    .data = lethe_alloc(n, LETHE_CIFAR_IMAGE)};
    for (size_t k = 0; k < labels; k++)
        *to[k] = (struct lethe_array){
            .type = LETHE_U8, .ndim = 1, .dims = {n}, .count = n, .data = lethe_alloc(n, 1)};
    if (!parts->x.data || !to[0]->data || !to[labels - 1]->data)
        return lethe_fail_memory(err, loading->source->path, n, record);
    for (size_t i = 0; i < n; i++) {
        const unsigned char *from = file->data + i * record;
        for (size_t k = 0; k < labels; k++)
            ((unsigned char *)to[k]->data)[i] = from[k];
        memcpy((unsigned char *)parts->x.data + i * LETHE_CIFAR_IMAGE, from + labels,
               LETHE_CIFAR_IMAGE);
    }
    return LETHE_OK;
}

/* The lines of a text into words, without blank ones; 0: not as many as wanted, all different. */
static int split_names(struct lethe_words *words, const struct lethe_bytes *text, size_t wanted)
{
    static const char blanks[] = " \t\r\n";
    const char *at = (const char *)text->data, *end = at + text->size;
    size_t lines = 0;
    while (at < end && lines <= wanted) {
        size_t length = strcspn(at, "\n");
        const char *next = at + length + 1;
        while (length && strchr(blanks, at[length - 1]))
            length--;
        long number;
        if (length && lethe_words_add(&number, words, at, length, NULL))
            return 0;
        lines += length > 0;
        at = next;
    }
    return lines == wanted && words->count == wanted && !memchr(text->data, 0, text->size);
}

/* Names out of a file beside the samples, where it is there; what it holds is no reason to fail. */
static enum lethe_err take_names(struct lethe_words *words, struct lethe_loading *loading,
                                 const struct lethe_array *numbers, const char *name, size_t wanted,
                                 struct lethe_error *err)
{
    struct lethe_bytes text = {0};
    if (loading->part || !labels_fit(numbers->data, numbers->count, 1, (unsigned)wanted, 0))
        return LETHE_OK;
    char *folder = lethe_path_folder(loading->source->path);
    char *path = folder ? lethe_path_join(folder, name) : NULL;
    enum lethe_err code = path ? LETHE_OK : lethe_fail_memory(err, name, 1, 1);
    if (!code && lethe_file_exists(path)) {
        const int read = !lethe_file_read(&text, path, NAMES_MOST, NULL);
        if (!read || !split_names(words, &text, wanted)) {
            lethe_words_release(words);
            code = lethe_loading_note(loading, err,
                                      "%s beside it does not hold %zu different names: the labels "
                                      "stay numbers",
                                      name, wanted);
        }
    }
    lethe_free(text.data);
    lethe_free(path);
    lethe_free(folder);
    return code;
}

/* The classes in a file of this name, unless they are said or the labels come from elsewhere. */
static enum lethe_err take_classes(struct lethe_loading *loading, const char *name, size_t wanted,
                                   struct lethe_error *err)
{
    const struct lethe_data_source *source = loading->source;
    return source->labels || source->class_name_count ||
                   (source->classes && source->classes != wanted)
               ? LETHE_OK
               : take_names(&loading->classes, loading, &loading->parts.labels, name, wanted, err);
}

enum lethe_err lethe_load_cifar(struct lethe_loading *loading, struct lethe_error *err)
{
    enum lethe_err code = load(loading, 1, err);
    return code ? code : take_classes(loading, "batches.meta.txt", 10, err);
}

enum lethe_err lethe_load_cifar100(struct lethe_loading *loading, struct lethe_error *err)
{
    const struct lethe_data_source *source = loading->source;
    enum lethe_err code = load(loading, 2, err);
    if (!code)
        code = take_classes(loading, "fine_label_names.txt", FINE, err);
    if (!code && !source->groups && !source->group_name_count)
        code = take_names(&loading->groups, loading, &loading->parts.groups,
                          "coarse_label_names.txt", COARSE, err);
    return code;
}
