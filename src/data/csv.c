/* SPDX-License-Identifier: MIT
 * Delimited text: records for the table reader, and whole files of numbers as an array. */
#include "data/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/formats.h"

static char find_delimiter(const char *text, const char *end)
{
    size_t commas = 0, semicolons = 0, tabs = 0, bars = 0;
    int quoted = 0;
    for (; text < end && (quoted || *text != '\n'); text++) {
        quoted ^= *text == '"';
        if (quoted)
            continue;
        commas += *text == ',';
        semicolons += *text == ';';
        tabs += *text == '\t';
        bars += *text == '|';
    }
    return tabs ? '\t' : semicolons > commas ? ';' : bars > commas ? '|' : commas ? ',' : ' ';
}

/* Behind the end of a line. */
static char *line_after(const char *at, const char *end)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    return (char *)(stop ? stop + 1 : end);
}

static size_t count_in_line(const char *at, const char *end, char delimiter)
{
    size_t count = 0;
    for (; at < end && *at != '\n'; at++)
        count += *at == delimiter;
    return count;
}

/* A first line that a bar marks as a remark, as in the tests of the UCI collection. */
static int is_bar_remark(const struct lethe_csv *csv)
{
    const char *below = line_after(csv->at, csv->end);
    const char delimiter = *csv->at == '|' ? find_delimiter(below, csv->end) : ' ';
    return delimiter != ' ' && delimiter != '|' && below < csv->end &&
           !count_in_line(csv->at, csv->end, delimiter);
}

/* What may stand before the records: the delimiter, as spreadsheets write it, and remarks. One with
 * as many fields as what follows names the columns. */
static char skip_preface(struct lethe_csv *csv)
{
    if (csv->end - csv->at > 5 && !memcmp(csv->at, "sep=", 4) &&
        (csv->at[5] == '\n' || csv->at[5] == '\r')) {
        char said = csv->at[4];
        csv->at = line_after(csv->at, csv->end);
        csv->next++;
        return said;
    }
    if (csv->at < csv->end && is_bar_remark(csv)) {
        csv->at = line_after(csv->at, csv->end);
        csv->next++;
    }
    while (csv->at < csv->end && *csv->at == '#') {
        char *below = line_after(csv->at, csv->end);
        char delimiter = find_delimiter(below, csv->end);
        size_t names = count_in_line(csv->at, csv->end, delimiter);
        if (below < csv->end && *below != '#' && delimiter != ' ' && names &&
            names == count_in_line(below, csv->end, delimiter)) {
            csv->at++;
            break;
        }
        csv->at = below;
        csv->next++;
    }
    return find_delimiter(csv->at, csv->end);
}

static int ends_in(const char *at, const char *end, char delimiter)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    stop = stop ? stop : end;
    while (stop > at && stop[-1] == '\r')
        stop--;
    return stop > at && stop[-1] == delimiter;
}

enum lethe_err lethe_csv_open(struct lethe_csv *csv, char *text, size_t size, const char *source,
                              struct lethe_error *err)
{
    *csv = (struct lethe_csv){.at = text, .end = text + size, .next = 1, .source = source};
    if (memchr(text, 0, size))
        return lethe_fail(
            err, LETHE_EFORMAT,
            "%s is no text (it has zero bytes) and begins as none of the other files that "
            "are read: it is damaged, or another program's",
            source);
    if (size >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3))
        csv->at += 3;
    if (!memchr(text, '\n', size)) /* lines that end in a carriage return alone */
        for (char *c = text; c < csv->end; c++)
            *c = *c == '\r' ? '\n' : *c;
    csv->delimiter = skip_preface(csv);
    const char *second = line_after(csv->at, csv->end);
    csv->trailing = csv->delimiter != ' ' && second < csv->end &&
                    ends_in(csv->at, csv->end, csv->delimiter) &&
                    ends_in(second, csv->end, csv->delimiter);
    *csv->end = '\n';
    return LETHE_OK;
}

void lethe_csv_close(struct lethe_csv *csv)
{
    lethe_free(csv->field);
    csv->field = NULL;
    csv->count = csv->room = 0;
}

static int blank(char c)
{
    return c == ' ' || c == '\r' || c == '\t';
}

