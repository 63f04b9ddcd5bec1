/* SPDX-License-Identifier: MIT
 * Intervals of calls, and first-fit places for those that overlap. */
#include "nn/layout.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/ops.h"

struct interval {
    size_t from, to; /* calls, both included; from > to: not alive */
};

static int owns_memory(const struct lethe_plan *plan, const struct lethe_graph *graph, size_t v)
{
    const struct lethe_plan_value *value = &plan->values[v];
    if (value->known || value->root != v)
        return 0;
    return graph->values[v].kind == LETHE_VALUE_INPUT ||
           (graph->values[v].kind == LETHE_VALUE_NODE && graph->nodes[graph->values[v].node].used);
}

static void touch(struct interval *list, const struct lethe_plan *plan, size_t v, size_t call)
{
    if (v == LETHE_NONE)
        return;
    struct interval *alive = &list[plan->values[v].root];
    alive->from = call < alive->from ? call : alive->from;
    alive->to = call > alive->to ? call : alive->to;
}

static void find_intervals(struct interval *list, const struct lethe_graph *graph,
                           const struct lethe_plan *plan)
{
    for (size_t v = 0; v < graph->value_count; v++)
        list[v] = (struct interval){LETHE_NONE, 0};
    for (size_t k = 0; k < graph->input_count; k++)
        touch(list, plan, graph->inputs[k], 0);
    for (size_t i = 0; i < plan->call_count; i++) {
        const struct lethe_node *node = plan->calls[i].node;
        for (size_t k = 0; k < node->in_count; k++)
            touch(list, plan, node->in[k], i);
        for (size_t k = 0; k < node->out_count; k++)
            touch(list, plan, node->out[k], i);
    }
    for (size_t k = 0; k < graph->output_count; k++)
        touch(list, plan, graph->outputs[k], plan->call_count);
}

/* The lowest place where no value alive at the same time lies. */
static size_t first_fit(const struct lethe_memory_layout *layout, const struct interval *list,
                        const size_t *sizes, const size_t *placed, size_t count, size_t v)
{
    size_t at = 0;
    for (int moved = 1; moved;) {
        moved = 0;
        for (size_t k = 0; k < count; k++) {
            size_t other = placed[k];
            if (list[other].to < list[v].from || list[other].from > list[v].to)
                continue;
            size_t start = layout->offset[other], end = start + sizes[other];
            if (at < end && start < at + sizes[v]) {
                at = end;
                moved = 1;
            }
        }
    }
    return at;
}

static void place(struct lethe_memory_layout *layout, const struct lethe_graph *graph,
                  const struct interval *list, size_t *sizes, size_t *placed)
{
    size_t count = 0;
    for (size_t v = 0; v < graph->value_count; v++) {
        if (sizes[v] == 0)
            continue;
        if (layout->kept[v]) {
            layout->offset[v] = layout->kept_size;
            layout->kept_size += sizes[v];
            continue;
        }
        size_t at = first_fit(layout, list, sizes, placed, count, v);
        layout->offset[v] = at;
        placed[count++] = v;
        if (at + sizes[v] > layout->loose_size)
            layout->loose_size = at + sizes[v];
    }
}

