/* SPDX-License-Identifier: MIT
 * UTF-8, widths and ASCII twins. The width table holds the wide blocks that names and messages may
 * carry (East Asian scripts, emoji); it is deliberately independent of the C library's locale, so
 * a screen drawn in a test is the screen drawn on a terminal. */
#include <stddef.h>

#include "base/visible.h"
#include "ui/term/glyph.h"

uint32_t lethe_glyph_next(const char **text)
{
    const unsigned char *s = (const unsigned char *)*text;
    if (s[0] == 0)
        return 0;
    int more = s[0] < 0x80 ? 0 : s[0] >= 0xc2 && s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
    if ((s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4) {
        *text += 1;
        return 0xfffd;
    }
    uint32_t glyph = more == 0 ? s[0] : s[0] & (0x3fu >> more);
    for (int k = 1; k <= more; k++) {
        if ((s[k] & 0xc0) != 0x80) {
            *text += 1;
            return 0xfffd;
        }
        glyph = glyph << 6 | (s[k] & 0x3fu);
    }
    int overlong = (more == 2 && glyph < 0x800) || (more == 3 && glyph < 0x10000);
    if (overlong || glyph > 0x10ffff || (glyph >= 0xd800 && glyph < 0xe000)) {
        *text += 1;
        return 0xfffd;
    }
    *text += more + 1;
    return glyph;
}

int lethe_glyph_encode(char *out, uint32_t glyph)
{
    int more = glyph < 0x80 ? 0 : glyph < 0x800 ? 1 : glyph < 0x10000 ? 2 : 3;
    static const unsigned lead[] = {0, 0xc0, 0xe0, 0xf0};
    for (int k = more; k > 0; k--) {
        out[k] = (char)(0x80 | (glyph & 0x3f));
        glyph >>= 6;
    }
    out[0] = (char)(lead[more] | glyph);
    out[more + 1] = 0;
    return more + 1;
}

int lethe_glyph_width(uint32_t glyph)
{
    static const struct {
        uint32_t first, last;
        int width;
    } ranges[] = {
        {0x0000, 0x001f, 0},   {0x007f, 0x009f, 0},   {0x0300, 0x036f, 0},   {0x0483, 0x0489, 0},
        {0x0591, 0x05bd, 0},   {0x0610, 0x061a, 0},   {0x064b, 0x065f, 0},   {0x1100, 0x115f, 2},
        {0x1ab0, 0x1aff, 0},   {0x1dc0, 0x1dff, 0},   {0x200b, 0x200f, 0},   {0x202a, 0x202e, 0},
        {0x2060, 0x206f, 0},   {0x20d0, 0x20ff, 0},   {0x2e80, 0x303e, 2},   {0x3041, 0x33ff, 2},
        {0x3400, 0x4dbf, 2},   {0x4e00, 0x9fff, 2},   {0xa000, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},
        {0xf900, 0xfaff, 2},   {0xfe00, 0xfe0f, 0},   {0xfe20, 0xfe2f, 0},   {0xfe30, 0xfe6f, 2},
        {0xfeff, 0xfeff, 0},   {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2},   {0x1f300, 0x1f64f, 2},
        {0x1f680, 0x1f6ff, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2}, {0xe0000, 0xe0fff, 0},
    };
    for (size_t k = 0; k < sizeof ranges / sizeof ranges[0]; k++)
        if (glyph <= ranges[k].last)
            return glyph >= ranges[k].first ? ranges[k].width : 1;
    return 1;
}

int lethe_glyph_columns(const char *text)
{
    char piece[LETHE_VISIBLE_ROOM];
    int columns = 0;
    while (lethe_visible_next(piece, &text)) {
        const char *at = piece;
        for (uint32_t glyph; (glyph = lethe_glyph_next(&at)) != 0;)
            columns += lethe_glyph_width(glyph);
    }
    return columns;
}

char lethe_glyph_ascii(uint32_t glyph)
{
    static const struct {
        uint32_t glyph;
        char ascii;
    } twins[] = {
        {0x00a0, ' '},  {0x00b1, '~'}, {0x00b7, '.'}, {0x00d7, 'x'}, {0x2013, '-'}, {0x2014, '-'},
        {0x2019, '\''}, {0x2026, '~'}, {0x2190, '<'}, {0x2191, '^'}, {0x2192, '>'}, {0x2193, 'v'},
        {0x2212, '-'},  {0x221e, 'o'}, {0x2264, '<'}, {0x2265, '>'}, {0x2248, '~'}, {0x2580, '^'},
        {0x2581, '_'},  {0x2582, ','}, {0x2583, ':'}, {0x2584, '-'}, {0x2585, '='}, {0x2586, '+'},
        {0x2587, '*'},  {0x2588, '#'}, {0x2589, '#'}, {0x258a, '#'}, {0x258b, '='}, {0x258c, '='},
        {0x258d, '-'},  {0x258e, '-'}, {0x258f, '.'}, {0x2590, '|'}, {0x2591, '.'}, {0x2592, ':'},
        {0x2593, '%'},  {0x25a0, '#'}, {0x25b2, '^'}, {0x25b4, '^'}, {0x25b8, '>'}, {0x25bc, 'v'},
        {0x25be, 'v'},  {0x25c2, '<'}, {0x25c6, '*'}, {0x25cb, 'o'}, {0x25cf, '*'}, {0x25e6, 'o'},
        {0x2022, '*'},  {0x2500, '-'}, {0x2501, '='}, {0x2502, '|'}, {0x2504, '-'}, {0x254c, '-'},
        {0x2713, 'v'},  {0x2717, 'x'}, {0x2300, '0'}, {0x0394, 'd'}, {0x03bb, 'l'}, {0x03bc, 'u'},
        {0x03c3, 's'},  {0x00b2, '2'}, {0x2016, '|'}, {0x25c0, '<'}, {0x25b6, '>'},
    };
    if (glyph >= 0x20 && glyph < 0x7f)
        return (char)glyph;
    unsigned arms = lethe_glyph_arms(glyph);
    if (arms)
        return (arms & 3u) && (arms & 12u) ? '+' : (arms & 3u) ? '|' : '-';
    for (size_t k = 0; k < sizeof twins / sizeof twins[0]; k++)
        if (twins[k].glyph == glyph)
            return twins[k].ascii;
    return '?';
}

static const uint32_t rules[16] = {
    ' ',    0x2575, 0x2577, 0x2502, 0x2574, 0x2518, 0x2510, 0x2524,
    0x2576, 0x2514, 0x250c, 0x251c, 0x2500, 0x2534, 0x252c, 0x253c,
};

uint32_t lethe_glyph_rule(unsigned arms)
{
    return rules[arms & 15u];
}

unsigned lethe_glyph_arms(uint32_t glyph)
{
    for (unsigned arms = 1; arms < 16; arms++)
        if (rules[arms] == glyph)
            return arms;
    return 0;
}
