/* SPDX-License-Identifier: MIT
 * What the readers of array files share: the sizes of elements, checking a header's claim against
 * the bytes there are, and taking the elements over. */
#include <string.h>

#include "base/alloc.h"
#include "data/formats.h"

static const size_t sizes[] = {
    [LETHE_U8] = 1,  [LETHE_I8] = 1,    [LETHE_I16] = 2,   [LETHE_I32] = 4,
    [LETHE_I64] = 8, [LETHE_FLOAT] = 4, [LETHE_DOUBLE] = 8};
_Static_assert(sizeof sizes / sizeof *sizes == LETHE_ELEMENT_COUNT, "an element without a size");

size_t lethe_element_size(enum lethe_element type)
{
    return sizes[type];
}

enum lethe_err lethe_array_claim(struct lethe_array *array, size_t have, size_t header,
                                 const char *source, struct lethe_error *err)
{
    size_t body = have - header, bytes = sizes[array->type];
    array->count = 1;
    for (size_t d = 0; d < array->ndim; d++) {
        if (array->dims[d] && array->count > SIZE_MAX / 16 / array->dims[d])
            return lethe_fail(err, LETHE_EFORMAT, "%s: the header claims an impossible size",
                              source);
        array->count *= array->dims[d];
    }
    if (array->count > body / bytes || array->count * bytes != body)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: the header promises %zu bytes of data, the file has %zu", source,
                          array->count * bytes, body);
    return LETHE_OK;
}

static void reverse(unsigned char *data, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++, data += size)
        for (size_t k = 0; k < size / 2; k++) {
            unsigned char kept = data[k];
            data[k] = data[size - 1 - k];
            data[size - 1 - k] = kept;
        }
}

enum lethe_err lethe_array_fill(struct lethe_array *array, const unsigned char *bytes, int swap,
                                const char *source, struct lethe_error *err)
{
    size_t size = sizes[array->type];
    array->data = lethe_alloc(array->count, size);
    if (!array->data)
        return lethe_fail_memory(err, source, array->count, size);
    memcpy(array->data, bytes, array->count * size);
    if (swap && size > 1)
        reverse(array->data, array->count, size);
    return LETHE_OK;
}
