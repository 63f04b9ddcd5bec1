/* SPDX-License-Identifier: MIT
 * The program's own recorder: the terminal there is, and the one recording. */
#ifndef LETHE_UI_TERMINAL_RECORDER_H
#define LETHE_UI_TERMINAL_RECORDER_H

#include "ui/cast/recording.h"
#include "ui/skin.h"
#include "workbench/recorder.h"

struct lethe_terminal_recorder {
    struct lethe_recorder recorder; /* for the workbench */
    struct lethe_recording recording;
    const struct lethe_options *options; /* borrowed */
    int on_screen;                       /* the full screen has the terminal */
};

void lethe_recorder_init(struct lethe_terminal_recorder *recorder,
                         const struct lethe_options *options);
/* Says on stderr, once, why the recording ended by itself. */
void lethe_recorder_say_problem(struct lethe_terminal_recorder *recorder);
/* Ends the recording; an error of the disk is said on stderr. */
void lethe_recorder_end(struct lethe_terminal_recorder *recorder);

#endif
