/* SPDX-License-Identifier: MIT
 * Columns of a table as numbers. See encoding.h. */
#include "data/encoding.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void lethe_encoding_free(struct lethe_encoding *encoding)
{
    for (size_t c = 0; encoding && c < encoding->columns; c++)
        lethe_words_release(&encoding->column[c].words);
    if (encoding)
        lethe_free(encoding->column);
    lethe_free(encoding);
}

enum lethe_err lethe_encoding_make(struct lethe_encoding **encoding, size_t columns,
                                   struct lethe_error *err)
{
    struct lethe_encoding *made = lethe_alloc_zero(1, sizeof *made);
    if (made)
        made->column = lethe_alloc_zero(columns, sizeof *made->column);
    if (!made || !made->column) {
        lethe_free(made);
        return lethe_fail_memory(err, "columns", columns, sizeof *made->column);
    }
    made->columns = columns;
    *encoding = made;
    return LETHE_OK;
}

/* What the last record says: a column that holds a number anywhere is one of numbers, and a stray
 * word in it an error. A missing value says nothing. */
static void mark(struct lethe_encoding *encoding, const struct lethe_csv *csv,
                 const unsigned char *skip)
{
    double number;
    for (size_t c = 0, k = 0; c < csv->count && k < encoding->columns; c++) {
        if (skip[c])
            continue;
        struct lethe_encoded *column = &encoding->column[k++];
        int is_number = lethe_csv_number(csv->field[c], &number);
        column->is_words |= !is_number;
        column->has_numbers |= is_number && !isnan(number);
    }
}

static size_t count_words(struct lethe_encoding *encoding)
{
    size_t found = 0;
    for (size_t k = 0; k < encoding->columns; k++) {
        encoding->column[k].is_words &= !encoding->column[k].has_numbers;
        found += encoding->column[k].is_words != 0;
    }
    return found;
}

enum lethe_err lethe_encoding_guess(struct lethe_encoding **encoding, char *text, size_t size,
                                    const unsigned char *skip, size_t columns, const char *source,
                                    struct lethe_error *err)
{
    struct lethe_csv csv = {0};
    struct lethe_encoding *made = NULL;
    size_t all = 0;
    /* What is malformed here is reported when the table is read. */
    enum lethe_err code = lethe_csv_open(&csv, text, size, source, NULL);
    if (!code)
        code = lethe_csv_next(&csv, NULL);
    enum lethe_err memory = !code && columns ? lethe_encoding_make(&made, columns, err) : LETHE_OK;
    all = csv.count;
    if (made && csv.count > 1 && lethe_csv_is_header(&csv))
        code = lethe_csv_next(&csv, NULL);
    while (made && !code && csv.count) {
        if (csv.count == all)
            mark(made, &csv, skip);
        code = lethe_csv_next(&csv, NULL);
    }
    lethe_csv_close(&csv);
    if (made && !count_words(made)) {
        lethe_encoding_free(made);
        made = NULL;
    }
    *encoding = made;
    return memory;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One column's words in sorted order; map[old] = new. */
static enum lethe_err sort_words(struct lethe_words *words, long *map, struct lethe_error *err)
{
    struct lethe_words sorted = {0};
    long number;
    char **order = lethe_alloc(words->count, sizeof *order);
    enum lethe_err code =
        order ? LETHE_OK : lethe_fail_memory(err, "words", words->count, sizeof *order);
    if (!code && words->count)
        memcpy(order, words->word, words->count * sizeof *order);
    if (!code)
        qsort(order, words->count, sizeof *order, by_text);
    for (size_t i = 0; i < words->count && !code; i++)
        code = lethe_words_add(&number, &sorted, order[i], strlen(order[i]), err);
    for (size_t i = 0; i < words->count && !code; i++)
        map[i] = lethe_words_find(&sorted, words->word[i], strlen(words->word[i]));
    lethe_free(order);
    if (code) {
        lethe_words_release(&sorted);
        return code;
    }
    lethe_words_release(words);
    *words = sorted;
    return LETHE_OK;
}

enum lethe_err lethe_encoding_sort(struct lethe_encoding *encoding, double *rows, size_t count,
                                   struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    long map[LETHE_ENCODING_WORDS];
    for (size_t c = 0; c < encoding->columns && !code; c++) {
        if (!encoding->column[c].is_words)
            continue;
        code = sort_words(&encoding->column[c].words, map, err);
        for (size_t i = 0; i < count && !code; i++) {
            double *cell = &rows[i * encoding->columns + c];
            *cell = (double)map[(size_t)*cell];
        }
    }
    return code;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One column's numbers that are there, into `there`; how many are not. */
static size_t gather(double *there, size_t *count, const struct lethe_encoding *encoding,
                     const double *rows, size_t n, size_t column)
{
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        double value = rows[i * encoding->columns + column];
        if (!isnan(value))
            there[(*count)++] = value;
    }
    return n - *count;
}

enum lethe_err lethe_encoding_fill(struct lethe_encoding *encoding, const double *rows,
                                   size_t count, const char *way, size_t *cells, size_t *filled,
                                   struct lethe_error *err)
{
    double *there = lethe_alloc(count + 1, sizeof *there);
    const int median = !strcmp(way, "median");
    *cells = *filled = 0;
    if (!there)
        return lethe_fail_memory(err, "a column", count, sizeof *there);
    for (size_t c = 0; c < encoding->columns; c++) {
        struct lethe_encoded *column = &encoding->column[c];
        size_t n = 0, gone = column->is_words ? 0 : gather(there, &n, encoding, rows, count, c);
        double sum = 0;
        if (column->is_words)
            continue;
        for (size_t i = 0; i < n; i++)
            sum += there[i];
        if (median && n)
            qsort(there, n, sizeof *there, by_size);
        column->fill = !n ? 0 : median ? (there[(n - 1) / 2] + there[n / 2]) / 2 : sum / (double)n;
        column->indicator = gone && !strcmp(way, "column");
        *cells += gone;
        *filled += gone > 0;
    }
    lethe_free(there);
    return LETHE_OK;
}

static size_t width_of(const struct lethe_encoded *column)
{
    return column->is_words ? column->words.count : column->indicator ? 2 : 1;
}

size_t lethe_encoding_width(const struct lethe_encoding *encoding)
{
    size_t width = 0;
    for (size_t c = 0; c < encoding->columns; c++)
        width += width_of(&encoding->column[c]);
    return width;
}

enum lethe_err lethe_encoding_expand(double **out, size_t *width,
                                     const struct lethe_encoding *encoding, const double *rows,
                                     size_t count, struct lethe_error *err)
{
    *width = lethe_encoding_width(encoding);
    double *wide = *width && count <= SIZE_MAX / 16 / *width
                       ? lethe_alloc_zero(count * *width, sizeof *wide)
                       : NULL;
    if (!wide)
        return lethe_fail_memory(err, "encoded columns", count, *width * sizeof *wide);
    double *to = wide;
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < encoding->columns; c++) {
            const struct lethe_encoded *column = &encoding->column[c];
            double value = rows[i * encoding->columns + c];
            if (column->is_words && value >= 0)
                to[(size_t)value] = 1;
            else if (!column->is_words)
                to[0] = isnan(value) ? column->fill : value;
            if (column->indicator)
                to[1] = isnan(value);
            to += width_of(column);
        }
    *out = wide;
    return LETHE_OK;
}
