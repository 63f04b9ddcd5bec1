/* SPDX-License-Identifier: MIT
 * Gradients of single samples by tensors that belong to no unit's weights: the kernel of every node
 * that reads the tensor goes backward over one sample's slice of what it read and of the derivative
 * of what it made, as a plan for a single sample has it. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "nn/grad_rows_inside.h"

/* ---- who reads a tensor ---------------------------------------------------------------------- */

/* Also through views of it, which are no readers themselves (a scale unsqueezed to (c, 1, 1)). */
static int reads(const struct lethe_grad_rows *rows, size_t node, size_t k, size_t param)
{
    const struct lethe_graph *graph = rows->exec->graph;
    const struct lethe_op_call *call = rows->call[node];
    const size_t v = graph->nodes[node].in[k];
    if (v == LETHE_NONE || (call && call->op->flags & LETHE_OP_VIEW) ||
        !strcmp(graph->nodes[node].type, "Identity"))
        return 0;
    return graph->values[rows->one->values[v].root].param == param;
}

static int is_lookup(const struct lethe_grad_rows *rows, size_t node, size_t k)
{
    const struct lethe_op_call *call = rows->call[node];
    return k == 0 && !strcmp(call->op->name, "Gather") && call->args.axis.outer == 1;
}

enum lethe_grad_rows_kind lethe_grad_rows_kind(const struct lethe_grad_rows *rows, size_t param)
{
    const struct lethe_graph *graph = rows->exec->graph;
    size_t uses = 0, lookups = 0;
    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t k = 0; graph->nodes[i].used && k < graph->nodes[i].in_count; k++) {
            if (!reads(rows, i, k, param))
                continue;
            const size_t y = graph->nodes[i].out[0];
            if (!rows->call[i] || y == LETHE_NONE || !rows->one->values[y].fed ||
                !rows->call[i]->op->backward[rows->exec->dtype])
                return LETHE_GRAD_ROWS_NONE;
            uses++;
            lookups += (size_t)is_lookup(rows, i, k);
        }
    if (uses == 0)
        return LETHE_GRAD_ROWS_NONE;
    return lookups == uses && graph->params[param].ndim == 2 ? LETHE_GRAD_ROWS_TABLE
                                                             : LETHE_GRAD_ROWS_TENSOR;
}

/* ---- one sample's slices --------------------------------------------------------------------- */

/* Numbers of a value of one sample. */
static size_t size_of(const struct lethe_grad_rows *rows, size_t v)
{
    return v == LETHE_NONE ? 0 : lethe_shape_size(&rows->one->values[v].shape);
}

/* Copies one sample's slice of a part's value (or adjoint) from `from` to `to`. The axis along
 * which sizes differ holds the samples; behind it lies what belongs to one. */
static void slice(char *to, const char *from, const struct lethe_grad_rows *rows,
                  const struct lethe_part *part, size_t v, size_t sample)
{
    const struct lethe_shape *one = &rows->one->values[v].shape;
    const struct lethe_shape *all = &part->form->plan->values[v].shape;
    size_t axis = 0, bytes = rows->exec->bytes;
    while (axis < one->ndim && one->dims[axis] == all->dims[axis])
        axis++;
    const size_t samples = axis < one->ndim ? part->n : 1;
    const size_t outer = axis < one->ndim ? lethe_shape_product(one, 0, axis) : 1;
    const size_t inner = lethe_shape_size(one) / outer;
    for (size_t o = 0; o < outer; o++)
        memcpy(to + o * inner * bytes,
               from + (o * samples + (samples > 1 ? sample : 0)) * inner * bytes, inner * bytes);
}

/* Where an operand of a call lies: known numbers, a parameter, or a slice copied to *space. */
static void *operand(const struct lethe_grad_rows *rows, const struct lethe_part *part, size_t v,
                     size_t sample, char **space)
{
    const struct lethe_exec *exec = rows->exec;
    const struct lethe_graph *graph = exec->graph;
    if (v == LETHE_NONE)
        return NULL;
    const struct lethe_plan_value *value = &rows->one->values[v];
    const size_t root = value->root, size = lethe_shape_size(&value->shape);
    if (graph->values[root].kind == LETHE_VALUE_TENSOR && graph->values[root].param != LETHE_NONE)
        return exec->w + graph->params[graph->values[root].param].offset * exec->bytes;
    char *to = *space;
    const char *from = value->known ? NULL : lethe_exec_kept_value(exec, part, v);
    if (!value->known && !from)
        return NULL; /* the kernel does not read it */
    *space += (size + 16) * exec->bytes;
    if (value->known)
        lethe_exec_write(to, value->data, size, exec);
    else
        slice(to, from, rows, part, v, sample);
    return to;
}

