/* SPDX-License-Identifier: MIT
 * Which unit or group every weight belongs to. */
#include <stdint.h>

#include "base/alloc.h"
#include "lethe/blanket.h"

enum lethe_err lethe_weight_owners_init(struct lethe_weight_owners *owners,
                                        const struct lethe_graph *graph, struct lethe_error *err)
{
    const size_t size = lethe_graph_size(graph), total = lethe_unit_total(graph);
    size_t largest = 0;
    for (size_t u = 0; u < total; u++) {
        const size_t params = lethe_unit_at(graph, u).params;
        largest = params > largest ? params : largest;
    }
    struct lethe_weight_owners made = {.size = size,
                                       .unit = lethe_alloc(size, sizeof *made.unit),
                                       .place = lethe_alloc(size, sizeof *made.place)};
    size_t *index = lethe_alloc(largest, sizeof *index);
    if (!made.unit || !made.place || !index) {
        lethe_free(index);
        lethe_weight_owners_release(&made);
        return lethe_fail_memory(err, "the weights of the units", size, 2 * sizeof *made.unit);
    }
    for (size_t i = 0; i < size; i++) {
        made.unit[i] = total;
        made.place[i] = 0;
    }
    for (size_t u = 0; u < total; u++) {
        const size_t params = lethe_unit_at(graph, u).params;
        lethe_unit_indices(graph, u, index);
        for (size_t k = 0; k < params; k++) {
            made.unit[index[k]] = u;
            made.place[index[k]] = k;
        }
    }
    lethe_free(index);
    *owners = made;
    return LETHE_OK;
}

void lethe_weight_owners_release(struct lethe_weight_owners *owners)
{
    lethe_free(owners->unit);
    lethe_free(owners->place);
    *owners = (struct lethe_weight_owners){0};
}
