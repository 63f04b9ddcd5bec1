/* SPDX-License-Identifier: MIT
 * CIFAR-10 and CIFAR-100 as their "binary version" has them: records of one label, or of a coarse
 * and a fine one, and 3 x 32 x 32 bytes. The coarse labels of CIFAR-100 become groups. */
#include <string.h>

#include "base/alloc.h"
#include "data/loading.h"

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

enum lethe_err lethe_load_cifar(struct lethe_loading *loading, struct lethe_error *err)
{
    return load(loading, 1, err);
}

enum lethe_err lethe_load_cifar100(struct lethe_loading *loading, struct lethe_error *err)
{
    return load(loading, 2, err);
}
