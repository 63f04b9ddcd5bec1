/* SPDX-License-Identifier: MIT
 * A unit as answers have it: by its name. */
#include "workbench/put_unit.h"

void lethe_put_unit(struct lethe_value *to, const char *key, const struct lethe_graph *graph,
                    size_t unit)
{
    char name[LETHE_UNIT_NAME];
    lethe_unit_name(name, sizeof name, graph, unit);
    lethe_put_text(to, key, name);
}