static void skip_blank_lines(struct lethe_csv *csv)
{
    for (;;) {
        char *c = csv->at;
        while (c < csv->end && blank(*c) && (*c != '\t' || csv->delimiter != '\t'))
            c++;
        if (c == csv->end)
            csv->at = c;
        if (c == csv->end || *c != '\n')
            return;
        csv->at = c + 1;
        csv->next++;
    }
}

/* Takes the text of a quoted field that begins after its quote; NULL when it never ends. */
static char *unquote(struct lethe_csv *csv)
{
    char *from = csv->at, *to = csv->at;
    for (; from < csv->end; from++) {
        if (*from == '"' && from[1] != '"')
            break;
        from += *from == '"';
        csv->next += *from == '\n';
        *to++ = *from;
    }
    if (from >= csv->end)
        return NULL;
    csv->at = from + 1;
    return to;
}

/* Cuts the next field out of the text; *last when its record ends with it. */
static enum lethe_err cut_field(struct lethe_csv *csv, char **field, int *last,
                                struct lethe_error *err)
{
    char delimiter = csv->delimiter;
    while (*csv->at == ' ' || (delimiter == ' ' && *csv->at == '\t'))
        csv->at++;
    char *end;
    *field = csv->at;
    if (*csv->at == '"' && delimiter != '\t') {
        *field = ++csv->at;
        end = unquote(csv);
        if (!end)
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s: the quote that opens in the record of line %zu never ends",
                              csv->source, csv->line);
        int closed = blank(*csv->at) || *csv->at == delimiter || *csv->at == '\n';
        while (blank(*csv->at) && *csv->at != delimiter)
            csv->at++;
        if (!closed || (delimiter != ' ' && *csv->at != delimiter && *csv->at != '\n'))
            return lethe_fail(err, LETHE_EFORMAT, "%s: line %zu has text after a closing quote",
                              csv->source, csv->next);
    } else {
        while (*csv->at != delimiter && *csv->at != '\n')
            csv->at++;
        end = csv->at;
        while (end > *field && blank(end[-1]))
            end--;
    }
    while (delimiter == ' ' && csv->at < csv->end && blank(*csv->at))
        csv->at++;
    *last = *csv->at == '\n';
    if (*last)
        csv->next++;
    if (csv->at < csv->end && (*last || delimiter != ' '))
        csv->at++;
    *end = '\0';
    return LETHE_OK;
}

/* "5,1" and "-0,25e3" as a point has them; three digits after the comma may be thousands, which
 * only semicolons, bars or a zero before it rule out. Whether it was one. */
static int undo_comma(char *field, char delimiter)
{
    char *comma = strchr(field, ','), *c = field + (*field == '-' || *field == '+');
    const int plain = delimiter == ';' || delimiter == '|' || *c == '0';
    if (!comma || c == comma)
        return 0;
    while (c < comma && *c >= '0' && *c <= '9')
        c++;
    size_t digits = strspn(comma + 1, "0123456789");
    const char *rest = comma + 1 + digits;
    if (*rest == 'e' || *rest == 'E') {
        rest += 1 + strspn(rest + 1, "+-") % 2;
        rest += strspn(rest, "0123456789");
    }
    if (c < comma || !digits || *rest || (!plain && digits == 3))
        return 0;
    *comma = '.';
    return 1;
}

enum lethe_err lethe_csv_next(struct lethe_csv *csv, struct lethe_error *err)
{
    skip_blank_lines(csv);
    csv->count = 0;
    csv->line = csv->next;
    int last = csv->at >= csv->end;
    while (!last) {
        if (csv->count == LETHE_CSV_COLUMNS)
            return lethe_fail(err, LETHE_EFORMAT, "%s: line %zu has more than %d fields",
                              csv->source, csv->line, LETHE_CSV_COLUMNS);
        if (csv->count == csv->room) {
            size_t room = csv->room ? 2 * csv->room : 32;
            char **larger = lethe_realloc(csv->field, room, sizeof *larger);
            if (!larger)
                return lethe_fail_memory(err, csv->source, room, sizeof *larger);
            csv->field = larger;
            csv->room = room;
        }
        enum lethe_err code = cut_field(csv, &csv->field[csv->count], &last, err);
        if (code)
            return code;
        csv->commas += undo_comma(csv->field[csv->count], csv->delimiter) != 0;
        csv->count++;
    }
    if (csv->trailing && csv->count > 1 && !*csv->field[csv->count - 1])
        csv->count--;
    return LETHE_OK;
}

