/* SPDX-License-Identifier: MIT
 * Elements of an NPY file that have another width in memory: half precision as float, unsigned
 * numbers as the next larger signed ones, texts as numbers of their words in sorted order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "data/formats.h"
#include "data/words.h"

/* `width` bytes as a whole number, the file's order undone. */
static uint64_t number_at(const unsigned char *at, size_t width, int swap)
{
    uint64_t value = 0;
    for (size_t k = 0; k < width; k++)
        value |= (uint64_t)at[swap ? width - 1 - k : k] << (8 * k);
    return value;
}

static float half(uint64_t bits)
{
    double fraction = (double)(bits & 0x3ff), sign = bits >> 15 & 1 ? -1 : 1;
    int exponent = (int)(bits >> 10 & 31);
    if (exponent == 31)
        return fraction > 0 ? NAN : (float)sign * INFINITY;
    return (float)(sign *
                   ldexp(exponent ? 1024 + fraction : fraction, exponent ? exponent - 25 : -24));
}

static enum lethe_err put_number(struct lethe_array *array, size_t i, uint64_t value, char kind,
                                 const char *source, struct lethe_error *err)
{
    if (kind == 'f')
        ((float *)array->data)[i] = half(value);
    else if (array->type == LETHE_I32)
        ((int32_t *)array->data)[i] = (int32_t)value;
    else if (value <= INT64_MAX)
        ((int64_t *)array->data)[i] = (int64_t)value;
    else
        return lethe_fail(err, LETHE_EFORMAT, "%s: element %zu is beyond 2^63", source, i);
    return LETHE_OK;
}

/* A code point in UTF-8 at `to`; how many bytes, 0 when there is none. */
static size_t put_letter(char *to, uint64_t point)
{
    if (point < 0x80) {
        to[0] = (char)point;
        return point > 0;
    }
    size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char lead[4] = {0, 0xc0, 0xe0, 0xf0};
    if (point > 0x10ffff)
        return 0;
    to[0] = (char)(lead[more] | point >> (6 * more));
    for (size_t k = 1; k <= more; k++)
        to[k] = (char)(0x80 | (point >> (6 * (more - k)) & 0x3f));
    return more + 1;
}

/* The text of one element, up to its first NUL; to has room for 4 bytes a letter. */
static size_t text_at(char *to, const unsigned char *at, const struct lethe_npy_layout *layout)
{
    size_t letter = layout->kind == 'U' ? 4 : 1, used = 0;
    for (size_t k = 0; k < layout->width; k += letter) {
        uint64_t point = number_at(at + k, letter, layout->swap && letter > 1);
        if (!point)
            break;
        if (letter == 1)
            to[used++] = (char)point;
        else
            used += put_letter(to + used, point);
    }
    return used;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Words in sorted order into the array, its elements renumbered; the words move over. */
static enum lethe_err sort_words(struct lethe_array *array, struct lethe_words *words,
                                 const char *source, struct lethe_error *err)
{
    struct lethe_words sorted = {0};
    enum lethe_err code = LETHE_OK;
    char **order = lethe_alloc(words->count + 1, sizeof *order);
    long *map = lethe_alloc(words->count + 1, sizeof *map), unused;
    if (!order || !map)
        code = lethe_fail_memory(err, source, words->count, sizeof *order);
    for (size_t w = 0; w < words->count && !code; w++)
        order[w] = words->word[w];
    if (!code && words->count)
        qsort(order, words->count, sizeof *order, by_text);
    for (size_t w = 0; w < words->count && !code; w++)
        code = lethe_words_add(&unused, &sorted, order[w], strlen(order[w]), err);
    for (size_t w = 0; w < words->count && !code; w++)
        map[w] = lethe_words_find(&sorted, words->word[w], strlen(words->word[w]));
    for (size_t i = 0; i < array->count && !code; i++) {
        int32_t *at = (int32_t *)array->data + i;
        *at = (int32_t)map[*at];
    }
    if (!code) {
        array->words = sorted.word;
        array->word_count = sorted.count;
        lethe_free(sorted.slot);
    } else {
        lethe_words_release(&sorted);
    }
    lethe_free(order);
    lethe_free(map);
    return code;
}

static enum lethe_err read_texts(struct lethe_array *array, const struct lethe_npy_layout *layout,
                                 const unsigned char *body, const char *source,
                                 struct lethe_error *err)
{
    struct lethe_words words = {0};
    char *text = lethe_alloc(layout->width + 1, 4);
    enum lethe_err code = text ? LETHE_OK : lethe_fail_memory(err, source, layout->width, 4);
    for (size_t i = 0; i < array->count && !code; i++) {
        long number = 0;
        size_t length = text_at(text, body + i * layout->width, layout);
        code = lethe_words_add(&number, &words, text, length, err);
        ((int32_t *)array->data)[i] = (int32_t)number;
    }
    if (!code)
        code = sort_words(array, &words, source, err);
    lethe_words_release(&words);
    lethe_free(text);
    return code;
}

enum lethe_err lethe_npy_convert(struct lethe_array *array, const struct lethe_npy_layout *layout,
                                 const unsigned char *body, size_t size, const char *source,
                                 struct lethe_error *err)
{
    array->count = 1;
    for (size_t d = 0; d < array->ndim; d++) {
        if (array->dims[d] && array->count > SIZE_MAX / 16 / array->dims[d])
            return lethe_fail(err, LETHE_EFORMAT, "%s: the header claims an impossible size",
                              source);
        array->count *= array->dims[d];
    }
    if (array->count != size / layout->width || size % layout->width)
        return lethe_fail(err, LETHE_EFORMAT,
                          "%s: the header promises %zu elements of %zu bytes, the file has %zu "
                          "bytes",
                          source, array->count, layout->width, size);
    array->data = lethe_alloc(array->count + 1, lethe_element_size(array->type));
    if (!array->data)
        return lethe_fail_memory(err, source, array->count, lethe_element_size(array->type));
    if (strchr("US", layout->kind))
        return read_texts(array, layout, body, source, err);
    enum lethe_err code = LETHE_OK;
    for (size_t i = 0; i < array->count && !code; i++)
        code =
            put_number(array, i, number_at(body + i * layout->width, layout->width, layout->swap),
                       layout->kind, source, err);
    return code;
}
