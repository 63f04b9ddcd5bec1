/* SPDX-License-Identifier: MIT
 * What a person sees while a command works on the thread that would otherwise answer: after a
 * second a line on the terminal says which one, and for how long, until the answer or progress of a
 * job takes its place. No command is silent for longer. */
#ifndef LETHE_UI_BUSY_LINE_H
#define LETHE_UI_BUSY_LINE_H

/* Starts the watch beside this thread; where it cannot start, commands are silent. */
void lethe_busy_line_start(void);
void lethe_busy_line_stop(void);
/* The command of this line begins. */
void lethe_busy_line_begin(const char *line);
/* Something else spoke: an answer, progress. The line is cleared, and a new second begins. */
void lethe_busy_line_spoke(void);
void lethe_busy_line_end(void);

#endif