/* The derivatives by one sample of what a node puts out, copied to *space; NULL where nobody asked
 * for them. How many there are. */
static size_t adjoints_of(void **dy, const struct lethe_grad_rows *rows,
                          const struct lethe_part *part, const struct lethe_node *node,
                          size_t sample, char **space)
{
    size_t found = 0;
    for (size_t j = 0; j < node->out_count; j++) {
        const size_t v = node->out[j];
        const char *adjoint = v == LETHE_NONE ? NULL : lethe_exec_kept_adjoint(rows->exec, part, v);
        if (!adjoint)
            continue;
        slice(*space, adjoint, rows, part, v, sample);
        dy[j] = *space;
        *space += (size_of(rows, v) + 16) * rows->exec->bytes;
        found++;
    }
    return found;
}

size_t lethe_grad_rows_back(struct lethe_grad_rows *rows, void **grads, size_t number,
                            unsigned inputs, const struct lethe_part *part, size_t sample)
{
    enum { ENDS = 32 };
    const struct lethe_exec *exec = rows->exec;
    const struct lethe_op_call *call = rows->call[number];
    const struct lethe_node *node = call->node;
    void *x[ENDS] = {0}, *dx[ENDS] = {0}, *y[ENDS] = {0}, *dy[ENDS] = {0};
    char *space = rows->space;
    if (node->in_count > ENDS || node->out_count > ENDS)
        return 0;
    for (size_t j = 0; j < node->in_count; j++)
        x[j] = operand(rows, part, node->in[j], sample, &space);
    for (size_t j = 0; j < node->out_count; j++)
        y[j] = operand(rows, part, node->out[j], sample, &space);
    if (!adjoints_of(dy, rows, part, node, sample, &space))
        return 0;
    for (size_t k = 0; k < node->in_count; k++) {
        if (!(inputs >> k & 1))
            continue;
        const size_t size = size_of(rows, node->in[k]);
        grads[k] = dx[k] = space;
        memset(dx[k], 0, size * exec->bytes);
        space += (size + 16) * exec->bytes;
    }
    const struct lethe_data data = {.x = x, .y = y, .dx = dx, .dy = dy, .scratch = space};
    call->op->backward[exec->dtype](call, &data);
    return 1;
}

/* sum += the gradient by one sample through input k of a node. */
static void go_back(struct lethe_grad_rows *rows, const struct lethe_part *part, size_t number,
                    size_t k, size_t sample, double *sum, size_t size)
{
    void *grads[32] = {0};
    if (!lethe_grad_rows_back(rows, grads, number, 1u << k, part, sample))
        return;
    lethe_exec_read(rows->sum, grads[k], size, rows->exec);
    for (size_t i = 0; i < size; i++)
        sum[i] += rows->sum[i];
}

void lethe_grad_rows_tensor(struct lethe_grad_rows *rows, double *g, size_t param, size_t sample)
{
    const struct lethe_graph *graph = rows->exec->graph;
    const struct lethe_part *part = lethe_grad_rows_part(rows, &sample);
    const size_t size = graph->params[param].size;
    memset(g, 0, size * sizeof *g);
    for (size_t i = 0; i < graph->node_count; i++)
        for (size_t k = 0; graph->nodes[i].used && k < graph->nodes[i].in_count; k++)
            if (reads(rows, i, k, param))
                go_back(rows, part, i, k, sample, g, size);
}

/* ---- embeddings ------------------------------------------------------------------------------ */

size_t lethe_grad_rows_lookups(const struct lethe_grad_rows *rows, size_t param)
{
    const struct lethe_graph *graph = rows->exec->graph;
    size_t count = 0;
    for (size_t i = 0; i < graph->node_count; i++)
        if (graph->nodes[i].used && graph->nodes[i].in_count && reads(rows, i, 0, param))
            count += rows->call[i]->args.axis.count;
    return count;
}

static size_t entry_of(double index, size_t length)
{
    const double n = (double)length;
    if (!(index >= -n && index < n))
        return LETHE_NONE;
    return (size_t)(index < 0 ? index + n : index);
}

