/* SPDX-License-Identifier: MIT
 * What the message line says of a command that went well. */
#ifndef LETHE_UI_HOST_SAYINGS_H
#define LETHE_UI_HOST_SAYINGS_H

#include "text/sink.h"
#include "workbench/workbench.h"

/* 1 when there was something short to say; otherwise nothing is added. */
int lethe_host_say(struct lethe_text *out, const struct lethe_workbench *wb,
                   const struct lethe_outcome *outcome);

#endif
