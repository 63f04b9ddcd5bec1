/* SPDX-License-Identifier: MIT
 * Which derivatives an executor keeps so that gradients of single samples can be read from them. */
#include "base/alloc.h"
#include "nn/grad_rows.h"

enum lethe_err lethe_grad_rows_prepare(struct lethe_exec *exec, struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    const struct lethe_plan *plan = exec->forms[0].plan;
    struct lethe_memory_layout layout;
    unsigned char *keep = lethe_alloc_zero(graph->value_count + 1, 1);
    if (!keep)
        return lethe_fail_memory(err, "the places of values", graph->value_count, 1);
    lethe_memory_layout_captured(keep, graph, plan);
    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t k = 0; graph->nodes[i].used && k < graph->nodes[i].in_count; k++) {
            const size_t v = graph->nodes[i].in[k];
            if (v == LETHE_NONE || graph->values[plan->values[v].root].param == LETHE_NONE)
                continue;
            for (size_t j = 0; j < graph->nodes[i].out_count; j++) {
                const size_t y = graph->nodes[i].out[j];
                if (y != LETHE_NONE && plan->values[y].fed)
                    keep[plan->values[y].root] = 1;
            }
        }
    enum lethe_err code = lethe_memory_layout_init(&layout, graph, plan, keep, 1, exec->bytes, err);
    lethe_free(keep);
    if (!code)
        lethe_exec_recapture(exec, &layout);
    return code;
}
