/* SPDX-License-Identifier: MIT
 * Forward passes that leave out what no changed weight reaches: over the batch at hand, whose
 * values are kept, or over many batches, of which a store keeps what crosses a cut. */
#include <string.h>

#include "base/alloc.h"
#include "nn/exec.h"

/* ---- forward again --------------------------------------------------------------------------- */

/* Marks the nodes that a changed value reaches. */
static void mark_reached(struct lethe_exec *exec)
{
    const struct lethe_graph *graph = exec->graph;
    const struct lethe_plan *plan = exec->forms[0].plan;
    memset(exec->reached, 0, graph->node_count);
    for (size_t i = 0; i < plan->call_count; i++) {
        const struct lethe_node *node = plan->calls[i].node;
        unsigned char reached = 0;
        for (size_t k = 0; k < node->in_count; k++)
            reached |= node->in[k] != LETHE_NONE && exec->stale[node->in[k]];
        for (size_t k = 0; reached && k < node->out_count; k++)
            if (node->out[k] != LETHE_NONE)
                exec->stale[node->out[k]] = 1;
        exec->reached[node - graph->nodes] = reached;
    }
}

/* What those read and what is no longer there is computed again, too. */
static void mark_lost(struct lethe_exec *exec)
{
    const struct lethe_graph *graph = exec->graph;
    const struct lethe_plan *plan = exec->forms[0].plan;
    for (size_t i = plan->call_count; i-- > 0;) {
        const struct lethe_node *node = plan->calls[i].node;
        for (size_t k = 0; exec->reached[node - graph->nodes] && k < node->in_count; k++) {
            size_t root = node->in[k] == LETHE_NONE ? LETHE_NONE : plan->values[node->in[k]].root;
            if (root != LETHE_NONE && graph->values[root].kind == LETHE_VALUE_NODE &&
                exec->values.offset[root] != LETHE_NONE && !exec->values.kept[root])
                exec->reached[graph->values[root].node] = 1;
        }
    }
}

enum lethe_err lethe_exec_reforward(struct lethe_exec *exec, double *logits, const double *w,
                                    struct lethe_error *err)
{
    enum lethe_err code = lethe_exec_after_forward(exec, err);
    if (code)
        return code;
    memset(exec->stale, 0, exec->graph->value_count);
    lethe_exec_weights(exec, w);
    for (size_t p = 0; p < exec->graph->param_count; p++)
        exec->stale[exec->graph->param_value[p]] = exec->changed[p] == exec->version;
    mark_reached(exec);
    mark_lost(exec);
    if ((code = lethe_exec_equip(exec, 0, 0, err)))
        return code;
    struct lethe_pass pass = {
        .exec = exec, .part = lethe_exec_forward_part, .out = logits, .nodes = exec->reached};
    lethe_exec_run(&pass);
    exec->has_adjoints = 0;
    exec->ran = lethe_exec_count(exec, exec->reached);
    return LETHE_OK;
}

/* ---- a cut ----------------------------------------------------------------------------------- */

/* Values that a node below the cut reads and one above it (or nobody) makes. */
static void find_cut(struct lethe_exec *exec)
{
    const struct lethe_graph *graph = exec->graph;
    const struct lethe_plan *plan = exec->forms[0].plan;
    exec->cut_size = 0;
    for (size_t v = 0; v < graph->value_count; v++)
        exec->cut[v] = LETHE_NONE;
    for (size_t i = 0; i < plan->call_count; i++) {
        const struct lethe_node *node = plan->calls[i].node;
        for (size_t k = 0; exec->reached[node - graph->nodes] && k < node->in_count; k++) {
            size_t root = node->in[k] == LETHE_NONE ? LETHE_NONE : plan->values[node->in[k]].root;
            if (root == LETHE_NONE || exec->cut[root] != LETHE_NONE ||
                exec->pure.offset[root] == LETHE_NONE ||
                (graph->values[root].kind == LETHE_VALUE_NODE &&
                 exec->reached[graph->values[root].node]))
                continue;
            size_t size = lethe_shape_size(&plan->values[root].shape);
            exec->cut[root] = exec->cut_size;
            exec->cut_size += plan->values[root].fed ? size / exec->grain : size;
        }
    }
}

