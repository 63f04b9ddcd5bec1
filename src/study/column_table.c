/* SPDX-License-Identifier: MIT
 * Reading columns from files, and T(y, z | x) of them. */
#include "study/column_table.h"

#include "base/alloc.h"
#include "lethe/array.h"

enum lethe_err lethe_column_table_read(struct lethe_column_table *table, const char *x,
                                       const char *y, struct lethe_error *err)
{
    size_t rows = 0, columns = 0;
    enum lethe_err code = lethe_matrix_read(&table->y, &table->n, &columns, y, err);
    if (code)
        return code;
    if (columns != 1)
        return lethe_fail(err, LETHE_EFORMAT, "'%s' has %zu columns: y must be a single one", y,
                          columns);
    code = lethe_matrix_read(&table->x, &rows, &table->x_columns, x, err);
    if (code)
        return code;
    if (rows != table->n)
        return lethe_fail(err, LETHE_EFORMAT, "'%s' has %zu rows, '%s' has %zu: they must be equal",
                          x, rows, y, table->n);
    return LETHE_OK;
}

enum lethe_err lethe_column_table_widen(struct lethe_column_table *table, const char *path,
                                        struct lethe_error *err)
{
    double *z = NULL, *both = NULL;
    size_t rows = 0;
    enum lethe_err code = lethe_matrix_read(&z, &rows, &table->z_columns, path, err);
    if (code)
        return code;
    size_t width = table->x_columns + table->z_columns;
    if (rows != table->n) {
        code = lethe_fail(err, LETHE_EFORMAT, "x has %zu rows, '%s' has %zu: they must be equal",
                          table->n, path, rows);
        goto out;
    }
    both = lethe_alloc(table->n, width * sizeof *both);
    if (!both) {
        code = lethe_fail_memory(err, "x and z", table->n * width, sizeof *both);
        goto out;
    }
    for (size_t i = 0; i < table->n; i++)
        for (size_t j = 0; j < width; j++)
            both[i * width + j] = j < table->x_columns
                                      ? table->x[i * table->x_columns + j]
                                      : z[i * table->z_columns + j - table->x_columns];
    lethe_free(table->x);
    table->x = both;
out:
    lethe_free(z);
    return code;
}

void lethe_column_table_release(struct lethe_column_table *table)
{
    lethe_free(table->x);
    lethe_free(table->y);
    *table = (struct lethe_column_table){0};
}

struct lethe_codec_input lethe_column_table_input(const struct lethe_column_table *table)
{
    return (struct lethe_codec_input){
        .n = table->n, .p = table->x_columns + table->z_columns, .x64 = table->x, .y = table->y};
}

int lethe_column_table_constant(const struct lethe_column_table *table)
{
    for (size_t i = 1; i < table->n; i++)
        if (table->y[i] != table->y[0])
            return 0;
    return 1;
}

enum lethe_err lethe_column_table_codec(struct lethe_codec_value *value,
                                        const struct lethe_column_table *table,
                                        const struct lethe_codec_options *options,
                                        struct lethe_watch *watch, struct lethe_error *err)
{
    const struct lethe_codec_input input = lethe_column_table_input(table);
    enum lethe_err code = LETHE_OK;
    size_t *columns = lethe_alloc(input.p, sizeof *columns);
    if (!columns)
        return lethe_fail_memory(err, "columns", input.p, sizeof *columns);
    for (size_t j = 0; j < input.p; j++)
        columns[j] = j;
    struct lethe_codec_sets sets = {.added = columns, .added_count = table->x_columns};
    if (table->z_columns)
        sets = (struct lethe_codec_sets){.given = columns,
                                         .given_count = table->x_columns,
                                         .added = columns + table->x_columns,
                                         .added_count = table->z_columns};
    code = lethe_watch_step(watch, "ranking neighbours", 0, 1, err);
    if (!code)
        code = lethe_codec(value, &input, &sets, options, err);
    lethe_free(columns);
    return code;
}