void lethe_grad_rows_table(struct lethe_grad_rows *rows, size_t *entry, double *delta, size_t param,
                           size_t sample)
{
    const struct lethe_exec *exec = rows->exec;
    const struct lethe_graph *graph = exec->graph;
    const struct lethe_part *part = lethe_grad_rows_part(rows, &sample);
    const size_t width = graph->params[param].dims[1];
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct lethe_node *node = &graph->nodes[i];
        if (!node->used || !node->in_count || !reads(rows, i, 0, param))
            continue;
        const size_t count = rows->call[i]->args.axis.count;
        char *space = rows->space;
        const char *index = operand(rows, part, node->in[1], sample, &space);
        const char *adjoint = lethe_exec_kept_adjoint(exec, part, node->out[0]);
        lethe_exec_read(rows->sum, index, count, exec);
        for (size_t t = 0; t < count; t++)
            entry[t] = entry_of(rows->sum[t], graph->params[param].dims[0]);
        memset(delta, 0, count * width * sizeof *delta);
        if (adjoint) {
            slice(space, adjoint, rows, part, node->out[0], sample);
            lethe_exec_read(delta, space, count * width, exec);
        }
        entry += count;
        delta += count * width;
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

/* Numbers that the operands of a call need, and its scratch. */
static size_t call_room(const struct lethe_grad_rows *rows, const struct lethe_op_call *call)
{
    const struct lethe_node *node = call->node;
    size_t room = call->scratch + 16 * (2 + node->in_count + 3 * node->out_count);
    for (size_t k = 0; k < node->in_count; k++)
        room += 2 * size_of(rows, node->in[k]);
    for (size_t k = 0; k < node->out_count; k++)
        room += 2 * size_of(rows, node->out[k]);
    return room;
}

static int reads_parameter(const struct lethe_graph *graph, const struct lethe_node *node)
{
    int found = 0;
    for (size_t k = 0; k < node->in_count; k++) {
        const size_t origin =
            node->in[k] == LETHE_NONE ? LETHE_NONE : lethe_graph_origin(graph, node->in[k]);
        found |= origin != LETHE_NONE && graph->values[origin].param != LETHE_NONE;
    }
    return found;
}

enum lethe_err lethe_grad_rows_new(struct lethe_grad_rows **rows, struct lethe_exec *exec,
                                   struct lethe_error *err)
{
    const struct lethe_graph *graph = exec->graph;
    struct lethe_grad_rows *made = lethe_alloc_zero(1, sizeof *made);
    if (!made)
        return lethe_fail_memory(err, "rows", 1, sizeof *made);
    made->exec = exec;
    made->one = lethe_plan_new(graph, 1, err);
    made->call = lethe_alloc_zero(graph->node_count + 1, sizeof *made->call);
    if (!made->one || !made->call) {
        lethe_grad_rows_free(made);
        return err && err->code ? err->code : LETHE_ENOMEM;
    }
    size_t room = 1, image = 1, largest = 1;
    for (size_t i = 0; i < made->one->call_count; i++) {
        const struct lethe_op_call *call = &made->one->calls[i];
        made->call[call->node - graph->nodes] = call;
        if (!reads_parameter(graph, call->node))
            continue;
        const size_t needs = call_room(made, call), x = size_of(made, call->node->in[0]);
        room = needs > room ? needs : room;
        image = x > image ? x : image;
    }
    for (size_t p = 0; p < graph->param_count; p++)
        largest = graph->params[p].size > largest ? graph->params[p].size : largest;
    made->image = lethe_alloc(image, sizeof *made->image);
    made->space = lethe_alloc_aligned(room, exec->bytes);
    made->sum = lethe_alloc(largest + room, sizeof *made->sum);
    if (!made->image || !made->space || !made->sum) {
        lethe_grad_rows_free(made);
        return lethe_fail_memory(err, "rows", image + room + largest, sizeof(double));
    }
    *rows = made;
    return LETHE_OK;
}

void lethe_grad_rows_free(struct lethe_grad_rows *rows)
{
    if (!rows)
        return;
    lethe_plan_free(rows->one);
    lethe_free(rows->call);
    lethe_free(rows->image);
    lethe_free(rows->space);
    lethe_free(rows->sum);
    lethe_free(rows);
}
