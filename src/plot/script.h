/* SPDX-License-Identifier: MIT
 * Pieces of a gnuplot script that plots of one frame and of several share. */
#ifndef LETHE_PLOT_SCRIPT_H
#define LETHE_PLOT_SCRIPT_H

#include <stdio.h>

#include "lethe/plot.h"

/* Text in single quotes, where gnuplot interprets nothing. */
void lethe_script_text(FILE *out, const char *text);
/* A number after a blank; NaN where there is none. */
void lethe_script_number(FILE *out, double value);
/* Two digits, and whole numbers in full: 0.046, 2.2e-05, 100. */
void lethe_script_short(char *text, size_t size, double number);
/* Series k as data block $s<k>: x y low high, x moved by shift. */
void lethe_script_data(FILE *out, const struct lethe_plot *plot, size_t k, double shift);
/* The step of a series' x; 1 where it has none. */
double lethe_script_step(const struct lethe_plot_series *s);
/* "using ... with ..." of a series; width is that of boxes. */
void lethe_script_with(FILE *out, const struct lethe_plot_series *s, double width,
                       const char *colour);
/* The n-th colour, from 0 on; they begin again after the last. */
const char *lethe_script_colour(size_t n);
/* Colour of words. */
const char *lethe_script_ink(void);

/* Are there several frames: panels, or histograms that would hide each other? */
int lethe_frames_wanted(const struct lethe_plot *plot);
/* Everything after the head of the script. */
void lethe_frames_put(FILE *out, const struct lethe_plot *plot);

#endif
