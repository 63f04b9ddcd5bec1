/* SPDX-License-Identifier: MIT
 * Tables with a label column: samples are the numbers of the other columns, or the tokens of a text
 * column. Labels and groups may be whole numbers or names; names are numbered in sorted order
 * unless the source declares them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/csv.h"
#include "data/dataset.h"
#include "data/encoding.h"
#include "data/loading.h"

static const size_t NO_COLUMN = (size_t)-1;

/* Values of one column as numbers of words; later as final numbers. */
struct coded {
    const char *what; /* "label", "group" */
    size_t at;
    struct lethe_words words;
    int32_t *code; /* (rows) */
};

struct table {
    struct lethe_loading *loading;
    struct lethe_csv csv;
    size_t columns, rows, room, width;
    struct coded label, group;
    size_t text_at; /* NO_COLUMN: all other columns are numbers */
    const struct lethe_words *vocabulary;
    double *numbers;               /* (rows, width); words as numbers until they are spread out */
    struct lethe_encoding *learnt; /* columns of words of this file, or NULL */
    const struct lethe_encoding *encoding; /* those in force: learnt, or of the source's `like` */
    int32_t *tokens;                       /* (rows, width), with a vocabulary */
};

static enum lethe_err find_column(size_t *at, const struct table *t, int header, const char *name,
                                  const char *usual, struct lethe_error *err)
{
    const struct lethe_csv *csv = &t->csv;
    const char *wanted = name ? name : usual;
    for (size_t c = 0; header && wanted && c < csv->count; c++)
        if (!strcmp(csv->field[c], wanted)) {
            *at = c;
            return LETHE_OK;
        }
    if (!name)
        return LETHE_OK;
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    if (*end || *name < '0' || *name > '9' || number >= csv->count)
        return lethe_fail(err, LETHE_EARG, "%s has no column '%s'%s; it has %zu columns",
                          csv->source, name, header ? "" : " and no header line", csv->count);
    *at = number;
    return LETHE_OK;
}

/* Roles of the columns, from the first record. */
static enum lethe_err find_columns(struct table *t, int header, struct lethe_error *err)
{
    const struct lethe_data_source *source = t->loading->source;
    t->columns = t->csv.count;
    t->label.at = source->labels ? NO_COLUMN : t->columns - 1;
    t->group.at = t->text_at = NO_COLUMN;
    enum lethe_err code = find_column(&t->label.at, t, header, source->label_column,
                                      source->labels ? NULL : "label", err);
    if (!code)
        code = find_column(&t->group.at, t, header, source->group_column, "group", err);
    size_t taken = (size_t)(t->label.at != NO_COLUMN) +
                   (size_t)(t->group.at != NO_COLUMN && t->group.at != t->label.at);
    if (!code && t->columns <= taken)
        code =
            lethe_fail(err, LETHE_EFORMAT, "%s: %zu columns leave nothing beside label and group",
                       t->csv.source, t->columns);
    t->width = t->columns - taken;
    if (code || !t->vocabulary)
        return code;
    for (size_t c = 0; c < t->columns; c++)
        if (c != t->label.at && c != t->group.at)
            t->text_at = c;
    t->width = source->length;
    return find_column(&t->text_at, t, header, source->text_column, "text", err);
}

static enum lethe_err grow(struct table *t, struct lethe_error *err)
{
    if (t->rows < t->room)
        return LETHE_OK;
    size_t room = t->room ? 2 * t->room : 256;
    size_t size = t->vocabulary ? sizeof *t->tokens : sizeof *t->numbers;
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

static enum lethe_err take_code(struct table *t, struct coded *column, struct lethe_error *err)
{
    long number = 0;
    if (column->at == NO_COLUMN)
        return LETHE_OK;
    const char *field = t->csv.field[column->at];
    if (!*field)
        return lethe_fail(err, LETHE_EFORMAT, "%s: line %zu has no %s", t->csv.source, t->csv.line,
                          column->what);
    enum lethe_err code = lethe_words_add(&number, &column->words, field, strlen(field), err);
    column->code[t->rows] = (int32_t)number;
    return code;
}

/* A word's number; -1 for one that the encoding in force does not know. */
static enum lethe_err take_word(double *out, struct table *t, size_t at, size_t column,
                                struct lethe_error *err)
{
    const char *word = t->csv.field[at];
    long number = 0;
    enum lethe_err code = LETHE_OK;
    if (t->learnt)
        code = lethe_words_add(&number, &t->learnt->column[column].words, word, strlen(word), err);
    else
        number = lethe_words_find(&t->encoding->column[column].words, word, strlen(word));
    if (!code && number >= LETHE_ENCODING_WORDS)
        code = lethe_fail(err, LETHE_EFORMAT,
                          "%s: column %zu has more than %d different words ('%.40s' in line %zu); "
                          "text needs a vocabulary",
                          t->csv.source, at + 1, LETHE_ENCODING_WORDS, word, t->csv.line);
    *out = (double)number;
    return code;
}

static enum lethe_err take_numbers(struct table *t, struct lethe_error *err)
{
    double *out = t->numbers + t->rows * t->width;
    for (size_t c = 0, k = 0; c < t->columns; c++) {
        if (c == t->label.at || c == t->group.at)
            continue;
        if (t->encoding && t->encoding->column[k++].is_words) {
            enum lethe_err code = take_word(out++, t, c, k - 1, err);
            if (code)
                return code;
            continue;
        }
        if (!lethe_csv_number(t->csv.field[c], out) || !isfinite(*out))
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s: line %zu, column %zu: '%.40s' is no finite "
                              "number; if the label stands there, name its column",
                              t->csv.source, t->csv.line, c + 1, t->csv.field[c]);
        out++;
    }
    return LETHE_OK;
}

