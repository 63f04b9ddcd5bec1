/* SPDX-License-Identifier: MIT
 * A recording: what the terminal shows as an asciicast v2 file (one JSON line an event), each event
 * at the moment it happened. Text of the prompt goes in as it is printed, the screen as what has
 * changed since the last frame; whatever a terminal code could be in them was made visible before.
 */
#ifndef LETHE_CAST_RECORDING_H
#define LETHE_CAST_RECORDING_H

#include "ui/term/canvas.h"

struct lethe_recording {
    int file;   /* -1: nothing is recorded */
    char *path; /* for messages */
    double begun;
    size_t end, events;
    char last;                 /* byte that was written last, for line ends */
    struct lethe_canvas shown; /* the last frame; cells NULL: the screen is not what is shown */
    int cursor_shown;
    struct lethe_error problem; /* why it ended by itself; code LETHE_OK: it did not */
};

void lethe_recording_init(struct lethe_recording *recording);
/* Begins a file of this size of terminal; what was there goes, complete or not at all. LETHE_EIO
 * when it cannot be written, LETHE_EARG when one is being made. */
enum lethe_err lethe_recording_begin(struct lethe_recording *recording, const char *path, int rows,
                                     int cols, struct lethe_error *err);
int lethe_recording_runs(const struct lethe_recording *recording); /* NULL: 0 */
/* Seconds since it began. */
double lethe_recording_seconds(const struct lethe_recording *recording);

/* Text as a terminal in its usual mode is given it: line ends become carriage return and line end.
 * Nothing happens while nothing is recorded (NULL ok); so for the next one. A write that fails ends
 * the recording with the lines it has: `problem` says why. */
void lethe_recording_text(struct lethe_recording *recording, const char *text);
/* What has changed on the screen since the last frame; of another size, or the first: all of it. */
void lethe_recording_frame(struct lethe_recording *recording, const struct lethe_canvas *canvas);
/* The screen gives way to the prompt. */
void lethe_recording_leave(struct lethe_recording *recording);

/* Closes the file, on the disk. Does nothing when nothing is recorded. */
enum lethe_err lethe_recording_end(struct lethe_recording *recording, struct lethe_error *err);

#endif
