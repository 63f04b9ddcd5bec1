/* SPDX-License-Identifier: MIT
 * Labels as people have them: names, one-hot rows, whole numbers in floats, numbers that begin
 * at 1. What cannot be the number of a class is named for what it is. */
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/visible.h"
#include "data/loading.h"

enum { ALIKE = 5 }; /* notes of one kind that are kept */

enum lethe_err lethe_loading_note(struct lethe_loading *loading, struct lethe_error *err,
                                  const char *format, ...)
{
    enum { KINDS = sizeof loading->kinds / sizeof *loading->kinds };
    char text[320];
    long number;
    va_list args;
    size_t k = 0;
    while (k < loading->kind_count && loading->kinds[k].format != format)
        k++;
    if (k < loading->kind_count && loading->kinds[k].count++ >= ALIKE)
        return LETHE_OK;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    enum lethe_err code = lethe_words_add(&number, &loading->notes, text, strlen(text), err);
    if (!code && k == loading->kind_count && k < KINDS) {
        loading->kinds[k].format = format;
        loading->kinds[k].count = 1;
        loading->kinds[k].first = number;
        loading->kind_count++;
    }
    return code;
}

enum lethe_err lethe_loading_notes_end(struct lethe_loading *loading, struct lethe_error *err)
{
    enum lethe_err code = LETHE_OK;
    for (size_t k = 0; k < loading->kind_count && !code; k++) {
        char text[200];
        long number;
        if (loading->kinds[k].count <= ALIKE)
            continue;
        const char *first = loading->notes.word[loading->kinds[k].first];
        snprintf(text, sizeof text, "and %zu more like it: %.*s...",
                 loading->kinds[k].count - ALIKE, (int)lethe_visible_fit(first, 60), first);
        code = lethe_words_add(&number, &loading->notes, text, strlen(text), err);
    }
    return code;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static int whole(const char *word, long *number)
{
    char *end;
    *number = strtol(word, &end, 10);
    return *word >= '0' && *word <= '9' && !*end && *number < 1 << 30;
}

/* Numbers of the words of a text array: their own when all are whole numbers, those of declared
 * names, or the words' order, which then are the names found. */
static enum lethe_err number_words(long *map, struct lethe_words *found,
                                   const struct lethe_array *array, const char *const *declared,
                                   size_t count, const char *what, const char *source,
                                   struct lethe_error *err)
{
    size_t numbers = 0;
    enum lethe_err code = LETHE_OK;
    for (size_t w = 0; w < array->word_count; w++)
        numbers += whole(array->words[w], &map[w]) != 0;
    if (numbers == array->word_count && !count)
        return LETHE_OK;
    for (size_t w = 0; w < array->word_count && !code && !count; w++)
        code = lethe_words_add(&map[w], found, array->words[w], strlen(array->words[w]), err);
    for (size_t w = 0; w < array->word_count && !code && count; w++) {
        size_t c = 0;
        while (c < count && strcmp(declared[c], array->words[w]) != 0)
            c++;
        map[w] = (long)c;
        if (c == count && !(whole(array->words[w], &map[w]) && (size_t)map[w] < count))
            code = lethe_fail(err, LETHE_EFORMAT, "%s: the %s '%.60s' is none of the %zu declared",
                              source, what, array->words[w], count);
    }
    return code;
}

static enum lethe_err settle_words(struct lethe_array *array, struct lethe_words *found,
                                   const char *const *declared, size_t count, const char *what,
                                   const char *source, struct lethe_error *err)
{
    if (!array->words)
        return LETHE_OK;
    long *map = lethe_alloc(array->word_count + 1, sizeof *map);
    if (!map)
        return lethe_fail_memory(err, source, array->word_count, sizeof *map);
    enum lethe_err code = number_words(map, found, array, declared, count, what, source, err);
    for (size_t i = 0; i < array->count && !code; i++) {
        int32_t *at = (int32_t *)array->data + i;
        *at = (int32_t)map[*at];
    }
    lethe_free(map);
    return code;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* The place of the one 1 in a row of zeros; -1: several, none or other numbers. *ones counts. */
static long place_of_one(const struct lethe_array *array, size_t row, size_t *ones, int *other)
{
    size_t width = array->count / array->dims[0];
    long place = -1;
    *ones = 0;
    for (size_t c = 0; c < width; c++) {
        double value = lethe_array_get(array, row * width + c);
        if (value >= 1 && value <= 1) {
            place = (long)c;
            ++*ones;
        } else if (value < 0 || value > 0 || isnan(value)) {
            *other = 1;
        }
    }
    return *ones == 1 && !*other ? place : -1;
}

/* (n, C) rows with one 1 each become n numbers. */
static enum lethe_err settle_rows(struct lethe_array *array, const char *source,
                                  struct lethe_error *err)
{
    size_t n = array->ndim ? array->dims[0] : 0, width = n ? array->count / n : 0, ones = 0;
    int other = 0;
    if (width < 2 || array->words || array->ndim < 2)
        return LETHE_OK;
    int32_t *labels = lethe_alloc(n, sizeof *labels);
    if (!labels)
        return lethe_fail_memory(err, source, n, sizeof *labels);
    for (size_t i = 0; i < n; i++) {
        long place = place_of_one(array, i, &ones, &other);
        labels[i] = (int32_t)place;
        if (place >= 0)
            continue;
        lethe_free(labels);
        if (other)
            return lethe_fail(err, LETHE_EFORMAT,
                              "%s: sample %zu has %zu numbers for a label, which are no one-hot "
                              "row: the targets of a regression or soft labels; lethe takes one "
                              "class a sample",
                              source, i, width);
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: sample %zu holds %zu of %zu classes at once: multi-label targets; "
                          "lethe takes one class a sample",
                          source, i, ones, width);
    }
    lethe_array_release(array);
    *array =
        (struct lethe_array){.type = LETHE_I32, .ndim = 1, .dims = {n}, .count = n, .data = labels};
    return LETHE_OK;
}

enum { MOST_LABELS = 1 << 20 };

/* ---- numbers --------------------------------------------------------------------------------- */

/* Says which numbers below the last stand for nobody: the network gets an output for each. */
static enum lethe_err note_gaps(struct lethe_loading *loading, size_t last, struct lethe_error *err)
{
    const struct lethe_data_source *source = loading->source;
    const struct lethe_array *array = &loading->parts.labels;
    const int32_t *labels = array->data;
    const size_t first = source->first_label;
    unsigned char *seen = last < MOST_LABELS ? lethe_alloc_zero(last + 1, 1) : NULL;
    size_t empty = 0, lowest = last;
    if (!seen) /* so many are refused later */
        return LETHE_OK;
    for (size_t i = 0; i < array->count; i++)
        seen[labels[i]] = 1;
    for (size_t k = last; k-- > 0;)
        if (!seen[k]) {
            empty++;
            lowest = k;
        }
    const int from_one = !first && empty == 1 && !lowest;
    lethe_free(seen);
    if (from_one)
        return lethe_loading_note(loading, err,
                                  "labels run from 1 to %zu: class 0 has no samples; if the first "
                                  "class is numbered 1, say first_label=1",
                                  last);
    if (!empty || source->classes)
        return LETHE_OK;
    return lethe_loading_note(
        loading, err,
        "labels run up to %zu, but %zu of the numbers before it %s no samples "
        "(the first: %zu) and are classes all the same; names in the place of "
        "numbers, or y = np.unique(y, return_inverse=True)[1], leave none",
        last + first, empty, empty == 1 ? "has" : "have", lowest + first);
}

/* Numbers from first_label on, and where labels begin. */
static enum lethe_err settle_numbers(struct lethe_loading *loading, struct lethe_error *err)
{
    const struct lethe_data_source *source = loading->source;
    struct lethe_array *array = &loading->parts.labels;
    const double first = (double)source->first_label;
    double least = INFINITY, most = -INFINITY;
    if (loading->classes.count || source->class_name_count || !array->count)
        return LETHE_OK;
    int32_t *labels = lethe_alloc(array->count, sizeof *labels);
    if (!labels)
        return lethe_fail_memory(err, source->path, array->count, sizeof *labels);
    for (size_t i = 0; i < array->count; i++) {
        double value = lethe_array_get(array, i);
        least = fmin(least, value);
        most = fmax(most, value);
        if (!(value >= first && value < INT_MAX) || value != floor(value)) {
            lethe_free(labels); /* reported by sample when the dataset is made */
            return value < first && first > 0
                       ? lethe_fail(err, LETHE_EFORMAT,
                                    "%s: the label of sample %zu is %g, below first_label %g",
                                    source->path, i, value, first)
                       : LETHE_OK;
        }
        labels[i] = (int32_t)(value - first);
    }
    lethe_free(array->data);
    array->data = labels;
    array->type = LETHE_I32;
    return loading->part || source->like ? LETHE_OK
                                         : note_gaps(loading, (size_t)(most - first), err);
}

enum lethe_err lethe_labels_settle(struct lethe_loading *loading, struct lethe_error *err)
{
    const struct lethe_data_source *source = loading->source;
    struct lethe_dataset_parts *parts = &loading->parts;
    const char *from = source->labels ? source->labels : source->path;
    enum lethe_err code = settle_rows(&parts->labels, from, err);
    if (!code)
        code = settle_words(&parts->labels, &loading->classes, source->class_names,
                            source->class_name_count, "label", from, err);
    if (!code)
        code = settle_words(&parts->groups, &loading->groups, source->group_names,
                            source->group_name_count, "group", from, err);
    return code ? code : settle_numbers(loading, err);
}
