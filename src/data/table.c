/* SPDX-License-Identifier: MIT
 * Tables with a label column: samples are the numbers of the other columns, or the tokens of a text
 * column. Labels and groups may be whole numbers or names; names are numbered in sorted order
 * unless the source declares them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/dataset.h"
#include "data/table.h"

/* Bytes of a table's numbers at most. */
#define TABLE_LIMIT ((size_t)4 * LETHE_FILE_LIMIT)
enum { USUAL_WORDS = 100 };

static enum lethe_err grow(struct lethe_table *t, struct lethe_error *err)
{
    if (t->rows < t->room)
        return LETHE_OK;
    size_t size = t->vocabulary ? sizeof *t->tokens : sizeof *t->numbers;
    size_t first = (1 << 20) / t->width, room = t->room       ? 2 * t->room
                                                : first < 256 ? first + 1
                                                              : 256;
    if (t->rows * t->width > lethe_file_most(TABLE_LIMIT) / size)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: a table of more than %zu rows of %zu columns is too large to load "
                          "whole",
                          t->csv.source, t->rows, t->width);
    void *block = t->vocabulary ? (void *)t->tokens : (void *)t->numbers, *larger = NULL;
    if (room <= SIZE_MAX / 16 / t->width)
        larger = lethe_realloc(block, room * t->width, size);
    if (larger && t->vocabulary)
        t->tokens = larger;
    else if (larger)
        t->numbers = larger;
    int32_t *labels = larger ? lethe_realloc(t->label.code, room, sizeof *labels) : NULL;
    if (labels)
        t->label.code = labels;
    int32_t *groups = labels ? lethe_realloc(t->group.code, room, sizeof *groups) : NULL;
    if (!groups)
        return lethe_fail_memory(err, t->csv.source, room * t->width, size);
    t->group.code = groups;
    t->room = room;
    return LETHE_OK;
}

static enum lethe_err take_code(struct lethe_table *t, struct lethe_coded *column,
                                struct lethe_error *err)
{
    long number = 0;
    if (column->at == LETHE_NO_COLUMN)
        return LETHE_OK;
    const char *field = t->csv.field[column->at];
    if (!*field)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: line %zu has no %s; missing=drop leaves such rows out",
                          t->csv.source, t->csv.line, column->what);
    enum lethe_err code = lethe_words_add(&number, &column->words, field, strlen(field), err);
    column->code[t->rows] = (int32_t)number;
    return code;
}

/* What a column of ever new words probably is. */
static const char *likely(const char *word)
{
    const char *kind = lethe_table_no_words(word);
    return kind ? kind : strchr(word, ' ') ? "text, which needs a vocabulary" : "names or ids";
}

static enum lethe_err too_many_words(const struct lethe_table *t, size_t at, size_t most,
                                     struct lethe_error *err)
{
    char name[64];
    const char *word = t->csv.field[at];
    return lethe_fail(
        err, LETHE_EFORMAT,
        "%s: column %s has more than %zu different words ('%.40s' in line %zu): %s; "
        "leave it out with drop_columns=%zu%s",
        t->csv.source, lethe_table_column(name, t, at), most, word, t->csv.line, likely(word), at,
        most < LETHE_ENCODING_WORDS ? ", or say words=1000 to make each an input" : "");
}

/* A word's number; -1 for one that the encoding in force does not know. */
static enum lethe_err take_word(double *out, struct lethe_table *t, size_t at, size_t column,
                                struct lethe_error *err)
{
    const char *word = t->csv.field[at];
    long number = 0;
    enum lethe_err code = LETHE_OK;
    if (t->learnt)
        code = lethe_words_add(&number, &t->learnt->column[column].words, word, strlen(word), err);
    else
        number = lethe_words_find(&t->encoding->column[column].words, word, strlen(word));
    size_t most = t->loading->source->most_words;
    most = !most ? USUAL_WORDS : most < LETHE_ENCODING_WORDS ? most : LETHE_ENCODING_WORDS;
    if (!code && number >= (long)most)
        code = too_many_words(t, at, most, err);
    *out = (double)number;
    return code;
}

static enum lethe_err take_numbers(struct lethe_table *t, struct lethe_error *err)
{
    double *out = t->numbers + t->rows * t->width;
    for (size_t c = 0, k = 0; c < t->columns; c++) {
        if (t->skip[c])
            continue;
        if (t->encoding && t->encoding->column[k++].is_words) {
            enum lethe_err code = take_word(out++, t, c, k - 1, err);
            if (code)
                return code;
            continue;
        }
        int is_number = lethe_csv_number(t->csv.field[c], out);
        if (!is_number || isinf(*out))
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s: line %zu, column %zu: '%.40s' is no finite "
                              "number%s",
                              t->csv.source, t->csv.line, c + 1, t->csv.field[c],
                              strchr(t->csv.field[c], ',')
                                  ? ": its comma may stand for a point or between thousands; write "
                                    "it without"
                                  : "; if the label stands there, name its column");
        if (isnan(*out) && t->missing == LETHE_MISSING_REFUSE)
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s: line %zu, column %zu: the value is missing ('%.20s'); say "
                              "missing=drop, mean, median or column (filled, with a column that "
                              "says where)",
                              t->csv.source, t->csv.line, c + 1, t->csv.field[c]);
        out++;
    }
    return LETHE_OK;
}

