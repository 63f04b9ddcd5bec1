/* SPDX-License-Identifier: MIT
 * What `info` and `preview` end with: at most three sentences in plain words, what happened,
 * whether it is worth it, and what next. */
#ifndef LETHE_WORKBENCH_CLOSING_H
#define LETHE_WORKBENCH_CLOSING_H

#include "base/text.h"
#include "workbench/verdict.h"

/* What the previewed step did, in one sentence; of one that does harm a second one says so, because
 * its verdict stands at the top. */
void lethe_closing_preview(struct lethe_text *out, const struct lethe_workbench *wb,
                           const struct lethe_verdict *verdict);
/* Where things stand. */
void lethe_closing_info(struct lethe_text *out, const struct lethe_workbench *wb);

#endif
