/* SPDX-License-Identifier: MIT
 * Which column of a table is what: label, group, text, inputs, and those that are left out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "data/table.h"

/* The refusal lists the columns there are, as far as they fit. */
static enum lethe_err no_column(const struct lethe_table *t, const char *name,
                                struct lethe_error *err)
{
    char list[200] = "";
    for (size_t c = 0; t->names && c < t->csv.count && strlen(list) < sizeof list - 48; c++) {
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%.40s", c ? ", " : ": ", t->names[c]);
    }
    return lethe_fail(err, LETHE_EARG, "%s has no column '%.60s'%s; it has %zu columns%s",
                      t->csv.source, name, t->names ? "" : " and no header line", t->csv.count,
                      list);
}

static enum lethe_err find_column(size_t *at, const struct lethe_table *t, const char *name,
                                  const char *usual, struct lethe_error *err)
{
    const struct lethe_csv *csv = &t->csv;
    const char *wanted = name ? name : usual;
    for (size_t c = 0; t->names && wanted && c < csv->count; c++)
        if (!strcmp(csv->field[c], wanted)) {
            *at = c;
            return LETHE_OK;
        }
    if (!name)
        return LETHE_OK;
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    if (*end || *name < '0' || *name > '9' || number >= csv->count)
        return no_column(t, name, err);
    *at = number;
    return LETHE_OK;
}

static enum lethe_err keep_names(struct lethe_table *t, int header, struct lethe_error *err)
{
    t->skip = lethe_alloc_zero(t->columns + 1, 1);
    t->names = header && t->skip ? lethe_alloc_zero(t->columns + 1, sizeof *t->names) : NULL;
    for (size_t c = 0; t->names && c < t->columns; c++)
        if (!(t->names[c] = lethe_strdup(t->csv.field[c])))
            return lethe_fail_memory(err, t->csv.source, t->columns, 32);
    return t->skip && (!header || t->names)
               ? LETHE_OK
               : lethe_fail_memory(err, t->csv.source, t->columns, sizeof *t->names);
}

static enum lethe_err drop_columns(struct lethe_table *t, struct lethe_error *err)
{
    const struct lethe_data_source *source = t->loading->source;
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; i < source->drop_count && !code; i++) {
        size_t at = LETHE_NO_COLUMN;
        code = find_column(&at, t, source->drop_columns[i], NULL, err);
        if (!code && (at == t->label.at || at == t->group.at))
            return lethe_fail(err, LETHE_EARG, "%s: column '%s' is the %s and cannot be left out",
                              t->csv.source, source->drop_columns[i],
                              at == t->label.at ? "label" : "group");
        if (!code)
            t->skip[at] = 1;
    }
    return code;
}

enum lethe_err lethe_table_columns(struct lethe_table *t, int header, struct lethe_error *err)
{
    const struct lethe_data_source *source = t->loading->source;
    t->columns = t->csv.count;
    t->label.at = source->labels ? LETHE_NO_COLUMN : t->columns - 1;
    t->group.at = t->text_at = LETHE_NO_COLUMN;
    enum lethe_err code = keep_names(t, header, err);
    if (!code)
        code = find_column(&t->label.at, t, source->label_column, source->labels ? NULL : "label",
                           err);
    if (!code)
        code = find_column(&t->group.at, t, source->group_column, "group", err);
    if (!code)
        code = drop_columns(t, err);
    if (code)
        return code;
    if (t->label.at != LETHE_NO_COLUMN)
        t->skip[t->label.at] = 1;
    if (t->group.at != LETHE_NO_COLUMN)
        t->skip[t->group.at] = 1;
    t->width = 0;
    for (size_t c = 0; c < t->columns; c++)
        t->width += !t->skip[c];
    if (t->width == 0)
        return lethe_fail(err, LETHE_EFORMAT, "%s: %zu %s nothing beside label and group",
                          t->csv.source, t->columns,
                          t->columns == 1 ? "column leaves" : "columns leave");
    if (!t->vocabulary)
        return LETHE_OK;
    for (size_t c = 0; c < t->columns; c++)
        if (!t->skip[c])
            t->text_at = c;
    t->width = source->length;
    return find_column(&t->text_at, t, source->text_column, "text", err);
}

void lethe_table_columns_release(struct lethe_table *t)
{
    for (size_t c = 0; t->names && c < t->columns; c++)
        lethe_free(t->names[c]);
    lethe_free(t->names);
    lethe_free(t->skip);
}

const char *lethe_table_column(char text[64], const struct lethe_table *t, size_t column)
{
    if (t->names && *t->names[column])
        snprintf(text, 64, "'%.58s'", t->names[column]);
    else
        snprintf(text, 64, "%zu", column);
    return text;
}