static enum lethe_err take_row(struct table *t, struct lethe_error *err)
{
    if (t->csv.count != t->columns)
        return lethe_fail(err, LETHE_EFORMAT, "%s: line %zu has %zu fields, the first has %zu",
                          t->csv.source, t->csv.line, t->csv.count, t->columns);
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

static int whole(const char *word, long *number)
{
    char *end;
    *number = strtol(word, &end, 10);
    return *word >= '0' && *word <= '9' && !*end && *number < 1 << 30;
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
                              struct coded *column, const struct table *t,
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
        *out = (struct lethe_array){LETHE_I32, 1, {t->rows}, t->rows, column->code, NULL};
        column->code = NULL;
    }
    if (count)
        lethe_words_release(&names);
    lethe_free(map);
    return code;
}

/* Columns of words: those of the samples this file is to be like, or its own. text is its copy. */
static enum lethe_err choose_encoding(struct table *t, const struct lethe_bytes *text,
                                      struct lethe_error *err)
{
    const struct lethe_dataset *like = t->loading->source->like;
    const size_t skip[2] = {t->label.at, t->group.at};
    enum lethe_err code = LETHE_OK;
    while (like && like->below)
        like = like->below;
    if (like)
        t->encoding = like->encoding;
    else if (!t->loading->part)
        code = lethe_encoding_guess(&t->learnt, (char *)text->data, text->size, skip, t->csv.source,
                                    err);
    t->encoding = t->learnt ? t->learnt : t->encoding;
    if (!code && t->encoding && t->encoding->columns != t->width)
        code = lethe_fail(err, LETHE_EFORMAT, "%s has %zu columns, the training samples have %zu",
                          t->csv.source, t->width, t->encoding->columns);
    return code;
}

/* Words become columns of 0 and 1. */
static enum lethe_err spread_words(struct table *t, struct lethe_error *err)
{
    double *wide = NULL;
    size_t width = 0;
    enum lethe_err code = LETHE_OK;
    if (!t->encoding)
        return LETHE_OK;
    if (t->learnt)
        code = lethe_encoding_sort(t->learnt, t->numbers, t->rows, err);
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
static enum lethe_err read_rows(struct table *t, const struct lethe_bytes *text,
                                struct lethe_error *err)
{
    enum lethe_err code = lethe_csv_next(&t->csv, err);
    if (code)
        return code;
    if (!t->csv.count)
        return lethe_fail(err, LETHE_EFORMAT, "%s is empty", t->csv.source);
    int header = t->csv.count > 1 && lethe_csv_is_header(&t->csv);
    code = find_columns(t, header, err);
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
        code = lethe_fail(err, LETHE_EFORMAT, "%s has a header line but no rows", t->csv.source);
    return code;
}

/* Whole lines, enough to tell which columns hold words. */
static enum lethe_err copy_beginning(struct lethe_bytes *copy, const struct lethe_bytes *file,
                                     const char *source, struct lethe_error *err)
{
    enum { MOST = 1 << 18 };
    copy->size = file->size < MOST ? file->size : MOST;
    while (copy->size < file->size && copy->size > 0 && file->data[copy->size - 1] != '\n')
        copy->size--;
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
    struct table t = {
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
    if (!code && t.label.at != NO_COLUMN)
        code = resolve(&loading->parts.labels, &loading->classes, &t.label, &t, source->class_names,
                       source->class_name_count, err);
    if (!code && t.group.at != NO_COLUMN)
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
    lethe_words_release(&vocabulary);
    return code;
}
