/* SPDX-License-Identifier: MIT
 * Samples that two datasets have in common, value for value: held-out samples that were trained on.
 * Rows are found by a hash of their values and then compared. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/dataset.h"

struct hashed {
    uint64_t hash;
    size_t id;
};

static int by_hash(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static uint64_t hash_of(double *x, const struct lethe_dataset *data, size_t id)
{
    uint64_t h = 1469598103934665603u, bits;
    lethe_dataset_batch(data, x, NULL, &id, 1);
    for (size_t k = 0; k < data->width; k++) {
        memcpy(&bits, &x[k], sizeof bits);
        h = (h ^ bits) * 1099511628211u;
        h ^= h >> 29;
    }
    return h;
}

/* Whether a sample (x, hashed) is among those of data. room: one sample. */
static int is_among(const struct hashed *list, const struct lethe_dataset *data, const double *x,
                    uint64_t hash, double *room)
{
    size_t low = 0, high = data->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < data->n && list[low].hash == hash; low++) {
        lethe_dataset_batch(data, room, NULL, &list[low].id, 1);
        if (!memcmp(room, x, data->width * sizeof *x))
            return 1;
    }
    return 0;
}

size_t lethe_dataset_shared(const struct lethe_dataset *data, const struct lethe_dataset *other,
                            size_t *first)
{
    size_t shared = 0;
    if (data->width != other->width)
        return 0;
    struct hashed *list = lethe_alloc(data->n, sizeof *list);
    double *x = lethe_alloc(data->width, 2 * sizeof *x);
    if (!list || !x)
        shared = SIZE_MAX;
    for (size_t i = 0; i < data->n && shared != SIZE_MAX; i++)
        list[i] = (struct hashed){hash_of(x, data, i), i};
    if (shared != SIZE_MAX)
        qsort(list, data->n, sizeof *list, by_hash);
    for (size_t i = 0; i < other->n && shared != SIZE_MAX; i++) {
        uint64_t hash = hash_of(x, other, i);
        if (!is_among(list, data, x, hash, x + data->width))
            continue;
        if (first && !shared)
            *first = i;
        shared++;
    }
    lethe_free(list);
    lethe_free(x);
    return shared;
}
