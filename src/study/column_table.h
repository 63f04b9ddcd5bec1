/* SPDX-License-Identifier: MIT
 * Columns of files without any model: y, x, and z to the right of x. Everything is in double. */
#ifndef LETHE_STUDY_COLUMN_TABLE_H
#define LETHE_STUDY_COLUMN_TABLE_H

#include "lethe/codec.h"

struct lethe_column_table {
    double *x, *y; /* (n, x_columns + z_columns) row-major, (n); owned */
    size_t n, x_columns, z_columns;
};

/* table is zeroed before, and released also after a failure. LETHE_EFORMAT: y is not one column, or
 * the rows of two files differ. */
enum lethe_err lethe_column_table_read(struct lethe_column_table *table, const char *x,
                                       const char *y, struct lethe_error *err);
/* Puts the columns of another file to the right of those of x. */
enum lethe_err lethe_column_table_widen(struct lethe_column_table *table, const char *path,
                                        struct lethe_error *err);
void lethe_column_table_release(struct lethe_column_table *table); /* zeroed ok */

struct lethe_codec_input lethe_column_table_input(const struct lethe_column_table *table);
int lethe_column_table_constant(const struct lethe_column_table *table); /* y has one value */
/* T(y, x), or T(y, z | x) where there is a z. */
enum lethe_err lethe_column_table_codec(struct lethe_codec_value *value,
                                        const struct lethe_column_table *table,
                                        const struct lethe_codec_options *options,
                                        struct lethe_watch *watch, struct lethe_error *err);

#endif
