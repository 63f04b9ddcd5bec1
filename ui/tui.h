/* SPDX-License-Identifier: MIT
 * The full-screen mode: terminal, signals and desk in one loop. */
#ifndef LETHE_UI_TUI_H
#define LETHE_UI_TUI_H

#include "ui/host.h"
#include "ui/term/curses.h"

struct lethe_recording;

/* recording: frames go there while one is made; NULL: nowhere. linear: one pane at a time in
 * sentences, for screen readers. Runs until the user leaves, a line of commands ends it, or a
 * signal asks for the end (then LETHE_ECANCEL). LETHE_EARG when there is no usable terminal:
 * nothing was touched. */
enum lethe_err lethe_tui_run(const struct lethe_host *host,
                             const struct lethe_curses_options *options, int linear,
                             struct lethe_recording *recording, struct lethe_error *err);

#endif
