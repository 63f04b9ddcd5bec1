/* SPDX-License-Identifier: MIT
 * IDX, the format of MNIST: two zero bytes, element type, number of dimensions, 32-bit big-endian
 * sizes, then the elements, big-endian. */
#include <string.h>

#include "data/formats.h"

static int element(unsigned char code, enum lethe_element *type)
{
    switch (code) {
    case 0x08:
        *type = LETHE_U8;
        return 1;
    case 0x09:
        *type = LETHE_I8;
        return 1;
    case 0x0B:
        *type = LETHE_I16;
        return 1;
    case 0x0C:
        *type = LETHE_I32;
        return 1;
    case 0x0D:
        *type = LETHE_FLOAT;
        return 1;
    case 0x0E:
        *type = LETHE_DOUBLE;
        return 1;
    default:
        return 0;
    }
}

enum lethe_err lethe_idx_header(struct lethe_array *array, size_t *length,
                                const unsigned char *bytes, size_t size, const char *source,
                                struct lethe_error *err)
{
    if (size < 4 || bytes[0] || bytes[1] || !element(bytes[2], &array->type))
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s is no array file: neither IDX, NPY nor CSV begins like this", source);
    array->ndim = bytes[3];
    size_t header = 4 + 4 * array->ndim;
    if (!array->ndim || array->ndim > LETHE_ARRAY_DIMS)
        return lethe_fail(err, LETHE_EFORMAT, "%s: an IDX header with %zu dimensions; 1 to %d",
                          source, array->ndim, LETHE_ARRAY_DIMS);
    if (size < header)
        return lethe_fail(err, LETHE_EFORMAT, "%s: the IDX header ends after %zu of %zu bytes",
                          source, size, header);
    for (size_t d = 0; d < array->ndim; d++) {
        const unsigned char *b = bytes + 4 + 4 * d;
        array->dims[d] = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
    }
    *length = header;
    return LETHE_OK;
}

enum lethe_err lethe_idx_parse(struct lethe_array *array, const unsigned char *bytes, size_t size,
                               const char *source, struct lethe_error *err)
{
    size_t header = 0;
    enum lethe_err code = lethe_idx_header(array, &header, bytes, size, source, err);
    if (!code)
        code = lethe_array_claim(array, size, header, source, err);
    return code ? code : lethe_array_fill(array, bytes + header, 1, source, err);
}