/* Whether an input of the last record, or its label or group, is missing. */
static int lacks_value(const struct lethe_table *t)
{
    for (size_t c = 0; c < t->columns; c++)
        if (c == t->label.at || c == t->group.at
                ? !*t->csv.field[c]
                : !t->skip[c] && lethe_csv_is_missing(t->csv.field[c]))
            return 1;
    return 0;
}

static enum lethe_err take_row(struct lethe_table *t, struct lethe_error *err)
{
    if (t->csv.count != t->columns)
        return lethe_fail(err, LETHE_EFORMAT, "%s: line %zu has %zu fields, the first has %zu",
                          t->csv.source, t->csv.line, t->csv.count, t->columns);
    if (t->missing == LETHE_MISSING_DROP && !t->vocabulary && lacks_value(t)) {
        t->dropped++;
        return LETHE_OK;
    }
    enum lethe_err code = grow(t, err);
    if (!code)
        code = take_code(t, &t->label, err);
    if (!code)
        code = take_code(t, &t->group, err);
    if (!code && t->vocabulary)
        lethe_tokens(t->tokens + t->rows * t->width, t->width, t->csv.field[t->text_at],
                     t->vocabulary);
    else if (!code)
        code = take_numbers(t, err);
    t->rows++;
    return code;
}

/* "3", also as "3.0". */
static int whole(const char *word, long *number)
{
    char *end;
    *number = strtol(word, &end, 10);
    if (*end == '.')
        end += 1 + strspn(end + 1, "0");
    return *word >= '0' && *word <= '9' && !*end && *number < 1 << 30;
}

