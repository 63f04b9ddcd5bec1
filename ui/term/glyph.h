/* SPDX-License-Identifier: MIT
 * Code points: UTF-8 in and out, display width, and the ASCII twin of everything the screen draws.
 * Views always draw Unicode; the twin is taken once, where cells leave the canvas. */
#ifndef LETHE_TERM_GLYPH_H
#define LETHE_TERM_GLYPH_H

#include <stdint.h>

/* Decodes one code point at *text and moves *text past it; 0 at the end of the string. A byte that
 * is not UTF-8 decodes to U+FFFD and counts for itself. */
uint32_t lethe_glyph_next(const char **text);

/* Encodes into out (room for 5 bytes with the final 0) and returns the number of bytes. */
int lethe_glyph_encode(char *out, uint32_t glyph);

/* Columns of one code point: 0 for controls and combining marks, 2 for wide scripts, else 1. */
int lethe_glyph_width(uint32_t glyph);

/* Columns of a UTF-8 string. */
int lethe_glyph_columns(const char *text);

/* The ASCII character that stands for glyph; '?' when none was agreed. */
char lethe_glyph_ascii(uint32_t glyph);

/* Box drawing by arms: the glyph with these arms, and the arms of a glyph (0: not a rule). */
enum { LETHE_ARM_UP = 1, LETHE_ARM_DOWN = 2, LETHE_ARM_LEFT = 4, LETHE_ARM_RIGHT = 8 };
uint32_t lethe_glyph_rule(unsigned arms);
unsigned lethe_glyph_arms(uint32_t glyph);

#endif
