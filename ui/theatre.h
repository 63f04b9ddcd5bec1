/* SPDX-License-Identifier: MIT
 * The program's own theatre: the terminal there is, and the one recording. */
#ifndef LETHE_UI_THEATRE_H
#define LETHE_UI_THEATRE_H

#include "ui/cast/recording.h"
#include "ui/skin.h"
#include "workbench/theatre.h"

struct lethe_stage {
    struct lethe_theatre theatre; /* for the workbench */
    struct lethe_recording recording;
    const struct lethe_options *options; /* borrowed */
    int on_screen;                       /* the full screen has the terminal */
};

void lethe_stage_init(struct lethe_stage *stage, const struct lethe_options *options);
/* Says on stderr, once, why the recording ended by itself. */
void lethe_stage_say_problem(struct lethe_stage *stage);
/* Ends the recording; an error of the disk is said on stderr. */
void lethe_stage_end(struct lethe_stage *stage);

#endif
