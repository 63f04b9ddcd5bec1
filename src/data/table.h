/* SPDX-License-Identifier: MIT
 * A table on its way to samples: the roles of its columns and what its rows hold. */
#ifndef LETHE_DATA_TABLE_H
#define LETHE_DATA_TABLE_H

#include "data/csv.h"
#include "data/encoding.h"
#include "data/loading.h"

#define LETHE_NO_COLUMN ((size_t)-1)

enum lethe_missing { LETHE_MISSING_REFUSE, LETHE_MISSING_DROP, LETHE_MISSING_FILL };

/* Values of one column as numbers of words; later as final numbers. */
struct lethe_coded {
    const char *what; /* "label", "group" */
    size_t at;
    struct lethe_words words;
    int32_t *code; /* (rows) */
};

struct lethe_table {
    struct lethe_loading *loading;
    struct lethe_csv csv;
    size_t columns, rows, room, width;
    char **names;        /* (columns) of the header; NULL: none */
    unsigned char *skip; /* (columns) label, group, and those left out */
    struct lethe_coded label, group;
    size_t text_at; /* LETHE_NO_COLUMN: all other columns are numbers */
    const struct lethe_words *vocabulary;
    enum lethe_missing missing;
    size_t dropped;                /* rows with a missing value that were left out */
    double *numbers;               /* (rows, width); words as numbers until they are spread out */
    struct lethe_encoding *learnt; /* columns of words of this file, or NULL */
    const struct lethe_encoding *encoding; /* those in force: learnt, or of the source's `like` */
    int32_t *tokens;                       /* (rows, width), with a vocabulary */
};

/* Roles of the columns, from the first record, which stays the table's. */
enum lethe_err lethe_table_columns(struct lethe_table *t, int header, struct lethe_error *err);
void lethe_table_columns_release(struct lethe_table *t);
/* "'age'", or "3" where there is no header: what names a column in messages and in drop_columns. */
const char *lethe_table_column(char text[64], const struct lethe_table *t, size_t column);
/* The column of the file that is input k. */
size_t lethe_table_input(const struct lethe_table *t, size_t k);
/* How missing values are treated, from the source's word. */
enum lethe_err lethe_table_missing(struct lethe_table *t, struct lethe_error *err);
/* What a word of a column looks like that is no word: a date, a number with a sign of some
 * currency; NULL: nothing of the kind. */
const char *lethe_table_no_words(const char *word);
/* Notes on columns that are probably no inputs, on commas and on missing values. */
enum lethe_err lethe_table_notes(struct lethe_table *t, struct lethe_error *err);

#endif