int lethe_csv_is_missing(const char *field)
{
    static const char *const words[] = {"",     "NA",   "N/A",      "n/a",  "NaN",  "nan",  "NAN",
                                        "-nan", "-NaN", "?",        "null", "NULL", "Null", "None",
                                        "<NA>", "#N/A", "#N/A N/A", "#NA",  "-",    ".",    "--"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(field, words[i]))
            return 1;
    return 0;
}

int lethe_csv_number(const char *field, double *value)
{
    char *end;
    *value = NAN;
    if (lethe_csv_is_missing(field))
        return 1;
    if (strpbrk(field, "xX"))
        return 0;
    *value = strtod(field, &end);
    return *end == '\0' && end > field;
}

int lethe_csv_is_header(const struct lethe_csv *csv)
{
    double value;
    for (size_t c = 0; c < csv->count; c++)
        if (lethe_csv_number(csv->field[c], &value) && *csv->field[c])
            return 0;
    return 1;
}

static enum lethe_err take_names(struct lethe_array *array, const struct lethe_csv *csv,
                                 struct lethe_error *err)
{
    array->columns = lethe_alloc_zero(csv->count, sizeof *array->columns);
    for (size_t c = 0; array->columns && c < csv->count; c++)
        if (!(array->columns[c] = lethe_strdup(csv->field[c])))
            return lethe_fail_memory(err, csv->source, csv->count, 32);
    return array->columns ? LETHE_OK : lethe_fail_memory(err, csv->source, csv->count, 8);
}

static enum lethe_err take_row(struct lethe_array *array, size_t *room, const struct lethe_csv *csv,
                               struct lethe_error *err)
{
    size_t columns = array->dims[1];
    if (csv->count != columns)
        return lethe_fail(err, LETHE_EFORMAT, "%s: line %zu has %zu fields, the first has %zu",
                          csv->source, csv->line, csv->count, columns);
    if (array->count + columns > *room) {
        *room = *room > SIZE_MAX / 4 ? SIZE_MAX : 2 * (*room + columns);
        double *larger = lethe_realloc(array->data, *room, sizeof *larger);
        if (!larger)
            return lethe_fail_memory(err, csv->source, *room, sizeof *larger);
        array->data = larger;
    }
    double *row = (double *)array->data + array->count;
    for (size_t c = 0; c < columns; c++)
        if (!lethe_csv_number(csv->field[c], &row[c]))
            return lethe_fail(err, LETHE_EFORMAT, "%s: line %zu, column %zu: '%.40s' is no number",
                              csv->source, csv->line, c + 1, csv->field[c]);
    array->count += columns;
    array->dims[0]++;
    return LETHE_OK;
}

static enum lethe_err read_numbers(struct lethe_array *array, struct lethe_csv *csv,
                                   struct lethe_error *err)
{
    size_t room = 0;
    enum lethe_err code = lethe_csv_next(csv, err);
    array->type = LETHE_DOUBLE;
    array->ndim = 2;
    array->dims[1] = csv->count;
    if (!code && csv->count && lethe_csv_is_header(csv)) {
        code = take_names(array, csv, err);
        if (!code)
            code = lethe_csv_next(csv, err);
    }
    while (!code && csv->count) {
        code = take_row(array, &room, csv, err);
        if (!code)
            code = lethe_csv_next(csv, err);
    }
    if (!code && !array->count)
        code = lethe_fail(err, LETHE_EFORMAT, "%s has %s", csv->source,
                          array->columns ? "a header line but no rows" : "no rows");
    return code;
}

enum lethe_err lethe_csv_parse(struct lethe_array *array, const unsigned char *bytes, size_t size,
                               const char *source, struct lethe_error *err)
{
    struct lethe_csv csv;
    char *text = lethe_alloc(size + 1, 1);
    if (!text)
        return lethe_fail_memory(err, source, size, 1);
    memcpy(text, bytes, size);
    enum lethe_err code = lethe_csv_open(&csv, text, size, source, err);
    if (!code)
        code = read_numbers(array, &csv, err);
    lethe_csv_close(&csv);
    lethe_free(text);
    return code;
}
