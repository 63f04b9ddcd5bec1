/* SPDX-License-Identifier: MIT
 * Which characters may stand on a terminal as they are. The ranges follow the Unicode categories
 * Cc, Cf, Zl and Zp; the joiners U+200C and U+200D stay, because names in Persian, in Indic scripts
 * and of emoji need them and they move nothing. */
#include "base/visible.h"

#include <stdio.h>
#include <string.h>

/* Length of the UTF-8 character at s, 0 when there is none (a lone byte, an overlong form, a
 * surrogate, beyond U+10FFFF). */
static size_t decode(uint32_t *point, const unsigned char *s)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t length = s[0] < 0x80                    ? 1
                          : s[0] >= 0xc2 && s[0] < 0xe0  ? 2
                          : s[0] >= 0xe0 && s[0] < 0xf0  ? 3
                          : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                                         : 0;
    if (length == 0)
        return 0;
    uint32_t value = length == 1 ? s[0] : s[0] & (0x7fu >> length);
    for (size_t k = 1; k < length; k++) {
        if ((s[k] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (s[k] & 0x3fu);
    }
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
        return 0;
    *point = value;
    return length;
}

static int is_hidden(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x061c, 0x061c},
        {0x180e, 0x180e},   {0x200b, 0x200b},   {0x200e, 0x200f},   {0x2028, 0x202e},
        {0x2060, 0x206f},   {0xfeff, 0xfeff},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},
        {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff},
    };
    for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++)
        if (point <= ranges[k].last)
            return point >= ranges[k].first;
    return 0;
}

static size_t escape(char out[LETHE_VISIBLE_ROOM], uint32_t point)
{
    const char *format = point < 0x80 ? "\\x%02x" : point < 0x10000 ? "\\u%04x" : "\\U%08x";
    if (point == '\n' || point == '\r' || point == '\t')
        return (size_t)snprintf(out, LETHE_VISIBLE_ROOM, "\\%c",
                                point == '\n'   ? 'n'
                                : point == '\r' ? 'r'
                                                : 't');
    return (size_t)snprintf(out, LETHE_VISIBLE_ROOM, format, (unsigned)point);
}

size_t lethe_visible_next(char out[LETHE_VISIBLE_ROOM], const char **text)
{
    const char *at = *text;
    uint32_t point = 0;
    if (!*at)
        return out[0] = '\0', (size_t)0;
    const size_t length = decode(&point, (const unsigned char *)at);
    *text = at + (length ? length : 1);
    if (!length)
        return (size_t)snprintf(out, LETHE_VISIBLE_ROOM, "\\x%02x", (unsigned)(unsigned char)*at);
    if (is_hidden(point))
        return escape(out, point);
    memcpy(out, at, length);
    out[length] = '\0';
    return length;
}

int lethe_visible_as_is(const char *text)
{
    char piece[LETHE_VISIBLE_ROOM];
    for (const char *at = text; *at;) {
        const char *from = at;
        const size_t length = lethe_visible_next(piece, &at);
        if (length != (size_t)(at - from) || memcmp(piece, from, length) != 0)
            return 0;
    }
    return 1;
}

int lethe_visible_means(const char *text, const char *given, size_t length)
{
    char piece[LETHE_VISIBLE_ROOM];
    size_t at = 0, size;
    if (strlen(text) == length && !memcmp(text, given, length))
        return 1;
    while ((size = lethe_visible_next(piece, &text))) {
        if (size > length - at || memcmp(piece, given + at, size) != 0)
            return 0;
        at += size;
    }
    return at == length;
}

void lethe_text_add_visible(struct lethe_text *out, const char *text, const char *keep)
{
    char piece[LETHE_VISIBLE_ROOM];
    while (*text) {
        if (strchr(keep, *text)) {
            lethe_text_add_bytes(out, text++, 1);
            continue;
        }
        const size_t length = lethe_visible_next(piece, &text);
        lethe_text_add_bytes(out, piece, length);
    }
}

static void add_units(struct lethe_text *out, uint32_t point)
{
    if (point < 0x10000) {
        lethe_text_addf(out, "\\u%04x", (unsigned)point);
        return;
    }
    const uint32_t rest = point - 0x10000;
    lethe_text_addf(out, "\\u%04x\\u%04x", 0xd800 + (unsigned)(rest >> 10),
                    0xdc00 + (unsigned)(rest & 0x3ff));
}

size_t lethe_visible_fit(const char *text, size_t most)
{
    size_t length = strnlen(text, most + 1);
    if (length > most)
        for (length = most; length && ((unsigned char)text[length] & 0xc0) == 0x80;)
            length--;
    return length;
}

void lethe_text_add_json(struct lethe_text *out, const char *text)
{
    while (*text) {
        uint32_t point = 0xfffd;
        const size_t length = decode(&point, (const unsigned char *)text);
        if (*text == '"' || *text == '\\')
            lethe_text_addf(out, "\\%c", *text);
        else if (!length || is_hidden(point))
            add_units(out, point);
        else
            lethe_text_add_bytes(out, text, length);
        text += length ? length : 1;
    }
}

void lethe_text_add_json_page(struct lethe_text *out, const char *page)
{
    while (*page) {
        uint32_t point = 0xfffd;
        size_t plain = 0;
        while ((page[plain] >= ' ' && page[plain] <= '~') || page[plain] == '\n' ||
               page[plain] == '\t')
            plain++;
        lethe_text_add_bytes(out, page, plain);
        page += plain;
        const size_t length = decode(&point, (const unsigned char *)page);
        if (!*page)
            return;
        if (length && !is_hidden(point))
            lethe_text_add_bytes(out, page, length);
        else
            add_units(out, point);
        page += length ? length : 1;
    }
}
