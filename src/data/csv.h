/* SPDX-License-Identifier: MIT
 * Records of delimited text, one at a time, unquoted in place. Delimiter: tab, semicolon, comma,
 * bar or runs of blanks, whichever the first line has, or the one that a line "sep=;" says. Lines
 * that begin with # before the first record are remarks, but for one that names the columns. Quotes
 * around a field may hold the delimiter, line ends and doubled quotes (RFC 4180); with tabs a quote
 * is an ordinary character. Lines may end in a carriage return alone, or in a delimiter. "5,1" in a
 * field is the number 5.1. */
#ifndef LETHE_DATA_CSV_H
#define LETHE_DATA_CSV_H

#include <stddef.h>
#include "lethe/error.h"

enum { LETHE_CSV_COLUMNS = 1 << 20 };

struct lethe_csv {
    char *at, *end;
    char delimiter; /* ' ': runs of blanks */
    size_t line;    /* where the last record began, from 1 */
    size_t next;    /* line of what comes next */
    char **field;   /* (count) of the last record, each ended by a zero byte */
    size_t count, room;
    size_t commas; /* numbers with a decimal comma so far */
    int trailing;  /* records end in a delimiter with nothing behind it */
    const char *source;
};

/* text is changed by reading and has one writable byte after its last. */
enum lethe_err lethe_csv_open(struct lethe_csv *csv, char *text, size_t size, const char *source,
                              struct lethe_error *err);
/* The next record that is not blank; count 0 at the end. */
enum lethe_err lethe_csv_next(struct lethe_csv *csv, struct lethe_error *err);
void lethe_csv_close(struct lethe_csv *csv); /* frees the fields, not the text */

/* Empty, NA, NaN, ?, null and the like, also as spreadsheets and statistics programs write it. */
int lethe_csv_is_missing(const char *field);
/* 1 when field is a number. A missing one is NaN. */
int lethe_csv_number(const char *field, double *value);
/* 1 when the last record has no numbers, so that it can only be a header. */
int lethe_csv_is_header(const struct lethe_csv *csv);

#endif
