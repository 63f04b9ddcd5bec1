/* SPDX-License-Identifier: MIT
 * Arrays from the disk: a file, a member of an archive, or a matrix of finite numbers. */
#include "lethe/array.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "data/formats.h"

/* An archive without a member's name: its only array, or which it has. */
static enum lethe_err read_only_member(struct lethe_array *array, const char *path,
                                       struct lethe_error *err)
{
    struct lethe_npz npz;
    char known[240] = "none";
    enum lethe_err code = lethe_npz_names(&npz, path, err);
    if (code)
        return code;
    if (npz.count == 1) {
        code = lethe_npz_member_read(array, path, npz.names[0], err);
    } else {
        lethe_npz_list(known, sizeof known, &npz);
        code = lethe_fail(err, LETHE_EFORMAT,
                          "%s: which of its members? It has %s; name one, as '%.80s:%.40s'", path,
                          known, path, npz.count ? npz.names[npz.count - 1] : "y");
    }
    lethe_npz_release(&npz);
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
    code = bytes.size > 4 && !memcmp(bytes.data, "PK\3\4", 4)
               ? read_only_member(array, path, err)
               : lethe_array_parse(array, bytes.data, bytes.size, path, err);
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
