/* SPDX-License-Identifier: MIT
 * A unit as answers have it: by its name, fc1[33]; a single weight as fc1.weight[22,46]. */
#ifndef LETHE_WORKBENCH_PUT_UNIT_H
#define LETHE_WORKBENCH_PUT_UNIT_H

#include "lethe/blanket.h"
#include "text/result.h"

/* to[key] = the name of the unit, group or single weight of that number (lethe_unit_at); key is
 * NULL in a list. */
void lethe_put_unit(struct lethe_value *to, const char *key, const struct lethe_graph *graph,
                    size_t unit);

#endif
