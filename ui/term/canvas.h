/* SPDX-License-Identifier: MIT
 * The cell canvas: a screen in plain memory. Views draw through an area, a rectangle of the canvas
 * with its own origin; what falls outside is cut. Nothing here knows a terminal. */
#ifndef LETHE_TERM_CANVAS_H
#define LETHE_TERM_CANVAS_H

#include <stddef.h>
#include <stdint.h>
#include "lethe/error.h"
#include "ui/term/theme.h"

/* Which characters the terminal can show; charts choose their form by it. */
enum lethe_charset { LETHE_ASCII, LETHE_BLOCKS, LETHE_BRAILLE };

struct lethe_display {
    enum lethe_charset charset;
    int colours; /* 256, 8 or 0 */
};

struct lethe_cell {
    uint32_t glyph;      /* Unicode; 0 is the right half of a wide glyph */
    uint16_t ink, paper; /* enum lethe_ink or LETHE_INK_PALETTE + index */
};

struct lethe_canvas {
    int rows, cols;
    struct lethe_display display;
    struct lethe_cell *cells; /* (rows, cols) */
    int cursor_y, cursor_x;   /* where the terminal's own cursor is shown; y < 0: nowhere */
};

struct lethe_area {
    struct lethe_canvas *canvas;
    int y, x, rows, cols; /* rows or cols <= 0: nothing shows */
};

/* A blank canvas; rows and cols are at least 1. */
enum lethe_err lethe_canvas_init(struct lethe_canvas *canvas, int rows, int cols,
                                 struct lethe_display display, struct lethe_error *err);
void lethe_canvas_release(struct lethe_canvas *canvas);
void lethe_canvas_clear(struct lethe_canvas *canvas);

/* The whole canvas, and a part of an area (its rectangle is cut to the area's). */
struct lethe_area lethe_area_all(struct lethe_canvas *canvas);
struct lethe_area lethe_area_part(struct lethe_area area, int y, int x, int rows, int cols);
void lethe_area_fill(struct lethe_area area, uint32_t glyph, uint16_t ink);

void lethe_draw_glyph(struct lethe_area area, int y, int x, uint32_t glyph, uint16_t ink);
/* One cell with its own paper, for pictures. */
void lethe_draw_cell(struct lethe_area area, int y, int x, struct lethe_cell cell);
/* Writes UTF-8 text and returns the column after it (also where it was cut). What must not reach
 * a terminal stands as a visible escape (base/visible.h). */
int lethe_draw_text(struct lethe_area area, int y, int x, uint16_t ink, const char *text);
int lethe_draw_textf(struct lethe_area area, int y, int x, uint16_t ink, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* At most width columns; longer text ends in an ellipsis. Returns the column after it. */
int lethe_draw_fit(struct lethe_area area, int y, int x, int width, uint16_t ink, const char *text);
/* Ends before column end. */
void lethe_draw_right(struct lethe_area area, int y, int end, uint16_t ink, const char *text);
/* Gives cells of a row a paper without touching their text. */
void lethe_draw_paper(struct lethe_area area, int y, int x, int cols, uint16_t paper);
/* Rules join with the rules they meet or cross. */
void lethe_draw_hrule(struct lethe_area area, int y, int x, int cols, uint16_t ink);
void lethe_draw_vrule(struct lethe_area area, int y, int x, int rows, uint16_t ink);

enum { LETHE_SGR_ROOM = 48, LETHE_CELL_ROOM = 5 };
/* The terminal code that sets exactly this paint, into out; returns its bytes. */
size_t lethe_paint_sgr(char out[LETHE_SGR_ROOM], struct lethe_paint paint);
/* What a cell of the canvas shows, glyph or ASCII twin, into out; returns its bytes. */
size_t lethe_cell_text(char out[LETHE_CELL_ROOM], const struct lethe_canvas *canvas,
                       struct lethe_cell cell);

/* The canvas as text: one line per row without trailing blanks, glyphs as its charset allows. The
 * result is freed with lethe_free; NULL when out of memory. */
char *lethe_canvas_text(const struct lethe_canvas *canvas);
/* The same with colours as terminal codes, or as an SVG picture of the screen. */
char *lethe_canvas_ansi(const struct lethe_canvas *canvas);
char *lethe_canvas_svg(const struct lethe_canvas *canvas);

#endif
