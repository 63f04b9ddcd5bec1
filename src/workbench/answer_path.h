/* SPDX-License-Identifier: MIT
 * The path of passes in an answer. */
#ifndef LETHE_WORKBENCH_ANSWER_PATH_H
#define LETHE_WORKBENCH_ANSWER_PATH_H

#include "text/result.h"
#include "workbench/workbench.h"

/* Nothing where the preview has none. */
void lethe_path_put(struct lethe_value *out, const struct lethe_workbench *wb);

#endif
