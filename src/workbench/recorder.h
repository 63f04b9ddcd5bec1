/* SPDX-License-Identifier: MIT
 * What only those can do who own the terminal: record what it shows, and show a recording. The skin
 * puts its own into the workbench; a program without a terminal has none. */
#ifndef LETHE_WORKBENCH_RECORDER_H
#define LETHE_WORKBENCH_RECORDER_H

#include "text/result.h"

struct lethe_playing {
    const char *path;
    double speed;       /* 1: as it was */
    const char *frames; /* pictures are written instead: FRAMES-1.svg, ...; NULL: none */
    const char *at;     /* their moments in seconds, "0.5,2"; NULL: the last one */
};

struct lethe_recorder {
    void *self;
    /* Begins a recording; path NULL ends the one that is being made. Puts what was done. */
    enum lethe_err (*record)(void *self, const char *path, struct lethe_value *out,
                             struct lethe_error *err);
    enum lethe_err (*play)(void *self, const struct lethe_playing *how, struct lethe_value *out,
                           struct lethe_error *err);
};

#endif
