/* SPDX-License-Identifier: MIT
 * Keys: a code point for characters, LETHE_KEY_* for the rest, LETHE_CTRL('x') for control keys. */
#ifndef LETHE_TERM_KEY_H
#define LETHE_TERM_KEY_H

#include <stdint.h>

#define LETHE_CTRL(letter) ((uint32_t)(letter)&0x1fu)

enum {
    LETHE_KEY_NONE = 0,
    LETHE_KEY_TAB = 0x09,
    LETHE_KEY_ENTER = 0x0d,
    LETHE_KEY_ESC = 0x1b,
    LETHE_KEY_FIRST = 0x110000, /* beyond Unicode */
    LETHE_KEY_UP = LETHE_KEY_FIRST,
    LETHE_KEY_DOWN,
    LETHE_KEY_LEFT,
    LETHE_KEY_RIGHT,
    LETHE_KEY_SHIFT_LEFT,
    LETHE_KEY_SHIFT_RIGHT,
    LETHE_KEY_HOME,
    LETHE_KEY_END,
    LETHE_KEY_PAGE_UP,
    LETHE_KEY_PAGE_DOWN,
    LETHE_KEY_BACKSPACE,
    LETHE_KEY_DELETE,
    LETHE_KEY_BACKTAB,
    LETHE_KEY_MOUSE_PRESS,
    LETHE_KEY_MOUSE_DRAG,
    LETHE_KEY_WHEEL_UP,
    LETHE_KEY_WHEEL_DOWN
};

struct lethe_key {
    uint32_t code; /* LETHE_KEY_NONE: nothing waits */
    int y, x;      /* mouse events: the cell */
};

#endif