size_t lethe_table_input(const struct lethe_table *t, size_t k)
{
    size_t c = 0;
    for (; c < t->columns; c++)
        if (!t->skip[c] && k-- == 0)
            break;
    return c;
}

enum lethe_err lethe_table_missing(struct lethe_table *t, struct lethe_error *err)
{
    const char *way = t->loading->source->missing;
    const char *const *ways = lethe_missing_ways();
    size_t which = 0;
    while (way && ways[which] && strcmp(ways[which], way) != 0)
        which++;
    if (way && !ways[which])
        return lethe_fail(err, LETHE_EARG,
                          "missing '%.40s': refuse, drop, mean, median or column are known", way);
    t->missing = which > 1 ? LETHE_MISSING_FILL : (enum lethe_missing)which;
    if (t->missing == LETHE_MISSING_DROP && t->loading->source->labels)
        return lethe_fail(err, LETHE_EARG,
                          "missing=drop needs the labels in the table: those of %s would no longer "
                          "fit",
                          t->loading->source->labels);
    return LETHE_OK;
}

const char *const *lethe_missing_ways(void)
{
    static const char *const ways[] = {"refuse", "drop", "mean", "median", "column", NULL};
    return ways;
}

/* ---- notes ----------------------------------------------------------------------------------- */

/* Names that programs give to the numbers of rows. */
static int names_rows(const char *name)
{
    static const char *const usual[] = {"",    "id",     "index",    "idx",
                                        "row", "row_id", "rownames", "uid"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (!strcasecmp(name, usual[i]))
            return 1;
    size_t n = strlen(name);
    return !strncmp(name, "Unnamed: ", 9) || (n > 3 && !strcasecmp(name + n - 3, "_id"));
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* 2: input k counts the rows (each one more than the last); 1: whole numbers, all different. */
static int is_numbering(double *room, const struct lethe_table *t, size_t k)
{
    int counts = 1;
    for (size_t i = 0; i < t->rows; i++) {
        room[i] = t->numbers[i * t->width + k];
        if (isnan(room[i]) || room[i] != floor(room[i]))
            return 0;
        counts &= !i || (room[i] - room[i - 1] >= 1 && room[i] - room[i - 1] <= 1);
    }
    qsort(room, t->rows, sizeof *room, by_size);
    for (size_t i = 1; i < t->rows && !counts; i++)
        if (room[i] <= room[i - 1])
            return 0;
    return 1 + counts;
}

static enum lethe_err note_numberings(struct lethe_table *t, struct lethe_error *err)
{
    enum { MANY = 50 }; /* rows that differ by chance no more, in whole numbers of a usual range */
    double *room = lethe_alloc(t->rows + 1, sizeof *room);
    enum lethe_err code = room ? LETHE_OK : lethe_fail_memory(err, "a column", t->rows, 8);
    for (size_t k = 0; k < t->width && !code && t->rows > 9; k++) {
        char name[64];
        size_t column = lethe_table_input(t, k);
        if (t->encoding && t->encoding->column[k].is_words)
            continue;
        int kind = is_numbering(room, t, k);
        int named = t->names && names_rows(t->names[column]);
        if (kind == 2 || (kind == 1 && (named || t->rows >= MANY)))
            code = lethe_loading_note(
                t->loading, err,
                "column %s %s and is an input all the same: leave it out with drop_columns=%zu",
                lethe_table_column(name, t, column),
                kind == 2 ? "counts the rows" : "is different in every row, like an id,", column);
    }
    lethe_free(room);
    return code;
}

/* "17.05.1910", "1.5.10", maybe with a time behind: two points, and no group of thousands. */
static int is_day(const char *c)
{
    size_t digits[3] = {0};
    for (int k = 0; k < 3; k++) {
        digits[k] = strspn(c, "0123456789");
        c += digits[k];
        if (k < 2 && *c++ != '.')
            return 0;
    }
    return digits[0] && digits[0] < 3 && digits[1] && digits[1] < 3 &&
           (digits[2] == 2 || digits[2] == 4) && (!*c || *c == ' ');
}

const char *lethe_table_no_words(const char *word)
{
    const char *c = word + strspn(word, "$-+ ");
    const int currency = !strncmp(c, "\xe2\x82\xac", 3) || !strncmp(c, "\xc2\xa3", 2);
    c += currency ? (*c == '\xe2' ? 3 : 2) : 0;
    size_t number = strspn(c, "0123456789.,' ");
    if (*c < '0' || *c > '9')
        return NULL;
    if (currency || *word == '$' || !strcmp(c + number, "%") ||
        !strncmp(c + number, "\xe2\x82\xac", 3))
        return "numbers with a sign of percent or currency: write them without";
    if (is_day(c) || (!c[strspn(c, "0123456789-/.: TZ+")] && strpbrk(c, "-/:")))
        return "dates or times: numbers made of them would be inputs";
    if (!c[number] && strpbrk(c, ",.'"))
        return "numbers whose comma or point may stand between thousands: write them without";
    return NULL;
}

/* Columns of words that are none, or as many as there are rows. */
static enum lethe_err note_words(struct lethe_table *t, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; t->learnt && k < t->learnt->columns && !code; k++) {
        char name[64];
        const struct lethe_words *words = &t->learnt->column[k].words;
        const size_t column = lethe_table_input(t, k);
        const char *kind = words->count ? lethe_table_no_words(words->word[0]) : NULL;
        if (!t->learnt->column[k].is_words || !words->count)
            continue;
        if (kind)
            code = lethe_loading_note(
                t->loading, err,
                "column %s ('%.24s') seems to hold %s; its %zu different words are inputs all the "
                "same: leave it out with drop_columns=%zu",
                lethe_table_column(name, t, column), words->word[0], kind, words->count, column);
        else if (words->count == t->rows && t->rows > 9)
            code = lethe_loading_note(t->loading, err,
                                      "column %s is different in every row, like an id, and its "
                                      "%zu words are inputs all the same: leave it out with "
                                      "drop_columns=%zu",
                                      lethe_table_column(name, t, column), words->count, column);
    }
    return code;
}

/* What is missing in columns of words is a word of its own. */
static enum lethe_err note_missing_words(struct lethe_table *t, struct lethe_error *err)
{
    size_t cells = 0, columns = 0;
    for (size_t k = 0; t->learnt && k < t->learnt->columns; k++) {
        const struct lethe_encoded *column = &t->learnt->column[k];
        const size_t before = cells;
        for (size_t i = 0; column->is_words && i < t->rows; i++)
            cells += (size_t)lethe_csv_is_missing(
                column->words.word[(size_t)t->numbers[i * t->width + k]]);
        columns += cells > before;
    }
    return cells ? lethe_loading_note(
                       t->loading, err,
                       "%zu missing value%s in %zu column%s of words: a word of its own "
                       "there; missing=drop leaves such rows out",
                       cells, cells == 1 ? "" : "s", columns, columns == 1 ? "" : "s")
                 : LETHE_OK;
}

/* Standard deviation of input k over the rows where it is known; 0 of words. */
static double deviation(const struct lethe_table *t, size_t k)
{
    double mean = 0, square = 0, count = 0;
    if (t->encoding && t->encoding->column[k].is_words)
        return 0;
    for (size_t i = 0; i < t->rows; i++) {
        double x = t->numbers[i * t->width + k];
        if (isnan(x))
            continue;
        double step = x - mean;
        mean += step / ++count;
        square += step * (x - mean);
    }
    return count > 1 ? sqrt(square / count) : 0;
}

/* Columns of very different scales, from which a network learns slowly. */
static enum lethe_err note_scales(struct lethe_table *t, struct lethe_error *err)
{
    enum { APART = 1000 };
    const struct lethe_normalize *norm = &t->loading->source->normalize;
    double least = INFINITY, most = 0;
    size_t narrow = 0, wide = 0;
    char one[64], other[64];
    if (norm->standardize || norm->stds)
        return LETHE_OK;
    for (size_t k = 0; k < t->width; k++) {
        double sd = deviation(t, k);
        if (sd > most)
            most = sd, wide = k;
        if (sd > 0 && sd < least)
            least = sd, narrow = k;
    }
    return most > APART * least
               ? lethe_loading_note(
                     t->loading, err,
                     "column %s varies %.0f times as much as column %s, which makes training "
                     "slow: normalize=standardize puts all columns on one scale",
                     lethe_table_column(one, t, lethe_table_input(t, wide)), most / least,
                     lethe_table_column(other, t, lethe_table_input(t, narrow)))
               : LETHE_OK;
}

enum lethe_err lethe_table_notes(struct lethe_table *t, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    if (t->vocabulary || t->loading->part)
        return LETHE_OK;
    if (!t->loading->source->like)
        code = note_numberings(t, err);
    if (!code)
        code = note_words(t, err);
    if (!code)
        code = note_missing_words(t, err);
    if (!code && !t->loading->source->like)
        code = note_scales(t, err);
    if (!code && t->csv.commas)
        code =
            lethe_loading_note(t->loading, err, "%zu numbers have a decimal comma", t->csv.commas);
    if (!code && t->dropped)
        code = lethe_loading_note(
            t->loading, err, "%zu row%s with missing values %s left out, %zu are there", t->dropped,
            t->dropped == 1 ? "" : "s", t->dropped == 1 ? "was" : "were", t->rows);
    return code;
}
