/* SPDX-License-Identifier: MIT
 * Tables of numbers as text: comma, semicolon, tab or blanks between the fields, an optional header
 * line (any field of the first line that is no number), quotes around fields allowed. Empty fields
 * and "NA" become NaN; what may not hold NaN says so later, by row and column. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/formats.h"

struct scan {
    const char *at, *end;
    char delimiter; /* ' ': any run of blanks */
    size_t line;
    const char *source;
    struct lethe_error *err;
};

enum { FIELD_ROOM = 512 };

static char find_delimiter(const char *text, const char *end)
{
    size_t commas = 0, semicolons = 0, tabs = 0;
    for (; text < end && *text != '\n'; text++) {
        commas += *text == ',';
        semicolons += *text == ';';
        tabs += *text == '\t';
    }
    return tabs ? '\t' : semicolons > commas ? ';' : commas ? ',' : ' ';
}

/* Next field into buffer; 1 when the line goes on after it, 0 when it ends. -1: too long. */
static int next_field(struct scan *s, char buffer[FIELD_ROOM])
{
    size_t n = 0;
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\r'))
        s->at++;
    int quoted = s->at < s->end && *s->at == '"';
    if (quoted)
        s->at++;
    for (; s->at < s->end; s->at++) {
        char c = *s->at;
        if (quoted && c == '"') {
            if (s->at + 1 == s->end || s->at[1] != '"') {
                quoted = 0;
                continue;
            }
            s->at++;
        } else if (!quoted && (c == s->delimiter || c == '\n')) {
            break;
        }
        if (n + 1 == FIELD_ROOM)
            return -1;
        buffer[n++] = c;
    }
    while (n && isspace((unsigned char)buffer[n - 1]))
        n--;
    buffer[n] = '\0';
    while (s->delimiter == ' ' && s->at < s->end && (*s->at == ' ' || *s->at == '\r'))
        s->at++;
    if (s->at < s->end && *s->at == s->delimiter && *s->at != '\n') {
        s->at += s->delimiter != ' ';
        return 1;
    }
    if (s->delimiter == ' ' && s->at < s->end && *s->at != '\n')
        return 1;
    s->at += s->at < s->end;
    return 0;
}

/* Number of a field; empty, NA and ? are NaN. 0 when it is no number. */
static int number(const char *field, double *value)
{
    char *end;
    *value = NAN;
    if (!*field || !strcmp(field, "NA") || !strcmp(field, "?"))
        return 1;
    if (field[0] == '0' && (field[1] == 'x' || field[1] == 'X'))
        return 0;
    *value = strtod(field, &end);
    return *end == '\0';
}

static enum lethe_err too_long(const struct scan *s)
{
    return lethe_fail(s->err, LETHE_EFORMAT, "%s: line %zu has a field of more than %d characters",
                      s->source, s->line, FIELD_ROOM - 1);
}

/* Columns of the first line and whether it is a header. */
static enum lethe_err first_line(struct scan s, size_t *columns, int *header)
{
    char field[FIELD_ROOM];
    double unused;
    int more;
    *columns = 0;
    *header = 0;
    do {
        more = next_field(&s, field);
        if (more < 0)
            return too_long(&s);
        *header |= !number(field, &unused);
        ++*columns;
    } while (more);
    return LETHE_OK;
}

static enum lethe_err read_names(struct scan *s, struct lethe_array *array, size_t columns)
{
    char field[FIELD_ROOM];
    array->columns = lethe_alloc_zero(columns, sizeof *array->columns);
    if (!array->columns)
        return lethe_fail_memory(s->err, s->source, columns, sizeof *array->columns);
    for (size_t c = 0; c < columns; c++) {
        next_field(s, field);
        array->columns[c] = lethe_strdup(field);
        if (!array->columns[c])
            return lethe_fail_memory(s->err, s->source, columns, 16);
    }
    s->line++;
    return LETHE_OK;
}

static enum lethe_err read_row(struct scan *s, double *row, size_t columns)
{
    char field[FIELD_ROOM];
    for (size_t c = 0; c < columns; c++) {
        int more = next_field(s, field);
        if (more < 0)
            return too_long(s);
        if (!number(field, &row[c]))
            return lethe_fail(s->err, LETHE_EFORMAT,
                              "%s: line %zu, column %zu: '%.40s' is no number", s->source, s->line,
                              c + 1, field);
        if (more != (c + 1 < columns))
            return lethe_fail(s->err, LETHE_EFORMAT, "%s: line %zu has %s than %zu fields",
                              s->source, s->line, more ? "more" : "fewer", columns);
    }
    return LETHE_OK;
}

static size_t lines_of(const struct scan *s)
{
    size_t lines = 1;
    for (const char *c = s->at; c < s->end; c++)
        lines += *c == '\n';
    return lines;
}

static int skip_blank(struct scan *s)
{
    const char *c = s->at;
    while (c < s->end && (*c == ' ' || *c == '\r' || *c == '\t'))
        c++;
    if (c < s->end && *c != '\n')
        return 0;
    s->at = c < s->end ? c + 1 : c;
    s->line++;
    return 1;
}

enum lethe_err lethe_csv_parse(struct lethe_array *array, const unsigned char *bytes, size_t size,
                               const char *source, struct lethe_error *err)
{
    struct scan s = {.at = (const char *)bytes, .line = 1, .source = source, .err = err};
    s.end = s.at + size;
    if (memchr(bytes, 0, size))
        return lethe_fail(err, LETHE_EFORMAT, "%s is no text: it has zero bytes", source);
    if (size >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3))
        s.at += 3;
    s.delimiter = find_delimiter(s.at, s.end);
    size_t columns, rows = 0;
    int header;
    enum lethe_err code = first_line(s, &columns, &header);
    array->type = LETHE_DOUBLE;
    array->ndim = 2;
    array->dims[1] = columns;
    if (!code && header)
        code = read_names(&s, array, columns);
    if (code)
        return code;
    size_t room = lines_of(&s);
    array->data = lethe_alloc(room > SIZE_MAX / columns ? SIZE_MAX : room * columns, 8);
    if (!array->data)
        return lethe_fail_memory(err, source, room, columns * 8);
    while (!code && s.at < s.end) {
        if (skip_blank(&s))
            continue;
        code = read_row(&s, (double *)array->data + rows++ * columns, columns);
        s.line++;
    }
    if (!code && !rows)
        return lethe_fail(err, LETHE_EFORMAT, "%s has %s", source,
                          header ? "a header line but no rows" : "no rows");
    array->dims[0] = rows;
    array->count = rows * columns;
    return code;
}
