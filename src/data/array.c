/* SPDX-License-Identifier: MIT
 * Arrays from files: the format is told by the first bytes, each reader has its own file. */
#include "lethe/array.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
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

enum lethe_err lethe_array_read(struct lethe_array *array, const char *path,
                                struct lethe_error *err)
{
    struct lethe_bytes bytes;
    char *archive = NULL;
    const char *member = lethe_npz_part(&archive, path);
    enum lethe_err code = LETHE_OK;
    if (member)
        code = archive ? lethe_npz_member_read(array, archive, member, err)
                       : lethe_fail_memory(err, path, strlen(path), 1);
    lethe_free(archive);
    if (member || code)
        return code;
    code = lethe_file_read(&bytes, path, (size_t)4 * LETHE_FILE_LIMIT, err);
    if (code)
        return code;
    code = lethe_array_parse(array, bytes.data, bytes.size, path, err);
    lethe_free(bytes.data);
    return code;
}

enum lethe_err lethe_matrix_read(double **values, size_t *rows, size_t *columns, const char *path,
                                 struct lethe_error *err)
{
    struct lethe_array array;
    enum lethe_err code = lethe_array_read(&array, path, err);
    if (code)
        return code;
    size_t n = array.dims[0], p = array.ndim == 2 ? array.dims[1] : 1;
    double *made = NULL;
    if (array.ndim < 1 || array.ndim > 2 || !array.count) {
        code = lethe_fail(err, LETHE_EFORMAT,
                          "%s: a matrix has rows and columns, this has %zu "
                          "dimensions and %zu values",
                          path, array.ndim, array.count);
        goto out;
    }
    made = lethe_alloc(array.count, sizeof *made);
    if (!made) {
        code = lethe_fail_memory(err, path, array.count, sizeof *made);
        goto out;
    }
    for (size_t i = 0; i < array.count && !code; i++) {
        made[i] = lethe_array_get(&array, i);
        if (!isfinite(made[i]))
            code = lethe_fail(err, LETHE_EFORMAT, "%s: row %zu, column %zu is %s", path, i / p,
                              i % p, isnan(made[i]) ? "NaN" : "infinite");
    }
out:
    lethe_array_release(&array);
    if (code) {
        lethe_free(made);
        return code;
    }
    *values = made;
    *rows = n;
    *columns = p;
    return LETHE_OK;
}
