/* SPDX-License-Identifier: MIT
 * A dataset at work: references, questions, batches. How one is made and checked: make.c. */
#include "data/dataset.h"

#include <string.h>

#include "base/alloc.h"
#include "data/encoding.h"

struct lethe_dataset *lethe_dataset_ref(struct lethe_dataset *data)
{
    atomic_fetch_add_explicit(&data->refs, 1, memory_order_relaxed);
    return data;
}

void lethe_dataset_unref(struct lethe_dataset *data)
{
    while (data && atomic_fetch_sub_explicit(&data->refs, 1, memory_order_acq_rel) == 1) {
        struct lethe_dataset *below = data->below;
        lethe_array_release(&data->raw);
        lethe_free(data->mean);
        lethe_free(data->std);
        lethe_free(data->labels);
        lethe_free(data->true_labels);
        lethe_free(data->groups);
        lethe_names_release(&data->class_names);
        lethe_names_release(&data->group_names);
        lethe_names_release(&data->notes);
        lethe_encoding_free(data->encoding);
        lethe_free(data);
        data = below;
    }
}

const char *lethe_dataset_note(const struct lethe_dataset *data, size_t index)
{
    while (data->below)
        data = data->below;
    return index < data->notes.count ? data->notes.name[index] : NULL;
}

size_t lethe_dataset_count(const struct lethe_dataset *data)
{
    return data->n;
}

size_t lethe_dataset_width(const struct lethe_dataset *data)
{
    return data->width;
}

size_t lethe_dataset_ndim(const struct lethe_dataset *data)
{
    return data->ndim;
}

size_t lethe_dataset_dim(const struct lethe_dataset *data, size_t axis)
{
    return data->dims[axis];
}

size_t lethe_dataset_classes(const struct lethe_dataset *data)
{
    return data->classes;
}

size_t lethe_dataset_tokens(const struct lethe_dataset *data)
{
    return data->tokens;
}

int lethe_dataset_label(const struct lethe_dataset *data, size_t id)
{
    return data->labels[id];
}

int lethe_dataset_true_label(const struct lethe_dataset *data, size_t id)
{
    return data->true_labels ? data->true_labels[id] : data->labels[id];
}

int lethe_dataset_group(const struct lethe_dataset *data, size_t id)
{
    return data->groups ? data->groups[id] : -1;
}

size_t lethe_dataset_groups(const struct lethe_dataset *data)
{
    return data->group_count;
}

const char *lethe_dataset_class_name(const struct lethe_dataset *data, size_t label)
{
    return label < data->class_names.count ? data->class_names.name[label] : NULL;
}

const char *lethe_dataset_group_name(const struct lethe_dataset *data, size_t group)
{
    return group < data->group_names.count ? data->group_names.name[group] : NULL;
}

/* One row: x[c * span + k] = (raw - mean[c]) / std[c], for every type of element. */
#define ROW(type)                                                                                  \
    do {                                                                                           \
        const type *raw = (const type *)data->raw.data + row * data->width;                        \
        for (size_t c = 0; c < data->channels; c++) {                                              \
            const double mean = data->mean[c], std = data->std[c];                                 \
            for (size_t k = 0; k < data->span; k++)                                                \
                *x++ = ((double)*raw++ - mean) / std;                                              \
        }                                                                                          \
    } while (0)

static void normalise_row(const struct lethe_dataset *data, double *x, size_t row)
{
    switch (data->raw.type) {
    case LETHE_U8:
        ROW(uint8_t);
        break;
    case LETHE_I8:
        ROW(int8_t);
        break;
    case LETHE_I16:
        ROW(int16_t);
        break;
    case LETHE_I32:
        ROW(int32_t);
        break;
    case LETHE_I64:
        ROW(int64_t);
        break;
    case LETHE_FLOAT:
        ROW(float);
        break;
    default:
        ROW(double);
    }
}

void lethe_dataset_batch(const struct lethe_dataset *data, double *x, int *labels,
                         const size_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct lethe_dataset *holder = data;
        while (ids[i] < holder->first)
            holder = holder->below;
        if (x)
            normalise_row(holder, x + i * data->width, ids[i] - holder->first);
        if (labels)
            labels[i] = data->labels[ids[i]];
    }
}

enum lethe_err lethe_names_copy(struct lethe_names *names, const char *const *from, size_t count,
                                struct lethe_error *err)
{
    names->count = 0;
    names->name = lethe_alloc_zero(count, sizeof *names->name);
    for (; names->name && names->count < count; names->count++) {
        names->name[names->count] = lethe_strdup(from[names->count]);
        if (!names->name[names->count])
            break;
    }
    if (names->name && names->count == count)
        return LETHE_OK;
    lethe_names_release(names);
    return lethe_fail_memory(err, "names", count, 32);
}

void lethe_names_release(struct lethe_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        lethe_free(names->name[i]);
    lethe_free(names->name);
    *names = (struct lethe_names){0};
}

struct lethe_normalize lethe_dataset_normalize(const struct lethe_dataset *data)
{
    return (struct lethe_normalize){
        .mean = data->mean, .std = data->std, .means = data->channels, .stds = data->channels};
}