enum lethe_err lethe_exec_cut(struct lethe_exec *exec, size_t *bytes, const unsigned char *changed,
                              struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    const struct lethe_plan *plan = exec->forms[0].plan;
    size_t above = 0;
    if (!exec->below)
        exec->below = lethe_alloc(graph->node_count + 1, 1);
    if (!exec->cut && exec->below)
        exec->cut = lethe_alloc(graph->value_count + 1, sizeof *exec->cut);
    if (!exec->cut)
        return lethe_fail_memory(err, "a cut", graph->value_count, sizeof *exec->cut);
    memset(exec->stale, 0, graph->value_count);
    for (size_t p = 0; p < graph->param_count; p++)
        exec->stale[graph->param_value[p]] = changed[p] != 0;
    mark_reached(exec);
    memcpy(exec->below, exec->reached, graph->node_count);
    find_cut(exec);
    for (size_t i = 0; i < plan->call_count; i++)
        above += !(plan->calls[i].op->flags & LETHE_OP_VIEW) &&
                 !exec->reached[plan->calls[i].node - graph->nodes];
    *bytes = above ? (exec->cut_size ? exec->cut_size : 1) * exec->bytes : 0;
    if (!above) { /* no cut */
        lethe_free(exec->cut);
        exec->cut = NULL;
    }
    return LETHE_OK;
}

/* Whether the values of n samples need no more than n times what one needs, as they ought to. */
static int cut_fits(const struct lethe_exec *exec, const struct lethe_part *part)
{
    const struct lethe_plan *plan = part->form->plan, *full = exec->forms[0].plan;
    for (size_t v = 0; v < exec->graph->value_count; v++) {
        if (exec->cut[v] == LETHE_NONE)
            continue;
        size_t whole = lethe_shape_size(&full->values[v].shape);
        size_t each = full->values[v].fed ? whole / exec->grain : whole;
        if (lethe_shape_size(&plan->values[v].shape) > part->n * each)
            return 0;
    }
    return 1;
}

static enum lethe_err cut_pass(struct lethe_exec *exec, struct lethe_pass *pass, size_t n,
                               struct lethe_error *err)
{
    enum lethe_err code =
        exec->cut ? lethe_exec_start(exec, n, err) : lethe_fail(err, LETHE_EBUG, "there is no cut");
    if (!code &&
        (!cut_fits(exec, &exec->parts[0]) || !cut_fits(exec, &exec->parts[exec->part_count - 1])))
        code = lethe_fail(err, LETHE_EFORMAT, "the network mixes the samples of a batch");
    if (!code)
        code = lethe_exec_equip(exec, 0, 0, err);
    if (code)
        return code;
    lethe_exec_run(pass);
    exec->ran = lethe_exec_count(exec, pass->nodes);
    return LETHE_OK;
}

enum lethe_err lethe_exec_above(struct lethe_exec *exec, double *logits, void *store,
                                const double *const *inputs, size_t n, struct lethe_error *err)
{
    struct lethe_pass pass = {.exec = exec,
                              .part = lethe_exec_forward_part,
                              .key = LETHE_BIND_PURE,
                              .inputs = inputs,
                              .out = logits,
                              .store = store};
    return cut_pass(exec, &pass, n, err);
}

enum lethe_err lethe_exec_below(struct lethe_exec *exec, double *logits, const void *store,
                                size_t n, struct lethe_error *err)
{
    struct lethe_pass pass = {.exec = exec,
                              .part = lethe_exec_forward_part,
                              .key = LETHE_BIND_PURE,
                              .out = logits,
                              .nodes = exec->below,
                              .store = (char *)store};
    return cut_pass(exec, &pass, n, err);
}
