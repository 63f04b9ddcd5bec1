/* SPDX-License-Identifier: MIT
 * Figures as short text, the same everywhere on the screen. */
#ifndef LETHE_VIEW_FORMAT_H
#define LETHE_VIEW_FORMAT_H

#include "ui/view/model.h"

enum { LETHE_FORMAT_ROOM = 24 };

/* NaN becomes an em dash. */
void lethe_format_figure(char out[LETHE_FORMAT_ROOM], double value, enum lethe_figure_kind kind);
void lethe_format_z(char out[LETHE_FORMAT_ROOM], double z);
/* 0, 1e-3, 3e-3, 0.01: as short as exact to two digits. */
void lethe_format_damping(char out[LETHE_FORMAT_ROOM], double damping);
/* 8.0 s, 2 min 05, 1 h 10; whole seconds for what moves. */
void lethe_format_seconds(char out[LETHE_FORMAT_ROOM], double seconds);
void lethe_format_whole_seconds(char out[LETHE_FORMAT_ROOM], double seconds);

#endif
