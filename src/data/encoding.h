/* SPDX-License-Identifier: MIT
 * Columns of a table as numbers. One of words becomes one column of 0 and 1 for every word, in
 * sorted order; in one of numbers what is missing is filled in, with a column beside it that says
 * where when that is asked for. Words and fillings are learnt from the training file; held-out
 * samples are encoded by them, a word that is new there as zeros. */
#ifndef LETHE_DATA_ENCODING_H
#define LETHE_DATA_ENCODING_H

#include "data/csv.h"
#include "data/words.h"

enum { LETHE_ENCODING_WORDS = 1000 }; /* at most, of one column */

struct lethe_encoding {
    size_t columns; /* of the table without label and group */
    struct lethe_encoded {
        int is_words, has_numbers;
        double fill;              /* of numbers: in the place of one that is missing */
        int indicator;            /* ... and a column that is 1 there */
        struct lethe_words words; /* of a column of words */
    } * column;                   /* (columns) */
};

enum lethe_err lethe_encoding_make(struct lethe_encoding **encoding, size_t columns,
                                   struct lethe_error *err);
/* Which columns of a table hold words, by its first lines; those marked in skip (all columns of the
 * file) are not looked at, `columns` are left. Not one: *encoding is NULL. text is changed, and has
 * a writable byte after its last. */
enum lethe_err lethe_encoding_guess(struct lethe_encoding **encoding, char *text, size_t size,
                                    const unsigned char *skip, size_t columns, const char *source,
                                    struct lethe_error *err);
void lethe_encoding_free(struct lethe_encoding *encoding); /* NULL ok */

/* Words are numbered as they come until they are sorted; rows (rows, columns) are renumbered. */
enum lethe_err lethe_encoding_sort(struct lethe_encoding *encoding, double *rows, size_t count,
                                   struct lethe_error *err);
/* fill and indicator of every column of numbers, from the training rows: `way` is mean, median or
 * column. *cells and *filled: missing numbers, and columns that have some. */
enum lethe_err lethe_encoding_fill(struct lethe_encoding *encoding, const double *rows,
                                   size_t count, const char *way, size_t *cells, size_t *filled,
                                   struct lethe_error *err);
/* Columns that all of them become. */
size_t lethe_encoding_width(const struct lethe_encoding *encoding);
/* *out (rows, width) of rows (rows, columns), whose words are numbers, -1 for a new one. */
enum lethe_err lethe_encoding_expand(double **out, size_t *width,
                                     const struct lethe_encoding *encoding, const double *rows,
                                     size_t count, struct lethe_error *err);

#endif