/* Labels that are real numbers, some of them no whole ones: nobody's names. */
static enum lethe_err refuse_reals(const struct lethe_coded *column, const struct lethe_table *t,
                                   struct lethe_error *err)
{
    const struct lethe_words *words = &column->words;
    const char *real = NULL;
    double value;
    for (size_t i = 0; i < words->count; i++) {
        if (!lethe_csv_number(words->word[i], &value))
            return LETHE_OK;
        if (value != floor(value))
            real = words->word[i];
    }
    return real ? lethe_fail(err, LETHE_EFORMAT,
                             "%s: the %s '%.40s' is a real number: the target of a regression, "
                             "which lethe does not take; %ss are whole numbers or names (declare "
                             "'classes' if these are names)",
                             t->csv.source, column->what, real, column->what)
                : LETHE_OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names in sorted order into *sorted (empty when all words are whole numbers). */
static enum lethe_err sort_names(struct lethe_words *sorted, const struct lethe_words *words,
                                 struct lethe_error *err)
{
    long number;
    size_t i = 0;
    while (i < words->count && whole(words->word[i], &number))
        i++;
    if (i == words->count)
        return LETHE_OK;
    char **order = lethe_alloc(words->count, sizeof *order);
    if (!order)
        return lethe_fail_memory(err, "names", words->count, sizeof *order);
    memcpy(order, words->word, words->count * sizeof *order);
    qsort(order, words->count, sizeof *order, by_text);
    enum lethe_err code = LETHE_OK;
    for (i = 0; i < words->count && !code; i++)
        code = lethe_words_add(&number, sorted, order[i], strlen(order[i]), err);
    lethe_free(order);
    return code;
}

/* Words to final numbers, by declared names when there are any; the column becomes an array. */
static enum lethe_err resolve(struct lethe_array *out, struct lethe_words *found,
                              struct lethe_coded *column, const struct lethe_table *t,
                              const char *const *declared, size_t count, struct lethe_error *err)
{
    struct lethe_words names = {0};
    const struct lethe_words *words = &column->words;
    enum lethe_err code = LETHE_OK;
    long number, *map = lethe_alloc(words->count, sizeof *map);
    if (!map)
        return lethe_fail_memory(err, t->csv.source, words->count, sizeof *map);
    for (size_t i = 0; i < count && !code; i++)
        code = lethe_words_add(&number, &names, declared[i], strlen(declared[i]), err);
    if (!code && !count)
        code = refuse_reals(column, t, err);
    if (!code && !count) {
        code = sort_names(found, words, err);
        names = *found;
    }
    for (size_t i = 0; i < words->count && !code; i++) {
        const char *word = words->word[i];
        map[i] = lethe_words_find(&names, word, strlen(word));
        if (map[i] == LETHE_NO_WORD &&
            !(whole(word, &map[i]) && (!count || (size_t)map[i] < count)))
            code = lethe_fail(err, LETHE_EFORMAT, "%s: the %s '%.60s' is none of the %zu declared",
                              t->csv.source, column->what, word, count);
    }
    for (size_t i = 0; i < t->rows && !code; i++)
        column->code[i] = (int32_t)map[column->code[i]];
    if (!code) {
        *out = (struct lethe_array){LETHE_I32, 1, {t->rows}, t->rows, column->code, NULL, NULL, 0};
        column->code = NULL;
    }
    if (count)
        lethe_words_release(&names);
    lethe_free(map);
    return code;
}

/* Columns of words: those of the samples this file is to be like, or its own. text is its copy. */
static enum lethe_err choose_encoding(struct lethe_table *t, const struct lethe_bytes *text,
                                      struct lethe_error *err)
{
    const struct lethe_dataset *like = t->loading->source->like;
    enum lethe_err code = LETHE_OK;
    while (like && like->below)
        like = like->below;
    if (like)
        t->encoding = like->encoding;
    else if (!t->loading->part)
        code = lethe_encoding_guess(&t->learnt, (char *)text->data, text->size, t->skip, t->width,
                                    t->csv.source, err);
    if (!code && !like && !t->learnt && t->missing == LETHE_MISSING_FILL)
        code = t->loading->part
                   ? lethe_fail(err, LETHE_EARG,
                                "%s: missing values are filled by those of the training samples: "
                                "load them first",
                                t->csv.source)
                   : lethe_encoding_make(&t->learnt, t->width, err);
    t->encoding = t->learnt ? t->learnt : t->encoding;
    if (!code && t->encoding && t->encoding->columns != t->width)
        code = lethe_fail(err, LETHE_EFORMAT, "%s has %zu columns, the training samples have %zu",
                          t->csv.source, t->width, t->encoding->columns);
    return code;
}

static enum lethe_err learn_fillings(struct lethe_table *t, struct lethe_error *err)
{
    size_t cells, columns;
    const char *way = t->loading->source->missing;
    enum lethe_err code =
        lethe_encoding_fill(t->learnt, t->numbers, t->rows, way, &cells, &columns, err);
    if (code || !cells)
        return code;
    return lethe_loading_note(t->loading, err,
                              "%zu missing value%s in %zu column%s filled by the column's %s%s",
                              cells, cells == 1 ? "" : "s", columns, columns == 1 ? "" : "s",
                              !strcmp(way, "median") ? "median" : "mean",
                              !strcmp(way, "column") ? ", with a column that says where" : "");
}

/* Words become columns of 0 and 1, what is missing is filled in. */
/* Columns of words grow: past the limit of a table, or manifold past a quarter of it, they are
 * asked about. */
static enum lethe_err fits_spread(const struct lethe_table *t, struct lethe_error *err)
{
    enum { FOLD = 16 };
    const size_t width = lethe_encoding_width(t->encoding), most = lethe_file_most(TABLE_LIMIT);
    const size_t numbers = (width > FOLD * t->width ? most / 4 : most) / sizeof *t->numbers;
    if (!t->rows || width <= numbers / t->rows)
        return LETHE_OK;
    return lethe_fail(
        err, LETHE_EFORMAT,
        "%s: its words make %zu inputs of %zu columns, for %zu rows more than %zu MB: "
        "leave columns out with drop_columns",
        t->csv.source, width, t->width, t->rows, numbers * sizeof *t->numbers >> 20);
}

static enum lethe_err spread_words(struct lethe_table *t, struct lethe_error *err)
{
    double *wide = NULL;
    size_t width = 0;
    enum lethe_err code = LETHE_OK;
    if (!t->encoding)
        return LETHE_OK;
    if (t->learnt)
        code = lethe_encoding_sort(t->learnt, t->numbers, t->rows, err);
    if (!code && t->learnt && t->missing == LETHE_MISSING_FILL)
        code = learn_fillings(t, err);
    if (!code)
        code = fits_spread(t, err);
    if (!code)
        code = lethe_encoding_expand(&wide, &width, t->encoding, t->numbers, t->rows, err);
    if (code)
        return code;
    lethe_free(t->numbers);
    t->numbers = wide;
    t->width = width;
    return LETHE_OK;
}

/* text: the beginning of the table as it was, since reading changes it. */
static enum lethe_err read_rows(struct lethe_table *t, const struct lethe_bytes *text,
                                struct lethe_error *err)
{
    enum lethe_err code = lethe_csv_next(&t->csv, err);
    if (code)
        return code;
    if (!t->csv.count)
        return lethe_fail(err, LETHE_EFORMAT, "%s is empty", t->csv.source);
    int header = t->csv.count > 1 && lethe_csv_is_header(&t->csv);
    code = lethe_table_columns(t, header, err);
    if (!code)
        code = lethe_table_missing(t, err);
    if (!code && !t->vocabulary)
        code = choose_encoding(t, text, err);
    if (!code && header)
        code = lethe_csv_next(&t->csv, err);
    while (!code && t->csv.count) {
        code = take_row(t, err);
        if (!code)
            code = lethe_csv_next(&t->csv, err);
    }
    if (!code && !t->rows)
        code =
            lethe_fail(err, LETHE_EFORMAT, "%s has %s", t->csv.source,
                       t->dropped ? "no row without a missing value" : "a header line but no rows");
    return code ? code : lethe_table_notes(t, err);
}

/* Bytes of a file to look at: so many at least, to the end of a line and of a few of them. */
static size_t beginning(const struct lethe_bytes *file)
{
    enum { MOST = 1 << 18, LINES = 20 };
    size_t size = file->size < MOST ? file->size : MOST, lines = 0;
    while (size < file->size && size > 0 && file->data[size - 1] != '\n')
        size--;
    for (size_t k = 0; k < size; k++)
        lines += file->data[k] == '\n';
    for (; lines < LINES && size < file->size; size++)
        lines += file->data[size] == '\n';
    return size;
}

/* Whole lines, enough to tell which columns hold words. */
static enum lethe_err copy_beginning(struct lethe_bytes *copy, const struct lethe_bytes *file,
                                     const char *source, struct lethe_error *err)
{
    copy->size = beginning(file);
    copy->data = lethe_alloc_zero(copy->size + 1, 1);
    if (!copy->data)
        return lethe_fail_memory(err, source, copy->size, 1);
    memcpy(copy->data, file->data, copy->size);
    return LETHE_OK;
}

static enum lethe_err load(struct lethe_loading *loading, const struct lethe_words *vocabulary,
                           struct lethe_error *err)
{
    const struct lethe_data_source *source = loading->source;
    struct lethe_table t = {
        .loading = loading, .vocabulary = vocabulary, .label.what = "label", .group.what = "group"};
    struct lethe_bytes text = {0};
    enum lethe_err code =
        lethe_csv_open(&t.csv, (char *)loading->bytes.data, loading->bytes.size, source->path, err);
    if (!code && !vocabulary)
        code = copy_beginning(&text, &loading->bytes, source->path, err);
    if (!code)
        code = read_rows(&t, &text, err);
    lethe_free(text.data);
    if (!code)
        code = spread_words(&t, err);
    if (!code && t.label.at != LETHE_NO_COLUMN)
        code = resolve(&loading->parts.labels, &loading->classes, &t.label, &t, source->class_names,
                       source->class_name_count, err);
    if (!code && t.group.at != LETHE_NO_COLUMN)
        code = resolve(&loading->parts.groups, &loading->groups, &t.group, &t, source->group_names,
                       source->group_name_count, err);
    if (!code) {
        loading->parts.x =
            (struct lethe_array){.type = vocabulary ? LETHE_I32 : LETHE_DOUBLE,
                                 .ndim = 2,
                                 .dims = {t.rows, t.width},
                                 .count = t.rows * t.width,
                                 .data = vocabulary ? (void *)t.tokens : (void *)t.numbers};
        loading->parts.encoding = t.learnt;
        t.tokens = NULL;
        t.numbers = NULL;
        t.learnt = NULL;
    }
    lethe_csv_close(&t.csv);
    lethe_table_columns_release(&t);
    lethe_words_release(&t.label.words);
    lethe_words_release(&t.group.words);
    lethe_free(t.label.code);
    lethe_free(t.group.code);
    lethe_encoding_free(t.learnt);
    lethe_free(t.numbers);
    lethe_free(t.tokens);
    return code;
}

enum lethe_err lethe_load_table(struct lethe_loading *loading, struct lethe_error *err)
{
    return load(loading, NULL, err);
}

enum lethe_err lethe_load_text(struct lethe_loading *loading, struct lethe_error *err)
{
    struct lethe_words vocabulary;
    const struct lethe_data_source *source = loading->source;
    if (!source->vocabulary || !source->length)
        return lethe_fail(err, LETHE_EARG,
                          "%s: text needs a vocabulary file and the number of tokens of a sample",
                          source->path);
    enum lethe_err code = lethe_words_read(&vocabulary, source->vocabulary, err);
    if (code)
        return code;
    code = load(loading, &vocabulary, err);
    loading->parts.tokens = vocabulary.count;
    lethe_words_release(&vocabulary);
    return code;
}