enum lethe_err lethe_memory_layout_init(struct lethe_memory_layout *layout,
                                        const struct lethe_graph *graph,
                                        const struct lethe_plan *plan, const unsigned char *keep,
                                        int needs_only, size_t bytes, struct lethe_error *err)
{
    const size_t grain = 64 / bytes, n = graph->value_count + 1;
    struct interval *list = lethe_alloc(n, sizeof *list);
    size_t *sizes = lethe_alloc_zero(n, sizeof *sizes), *placed = lethe_alloc(n, sizeof *placed);
    *layout = (struct lethe_memory_layout){.offset = lethe_alloc(n, sizeof *layout->offset),
                                           .kept = lethe_alloc_zero(n, 1)};
    enum lethe_err code = LETHE_OK;
    if (!list || !sizes || !placed || !layout->offset || !layout->kept) {
        lethe_memory_layout_release(layout);
        code = lethe_fail_memory(err, "the places of values", n, sizeof *list);
        goto out;
    }
    find_intervals(list, graph, plan);
    for (size_t v = 0; v < graph->value_count; v++) {
        layout->offset[v] = LETHE_NONE;
        if (!owns_memory(plan, graph, v) || (needs_only && !plan->values[v].needs))
            continue;
        size_t size = lethe_shape_size(&plan->values[v].shape);
        sizes[v] = (size + grain) / grain * grain; /* 64 bytes apart at least */
        layout->kept[v] = keep && keep[v];
    }
    place(layout, graph, list, sizes, placed);
out:
    lethe_free(list);
    lethe_free(sizes);
    lethe_free(placed);
    return code;
}

void lethe_memory_layout_release(struct lethe_memory_layout *layout)
{
    lethe_free(layout->offset);
    lethe_free(layout->kept);
    *layout = (struct lethe_memory_layout){0};
}

/* ---- what is kept ---------------------------------------------------------------------------- */

static void keep_value(unsigned char *keep, const struct lethe_plan *plan, size_t v)
{
    if (v != LETHE_NONE)
        keep[plan->values[v].root] = 1;
}

static int reads_input(unsigned reads, size_t k)
{
    return k < 15 ? (int)(reads >> k & 1) : (reads & LETHE_READS_X) == LETHE_READS_X;
}

void lethe_layout_derived(unsigned char *keep, const struct lethe_graph *graph,
                          const struct lethe_plan *plan, const unsigned char *moved)
{
    for (size_t k = 0; k < graph->output_count; k++)
        keep_value(keep, plan, graph->outputs[k]);
    for (size_t i = 0; i < plan->call_count; i++) {
        const struct lethe_op_call *call = &plan->calls[i];
        const struct lethe_node *node = call->node;
        size_t first = node->out[0];
        if (first == LETHE_NONE || !plan->values[first].needs || (moved && !moved[first]))
            continue;
        for (size_t k = 0; k < node->in_count; k++)
            if (reads_input(call->op->reads, k))
                keep_value(keep, plan, node->in[k]);
        for (size_t k = 0; k < node->out_count && call->op->reads & LETHE_READS_Y; k++)
            keep_value(keep, plan, node->out[k]);
    }
    for (size_t l = 0; l < graph->layer_count; l++)
        for (size_t s = 0; s < graph->layers[l].site_count; s++) {
            const struct lethe_site *site = &graph->layers[l].sites[s];
            if (!moved || moved[site->preact])
                keep_value(keep, plan, graph->nodes[site->node].in[0]);
        }
}

void lethe_memory_layout_read_again(unsigned char *keep, const struct lethe_graph *graph,
                                    const struct lethe_plan *plan)
{
    lethe_layout_derived(keep, graph, plan, NULL);
    for (size_t k = 0; k < graph->input_count; k++)
        keep_value(keep, plan, graph->inputs[k]);
    for (size_t l = 0; l < graph->layer_count; l++)
        for (size_t s = 0; s < graph->layers[l].site_count; s++)
            keep_value(keep, plan, graph->layers[l].sites[s].preact);
}

void lethe_memory_layout_captured(unsigned char *keep, const struct lethe_graph *graph,
                                  const struct lethe_plan *plan)
{
    for (size_t l = 0; l < graph->layer_count; l++)
        for (size_t s = 0; s < graph->layers[l].site_count; s++) {
            const struct lethe_site *site = &graph->layers[l].sites[s];
            keep_value(keep, plan, site->preact);
            for (size_t k = 0; graph->layers[l].pub.gates && k < graph->nodes[site->node].out_count;
                 k++)
                keep_value(keep, plan, graph->nodes[site->node].out[k]);
            if (site->norm != LETHE_NONE)
                keep_value(keep, plan, graph->nodes[site->norm].out[0]);
        }
}
