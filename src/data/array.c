/* SPDX-License-Identifier: MIT
 * Arrays from files: the format is told by the first bytes, each reader has its own file. */
#include "lethe/array.h"

#include <string.h>

#include "base/alloc.h"
#include "data/formats.h"

void lethe_array_release(struct lethe_array *array)
{
    if (array->columns)
        for (size_t c = 0; c < array->dims[1]; c++)
            lethe_free(array->columns[c]);
    lethe_free(array->columns);
    for (size_t w = 0; w < array->word_count; w++)
        lethe_free(array->words[w]);
    lethe_free(array->words);
    lethe_free(array->data);
    *array = (struct lethe_array){0};
}

double lethe_array_get(const struct lethe_array *array, size_t index)
{
    switch (array->type) {
    case LETHE_U8:
        return ((const uint8_t *)array->data)[index];
    case LETHE_I8:
        return ((const int8_t *)array->data)[index];
    case LETHE_I16:
        return ((const int16_t *)array->data)[index];
    case LETHE_I32:
        return ((const int32_t *)array->data)[index];
    case LETHE_I64:
        return (double)((const int64_t *)array->data)[index];
    case LETHE_FLOAT:
        return (double)((const float *)array->data)[index];
    default:
        return ((const double *)array->data)[index];
    }
}

enum lethe_err lethe_array_parse(struct lethe_array *array, const unsigned char *bytes, size_t size,
                                 const char *source, struct lethe_error *err)
{
    *array = (struct lethe_array){0};
    enum lethe_err code;
    if (!size)
        return lethe_fail(err, LETHE_EFORMAT, "%s is empty", source);
    if (size >= 6 && !memcmp(bytes, "\x93NUMPY", 6))
        code = lethe_npy_parse(array, bytes, size, source, err);
    else if ((code = lethe_foreign_refuse(bytes, size, source, err)))
        return code;
    else if (bytes[0] == 0)
        code = lethe_idx_parse(array, bytes, size, source, err);
    else
        code = lethe_csv_parse(array, bytes, size, source, err);
    if (code)
        lethe_array_release(array);
    return code;
}
