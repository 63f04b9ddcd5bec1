/* SPDX-License-Identifier: MIT
 * Any word that the program prints, in a sentence or two, with its present value where it has one.
 */
#ifndef LETHE_WORKBENCH_EXPLANATION_H
#define LETHE_WORKBENCH_EXPLANATION_H

#include "text/command.h"

/* name NULL: what there is to ask for. LETHE_EARG names the nearest word. */
enum lethe_err lethe_explain(struct lethe_value *out, const struct lethe_workbench *wb,
                             const struct lethe_command_list *commands, const char *name,
                             struct lethe_error *err);

#endif
