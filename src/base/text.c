/* SPDX-License-Identifier: MIT
 * A growing text; grows by half, so adding is linear in all. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/alloc.h"

void lethe_text_release(struct lethe_text *text)
{
    lethe_free(text->at);
    *text = (struct lethe_text){0};
}

void lethe_text_clear(struct lethe_text *text)
{
    text->length = 0;
    text->failed = 0;
    if (text->at)
        text->at[0] = '\0';
}

static int reserve(struct lethe_text *text, size_t more)
{
    if (text->failed)
        return 0;
    if (more < text->room - text->length && text->at)
        return 1;
    size_t room = text->length + more + 1;
    if (room < text->room + text->room / 2)
        room = text->room + text->room / 2;
    char *at = lethe_realloc(text->at, room, 1);
    if (!at) {
        text->failed = 1;
        return 0;
    }
    text->at = at;
    text->room = room;
    return 1;
}

void lethe_text_add_bytes(struct lethe_text *text, const char *more, size_t length)
{
    if (!reserve(text, length))
        return;
    memcpy(text->at + text->length, more, length);
    text->length += length;
    text->at[text->length] = '\0';
}

void lethe_text_add(struct lethe_text *text, const char *more)
{
    lethe_text_add_bytes(text, more, strlen(more));
}

void lethe_text_add_char(struct lethe_text *text, char c, size_t times)
{
    if (!reserve(text, times))
        return;
    memset(text->at + text->length, c, times);
    text->length += times;
    text->at[text->length] = '\0';
}

void lethe_text_addf(struct lethe_text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length >= 0 && reserve(text, (size_t)length)) {
        vsnprintf(text->at + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
}

const char *lethe_text_get(const struct lethe_text *text)
{
    return text->at ? text->at : "";
}

enum lethe_err lethe_text_ok(const struct lethe_text *text, struct lethe_error *err)
{
    return text->failed ? lethe_fail_memory(err, "text", text->length, 1) : LETHE_OK;
}

size_t lethe_text_columns(const char *text)
{
    size_t columns = 0;
    for (; *text; text++)
        columns += ((unsigned char)*text & 0xC0) != 0x80;
    return columns;
}
