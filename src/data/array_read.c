/* SPDX-License-Identifier: MIT
 * Arrays from the disk: a file, a member of an archive, or a matrix of finite numbers. */
#include "lethe/array.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "data/formats.h"

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
