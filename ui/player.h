/* SPDX-License-Identifier: MIT
 * Plays a recording on the terminal itself. */
#ifndef LETHE_UI_PLAYER_H
#define LETHE_UI_PLAYER_H

#include "ui/cast/cast.h"

struct lethe_player_look {
    int ascii, colours;
    int over; /* over the full screen: the last picture stays until a key is pressed */
};

/* Plays it to its end, or until a key is pressed or Ctrl-C came; *shown is how far it came in
 * seconds of the recording. LETHE_EARG when there is no terminal, or it is too small. */
enum lethe_err lethe_player_run(double *shown, const struct lethe_cast *cast, double speed,
                                struct lethe_player_look look, struct lethe_error *err);

#endif
