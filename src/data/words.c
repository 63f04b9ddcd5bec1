/* SPDX-License-Identifier: MIT
 * Numbered texts: open addressing with FNV-1a, at most half full. */
#include "data/words.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"

void lethe_words_release(struct lethe_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        lethe_free(words->word[i]);
    lethe_free(words->word);
    lethe_free(words->slot);
    *words = (struct lethe_words){0};
}

static size_t hash(const char *word, size_t length)
{
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)word[i]) * 1099511628211u;
    return (size_t)(h ^ h >> 29);
}

/* The slot that holds the word, or the free one where it would go. */
static size_t place(const struct lethe_words *words, const char *word, size_t length)
{
    size_t at = hash(word, length) & (words->slots - 1);
    for (; words->slot[at]; at = (at + 1) & (words->slots - 1)) {
        const char *there = words->word[words->slot[at] - 1];
        if (!strncmp(there, word, length) && !there[length])
            break;
    }
    return at;
}

long lethe_words_find(const struct lethe_words *words, const char *word, size_t length)
{
    return words->count ? (long)words->slot[place(words, word, length)] - 1 : LETHE_NO_WORD;
}

static int grow(struct lethe_words *words)
{
    if (words->count < words->room)
        return 1;
    size_t room = words->room ? 2 * words->room : 32, slots = 2 * room;
    char **word = lethe_realloc(words->word, room, sizeof *word);
    if (word)
        words->word = word;
    size_t *slot = word ? lethe_alloc_zero(slots, sizeof *slot) : NULL;
    if (!slot)
        return 0;
    lethe_free(words->slot);
    words->slot = slot;
    words->slots = slots;
    words->room = room;
    for (size_t i = 0; i < words->count; i++)
        slot[place(words, word[i], strlen(word[i]))] = i + 1;
    return 1;
}

enum lethe_err lethe_words_add(long *number, struct lethe_words *words, const char *word,
                               size_t length, struct lethe_error *err)
{
    *number = lethe_words_find(words, word, length);
    if (*number != LETHE_NO_WORD)
        return LETHE_OK;
    char *copy = grow(words) ? lethe_alloc(length + 1, 1) : NULL;
    if (!copy)
        return lethe_fail_memory(err, "names", words->count + 1, 32);
    memcpy(copy, word, length);
    copy[length] = '\0';
    words->slot[place(words, word, length)] = words->count + 1;
    words->word[words->count] = copy;
    *number = (long)words->count++;
    return LETHE_OK;
}

enum lethe_err lethe_words_read(struct lethe_words *words, const char *path,
                                struct lethe_error *err)
{
    struct lethe_bytes bytes;
    enum lethe_err code = lethe_file_read(&bytes, path, 256u << 20, err);
    if (code)
        return code;
    const char *at = (const char *)bytes.data, *end = at + bytes.size;
    *words = (struct lethe_words){0};
    if (memchr(at, 0, bytes.size))
        code = lethe_fail(err, LETHE_EFORMAT, "%s is no text: it has zero bytes", path);
    while (!code && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *next = stop ? stop + 1 : end;
        size_t length = (size_t)((stop ? stop : end) - at), before = words->count;
        if (length && at[length - 1] == '\r')
            length--;
        long number;
        code = lethe_words_add(&number, words, at, length, err);
        if (!code && words->count == before)
            code = lethe_fail(err, LETHE_EFORMAT, "%s: line %zu repeats line %ld ('%.*s')", path,
                              before + 1, number + 1, (int)(length < 60 ? length : 60), at);
        at = next;
    }
    if (!code && !words->count)
        code = lethe_fail(err, LETHE_EFORMAT, "%s is empty", path);
    lethe_free(bytes.data);
    if (code)
        lethe_words_release(words);
    return code;
}
