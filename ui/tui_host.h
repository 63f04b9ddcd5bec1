/* SPDX-License-Identifier: MIT
 * The program's own host of the desk, over a workbench. */
#ifndef LETHE_UI_TUI_HOST_H
#define LETHE_UI_TUI_HOST_H

#include "ui/host.h"
#include "workbench/workbench.h"

struct lethe_tui_host;

/* wb is borrowed and answers from now on as a screen needs it. */
enum lethe_err lethe_tui_host_new(struct lethe_tui_host **host, struct lethe_workbench *wb,
                                  int ascii, struct lethe_error *err);
/* Lines of notes to be shown first. */
void lethe_tui_host_note(struct lethe_tui_host *host, const char *lines);
const struct lethe_host *lethe_tui_host_of(const struct lethe_tui_host *host); /* borrowed */
/* Ends the work that would still answer to it. NULL ok. */
void lethe_tui_host_free(struct lethe_tui_host *host);

#endif
