/* SPDX-License-Identifier: MIT
 * What a cell means, and how each meaning looks at 256 colours, 8 colours and none. Views name
 * meanings only. Colours are chosen to stay apart for colour-blind readers and to be readable on
 * light and dark backgrounds; each meaning also has a mark or a word, so none depends on colour. */
#ifndef LETHE_TERM_THEME_H
#define LETHE_TERM_THEME_H

#include <stdint.h>

enum lethe_ink {
    LETHE_INK_TEXT,
    LETHE_INK_DIM,     /* units, captions, what is not chosen */
    LETHE_INK_STRONG,  /* the figure to read first */
    LETHE_INK_HEADER,  /* first line */
    LETHE_INK_RULE,    /* separators */
    LETHE_INK_TITLE,   /* pane title */
    LETHE_INK_FOCUS,   /* title of the focused pane */
    LETHE_INK_ACCENT,  /* slider knob, cut line, current point */
    LETHE_INK_GOOD,    /* within the band of retraining */
    LETHE_INK_WARN,    /* not converged, partial */
    LETHE_INK_BAD,     /* failed, over-unlearned */
    LETHE_INK_SELECT,  /* row under the cursor (as paper) */
    LETHE_INK_KEY,     /* a key in the key bar */
    LETHE_INK_KEY_OFF, /* a key that does nothing now */
    LETHE_INK_FORGET,  /* series: forget set, */
    LETHE_INK_RETAIN,  /* retained samples, */
    LETHE_INK_HELDOUT, /* held-out samples, */
    LETHE_INK_RETRAIN, /* the retrained model */
    LETHE_INK_RAMP,    /* LETHE_RAMP steps from low to high follow */
    LETHE_INK_RAMP_LAST = LETHE_INK_RAMP + 7,
    LETHE_INK_COUNT
};

enum { LETHE_RAMP = 8 };

/* A colour of the 256-colour palette itself, for pictures: LETHE_INK_PALETTE + index. */
enum { LETHE_INK_PALETTE = 256 };

enum { LETHE_BOLD = 1, LETHE_FAINT = 2, LETHE_REVERSE = 4, LETHE_UNDERLINE = 8 };

/* How one cell is shown: palette indices, -1 for the terminal's own colour. */
struct lethe_paint {
    int fg, bg;
    unsigned attributes;
};

/* ink and paper are enum lethe_ink or palette inks; colours is 256, 8 or 0. */
struct lethe_paint lethe_theme_paint(uint16_t ink, uint16_t paper, int colours);

/* Grey of the 256-colour palette for a brightness in [0, 1], and the nearest colour of its cube. */
uint16_t lethe_theme_grey(double brightness);
uint16_t lethe_theme_rgb(double red, double green, double blue);

/* 0xrrggbb of a palette index, for pictures of the screen. */
uint32_t lethe_theme_palette(int index);

#endif
