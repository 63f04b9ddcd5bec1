/* SPDX-License-Identifier: MIT
 * The tokenizer: deterministic, without tables beyond the vocabulary. UTF-8 in; a byte that is no
 * UTF-8 counts as a character of its own. */
#include <string.h>

#include "data/loading.h"

enum { PADDING = 0, UNKNOWN = 1, RUN_ROOM = 128 };

static int is_word(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

static size_t character(const unsigned char *at)
{
    size_t n = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : at[0] >= 0xC0 ? 2 : 1;
    for (size_t k = 1; k < n; k++)
        if ((at[k] & 0xC0) != 0x80)
            return 1;
    return n;
}

/* White space of Unicode, by its bytes. */
static int is_space(const unsigned char *at, size_t n)
{
    if (n == 1)
        return *at == ' ' || (*at >= 0x09 && *at <= 0x0D) || (*at >= 0x1C && *at <= 0x1F);
    if (n == 2)
        return at[0] == 0xC2 && (at[1] == 0x85 || at[1] == 0xA0);
    if (n != 3)
        return 0;
    unsigned point = (at[0] & 15u) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u);
    return point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 ||
           point == 0x2029 || point == 0x202F || point == 0x205F || point == 0x3000;
}

/* Longest token that is looked up; a longer one is unknown. */
static int32_t number_of(const unsigned char *token, size_t n, const struct lethe_words *vocabulary)
{
    char lower[RUN_ROOM];
    if (n > RUN_ROOM)
        return UNKNOWN;
    for (size_t k = 0; k < n; k++)
        lower[k] = (char)(token[k] >= 'A' && token[k] <= 'Z' ? token[k] + 32 : token[k]);
    long number = lethe_words_find(vocabulary, lower, n);
    return number == LETHE_NO_WORD ? UNKNOWN : (int32_t)number;
}

void lethe_tokens(int32_t *out, size_t length, const char *text,
                  const struct lethe_words *vocabulary)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t count = 0;
    while (*at && count < length) {
        size_t n = 1;
        if (is_word(*at))
            while (is_word(at[n]))
                n++;
        else
            n = character(at);
        if (!is_space(at, n))
            out[count++] = number_of(at, n, vocabulary);
        at += n;
    }
    while (count < length)
        out[count++] = PADDING;
}
