/* SPDX-License-Identifier: MIT
 * The theme: one row per meaning. Series colours are the palette entries nearest to the set of
 * Okabe and Ito (2008); the ramp is dark blue, teal, green, yellow, monotone in lightness. */
#include <assert.h>
#include <stddef.h>

#include "ui/term/theme.h"

static const struct row {
    short fg256, bg256;
    unsigned char attr256;
    short fg8;
    short bg8;
    unsigned char attr8, attr_mono;
} rows[] = {
    [LETHE_INK_TEXT] = {-1, -1, 0, -1, -1, 0, 0},
    [LETHE_INK_DIM] = {245, -1, 0, -1, -1, LETHE_FAINT, LETHE_FAINT},
    [LETHE_INK_STRONG] = {-1, -1, LETHE_BOLD, -1, -1, LETHE_BOLD, LETHE_BOLD},
    [LETHE_INK_HEADER] = {252, 236, 0, 7, 4, LETHE_BOLD, LETHE_REVERSE},
    [LETHE_INK_RULE] = {240, -1, 0, -1, -1, LETHE_FAINT, 0},
    [LETHE_INK_TITLE] = {-1, -1, LETHE_BOLD, -1, -1, LETHE_BOLD, LETHE_BOLD},
    [LETHE_INK_FOCUS] = {231, 25, LETHE_BOLD, 7, 4, LETHE_BOLD, LETHE_REVERSE},
    [LETHE_INK_ACCENT] = {32, -1, LETHE_BOLD, 6, -1, LETHE_BOLD, LETHE_BOLD},
    [LETHE_INK_GOOD] = {36, -1, 0, 2, -1, 0, 0},
    [LETHE_INK_WARN] = {172, -1, 0, 3, -1, 0, LETHE_BOLD},
    [LETHE_INK_BAD] = {167, -1, LETHE_BOLD, 1, -1, LETHE_BOLD, LETHE_BOLD},
    [LETHE_INK_SELECT] = {231, 24, 0, 7, 4, LETHE_BOLD, LETHE_REVERSE},
    [LETHE_INK_KEY] = {32, -1, LETHE_BOLD, 6, -1, LETHE_BOLD, LETHE_BOLD},
    [LETHE_INK_KEY_OFF] = {240, -1, 0, -1, -1, LETHE_FAINT, LETHE_FAINT},
    [LETHE_INK_FORGET] = {166, -1, 0, 1, -1, 0, 0},
    [LETHE_INK_RETAIN] = {36, -1, 0, 2, -1, 0, 0},
    [LETHE_INK_HELDOUT] = {32, -1, 0, 6, -1, 0, 0},
    [LETHE_INK_RETRAIN] = {133, -1, 0, 5, -1, 0, 0},
    [LETHE_INK_RAMP] = {60, -1, 0, 4, -1, 0, LETHE_FAINT},
    [LETHE_INK_RAMP + 1] = {61, -1, 0, 4, -1, 0, LETHE_FAINT},
    [LETHE_INK_RAMP + 2] = {31, -1, 0, 6, -1, 0, 0},
    [LETHE_INK_RAMP + 3] = {37, -1, 0, 6, -1, 0, 0},
    [LETHE_INK_RAMP + 4] = {36, -1, 0, 2, -1, 0, 0},
    [LETHE_INK_RAMP + 5] = {71, -1, 0, 2, -1, 0, 0},
    [LETHE_INK_RAMP + 6] = {143, -1, 0, 3, -1, 0, LETHE_BOLD},
    [LETHE_INK_RAMP + 7] = {178, -1, LETHE_BOLD, 3, -1, LETHE_BOLD, LETHE_BOLD},
};
static_assert(sizeof rows / sizeof rows[0] == LETHE_INK_COUNT, "one theme row per ink");

static struct lethe_paint look_up(uint16_t ink, int colours)
{
    if (ink >= LETHE_INK_PALETTE) {
        int shown = colours >= 256 ? ink - LETHE_INK_PALETTE : -1;
        return (struct lethe_paint){shown, shown, 0};
    }
    const struct row *row = &rows[ink < LETHE_INK_COUNT ? ink : LETHE_INK_TEXT];
    if (colours >= 256)
        return (struct lethe_paint){row->fg256, row->bg256, row->attr256};
    if (colours >= 8)
        return (struct lethe_paint){row->fg8, row->bg8, row->attr8};
    return (struct lethe_paint){-1, -1, row->attr_mono};
}

struct lethe_paint lethe_theme_paint(uint16_t ink, uint16_t paper, int colours)
{
    struct lethe_paint front = look_up(ink, colours);
    if (ink >= LETHE_INK_PALETTE)
        front.bg = -1;
    if (paper == LETHE_INK_TEXT)
        return front;
    struct lethe_paint back = look_up(paper, colours);
    if (paper >= LETHE_INK_PALETTE) {
        front.bg = back.bg;
        return front;
    }
    /* A painted row keeps one foreground, so that every ink stays readable on it. */
    return (struct lethe_paint){back.bg >= 0 ? back.fg : front.fg, back.bg,
                                (front.attributes & ~(unsigned)LETHE_FAINT) | back.attributes};
}

static double unit_range(double value)
{
    return value > 0 ? (value < 1 ? value : 1) : 0; /* NaN becomes 0 */
}

uint16_t lethe_theme_grey(double brightness)
{
    return (uint16_t)(LETHE_INK_PALETTE + 232 + (int)(unit_range(brightness) * 23 + 0.5));
}

uint16_t lethe_theme_rgb(double red, double green, double blue)
{
    int r = (int)(unit_range(red) * 5 + 0.5), g = (int)(unit_range(green) * 5 + 0.5);
    int b = (int)(unit_range(blue) * 5 + 0.5);
    return (uint16_t)(LETHE_INK_PALETTE + 16 + 36 * r + 6 * g + b);
}

uint32_t lethe_theme_palette(int index)
{
    static const uint32_t basic[16] = {
        0x000000, 0xcd3131, 0x2aa876, 0xc9a227, 0x3b78c4, 0xa6559d, 0x2aa1b3, 0xd0d0d0,
        0x666666, 0xe05252, 0x3cc990, 0xe5c046, 0x5a9be6, 0xc678bd, 0x4fc1d1, 0xffffff,
    };
    if (index < 16)
        return basic[index < 0 ? 0 : index];
    if (index >= 232) {
        uint32_t level = (uint32_t)(8 + 10 * (index - 232));
        return level << 16 | level << 8 | level;
    }
    uint32_t cube[3], rest = (uint32_t)(index - 16);
    for (int k = 2; k >= 0; k--) {
        cube[k] = rest % 6 ? 55 + 40 * (rest % 6) : 0;
        rest /= 6;
    }
    return cube[0] << 16 | cube[1] << 8 | cube[2];
}
