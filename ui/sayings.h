/* SPDX-License-Identifier: MIT
 * What the line below the panes says after a command; the panes show the rest. */
#ifndef LETHE_UI_SAYINGS_H
#define LETHE_UI_SAYINGS_H

#include "base/text.h"
#include "text/sink.h"

struct lethe_workbench;

/* 1 when there was something short to say, which is then added to out with the answer's notes. */
int lethe_saying(struct lethe_text *out, const struct lethe_workbench *wb,
                 const struct lethe_outcome *outcome);

#endif
