/* SPDX-License-Identifier: MIT
 * Cuts. A node is above the cut when a changed parameter reaches it; the values that such nodes
 * read from below, parameters and constants left out, are what is kept of a batch. Views own no
 * memory, so the value they look at is kept instead. */
#include <string.h>

#include "base/alloc.h"
#include "nn/exec.h"

struct lethe_cut {
    struct lethe_exec *exec;
    unsigned char *above; /* (node_count) to be run again */
    size_t *value;        /* (count) values at the cut, each with memory of its own */
    size_t count, batches;
    struct kept {
        char *data; /* NULL: not kept */
        size_t n;
    } * kept; /* (batches) */
};

void lethe_cut_free(struct lethe_cut *cut)
{
    if (!cut)
        return;
    for (size_t b = 0; cut->kept && b < cut->batches; b++)
        lethe_free(cut->kept[b].data);
    lethe_free(cut->kept);
    lethe_free(cut->above);
    lethe_free(cut->value);
    lethe_free(cut);
}

/* Adds the value behind v unless it is there, a constant, or a tensor of the graph. */
static void add_value(struct lethe_cut *cut, size_t v)
{
    const struct lethe_exec *exec = cut->exec;
    const size_t root = exec->plan->values[v].root;
    if (exec->plan->values[v].known || exec->offset[root] == LETHE_NONE)
        return;
    for (size_t k = 0; k < cut->count; k++)
        if (cut->value[k] == root)
            return;
    cut->value[cut->count++] = root;
}

/* stale (value_count) begins with the changed parameters marked. */
static void find(struct lethe_cut *cut, unsigned char *stale)
{
    const struct lethe_graph *graph = cut->exec->graph;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        for (size_t k = 0; node->used && k < node->in_count; k++)
            cut->above[i] |= node->in[k] != LETHE_NONE && stale[node->in[k]];
        for (size_t k = 0; cut->above[i] && k < node->out_count; k++)
            if (node->out[k] != LETHE_NONE)
                stale[node->out[k]] = 1;
    }
    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t k = 0; cut->above[i] && k < graph->nodes[i].in_count; k++)
            if (graph->nodes[i].in[k] != LETHE_NONE && !stale[graph->nodes[i].in[k]])
                add_value(cut, graph->nodes[i].in[k]);
}

enum lethe_err lethe_cut_new(struct lethe_cut **cut, struct lethe_exec *exec,
                             const unsigned char *changed, size_t batches, struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    struct lethe_cut *made = lethe_alloc_zero(1, sizeof *made);
    unsigned char *stale = lethe_alloc_zero(graph->value_count + 1, 1);
    if (!made || !stale)
        goto memory;
    made->exec = exec;
    made->batches = batches;
    made->above = lethe_alloc_zero(graph->node_count + 1, 1);
    made->value = lethe_alloc(graph->value_count + 1, sizeof *made->value);
    made->kept = lethe_alloc_zero(batches, sizeof *made->kept);
    if (!made->above || !made->value || !made->kept)
        goto memory;
    for (size_t p = 0; p < graph->param_count; p++)
        stale[graph->param_value[p]] = changed[p];
    find(made, stale);
    lethe_free(stale);
    *cut = made;
    return LETHE_OK;
memory:
    lethe_free(stale);
    lethe_cut_free(made);
    return lethe_fail_memory(err, "a cut", graph->value_count + batches, sizeof(size_t));
}

/* Bytes of value number k of the cut in the plan that is in use. */
static size_t bytes_of(const struct lethe_cut *cut, size_t k)
{
    const struct lethe_plan_value *value = &cut->exec->plan->values[cut->value[k]];
    return lethe_shape_size(&value->shape) * cut->exec->bytes;
}

static size_t bytes_of_all(const struct lethe_cut *cut)
{
    size_t sum = 0;
    for (size_t k = 0; k < cut->count; k++)
        sum += bytes_of(cut, k);
    return sum;
}

enum lethe_err lethe_cut_bytes(size_t *bytes, const struct lethe_cut *cut, size_t n,
                               struct lethe_error *err)
{
    enum lethe_err code = lethe_exec_ready(cut->exec, n, err);
    if (!code)
        *bytes = bytes_of_all(cut);
    return code;
}

static char *place_of(const struct lethe_cut *cut, size_t k)
{
    const struct lethe_exec *exec = cut->exec;
    return exec->values + exec->offset[cut->value[k]] * exec->bytes;
}

enum lethe_err lethe_cut_keep(struct lethe_cut *cut, size_t b, struct lethe_error *err)
{
    const struct lethe_exec *exec = cut->exec;
    if (!exec->n)
        return lethe_fail(err, LETHE_EBUG, "there was no forward pass before");
    const size_t room = bytes_of_all(cut);
    char *data = lethe_alloc(room + 1, 1), *to = data;
    if (!data)
        return lethe_fail_memory(err, "activations", room, 1);
    for (size_t k = 0; k < cut->count; k++, to += bytes_of(cut, k - 1))
        memcpy(to, place_of(cut, k), bytes_of(cut, k));
    lethe_free(cut->kept[b].data);
    cut->kept[b] = (struct kept){data, exec->n};
    return LETHE_OK;
}

enum lethe_err lethe_cut_resume(double *logits, const struct lethe_cut *cut, size_t b,
                                struct lethe_error *err)
{
    struct lethe_exec *exec = cut->exec;
    const struct kept *kept = &cut->kept[b];
    if (!kept->data)
        return lethe_fail(err, LETHE_EBUG, "batch %zu was not kept at the cut", b);
    enum lethe_err code = lethe_exec_ready(exec, kept->n, err);
    if (code)
        return code;
    const char *from = kept->data;
    for (size_t k = 0; k < cut->count; k++, from += bytes_of(cut, k - 1))
        memcpy(place_of(cut, k), from, bytes_of(cut, k));
    for (size_t i = 0; i < exec->plan->call_count; i++) {
        const struct lethe_call *call = &exec->plan->calls[i];
        if (cut->above[call->node - exec->graph->nodes])
            lethe_exec_call(exec, call);
    }
    exec->n = 0; /* what lies below the cut is of another batch */
    exec->has_adjoints = 0;
    lethe_exec_read(logits, exec->x[exec->graph->outputs[0]], lethe_exec_logits_size(exec), exec);
    return LETHE_OK;
}
