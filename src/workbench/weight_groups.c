/* SPDX-License-Identifier: MIT
 * Counting weights by unit. */
#include "workbench/weight_groups.h"

#include <stdlib.h>
#include "base/alloc.h"

static int by_count(const void *a, const void *b)
{
    const struct lethe_weight_group *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

enum lethe_err lethe_weight_groups_init(struct lethe_weight_groups *groups,
                                        const struct lethe_graph *graph,
                                        const struct lethe_selection *selection, size_t weights,
                                        struct lethe_error *err)
{
    const size_t total = lethe_unit_total(graph);
    struct lethe_weight_owners owners = {0};
    struct lethe_weight_groups made = {lethe_alloc_zero(total, sizeof *made.at), 0};
    enum lethe_err code = made.at ? lethe_weight_owners_init(&owners, graph, err)
                                  : lethe_fail_memory(err, "units", total, sizeof *made.at);
    for (size_t u = 0; !code && u < total; u++)
        made.at[u] = (struct lethe_weight_group){u, 0, lethe_unit_at(graph, u).params};
    for (size_t k = 0; !code && k < weights && k < selection->count; k++) {
        const size_t owner = owners.unit[lethe_unit_at(graph, selection->picks[k].unit).index];
        if (owner < total)
            made.at[owner].count++;
    }
    lethe_weight_owners_release(&owners);
    if (code) {
        lethe_weight_groups_release(&made);
        return code;
    }
    qsort(made.at, total, sizeof *made.at, by_count);
    while (made.count < total && made.at[made.count].count)
        made.count++;
    *groups = made;
    return LETHE_OK;
}

void lethe_weight_groups_release(struct lethe_weight_groups *groups)
{
    lethe_free(groups->at);
    *groups = (struct lethe_weight_groups){0};
}
