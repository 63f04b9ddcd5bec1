/* SPDX-License-Identifier: MIT
 * Shape inference and folding, node by node. Folding runs the double kernel on the known entries,
 * so shape arithmetic needs no code of its own. */
#include "nn/plan.h"

#include <string.h>

#include "base/alloc.h"
#include "nn/ops.h"

enum { FOLD_LIMIT = 1 << 25 }; /* numbers in all folded constants together: 256 MiB */

static void start_value(struct lethe_plan_value *now, const struct lethe_graph *graph, size_t v,
                        size_t n)
{
    const struct lethe_tensor_value *value = &graph->values[v];
    now->root = v;
    now->elem = value->elem;
    now->shape = value->shape;
    if (value->kind == LETHE_VALUE_INPUT) {
        now->fed = 1;
        now->lead = 1;
        if (!graph->literal)
            now->shape.dims[0] = n;
    } else if (value->kind == LETHE_VALUE_TENSOR && value->param == LETHE_NONE) {
        now->known = 1;
        now->data = (double *)value->data; /* read only: nobody writes a known value */
    } else if (value->kind == LETHE_VALUE_TENSOR) {
        now->needs = graph->params[value->param].trainable;
    }
}

/* Computes the outputs of a call whose inputs are known. */
static enum lethe_err fold(struct lethe_prepare *p)
{
    const struct lethe_op_call *call = p->call;
    size_t ins = p->node->in_count, outs = p->node->out_count;
    struct lethe_arena *arena = &p->plan->arena;
    for (size_t k = 0; k < outs && !(call->op->flags & LETHE_OP_VIEW); k++) {
        size_t size = p->out[k] ? lethe_shape_size(&p->out[k]->shape) : 0;
        if (size > FOLD_LIMIT - p->plan->folded)
            return lethe_prepare_fail(p, "constants of more than %d numbers", FOLD_LIMIT);
        p->plan->folded += size;
    }
    if (call->scratch > FOLD_LIMIT)
        return lethe_prepare_fail(p, "a constant that takes %zu numbers to compute", call->scratch);
    struct lethe_data data = {.x = lethe_arena_alloc(arena, ins + 1, sizeof(void *)),
                              .y = lethe_arena_alloc(arena, outs + 1, sizeof(void *)),
                              .scratch = lethe_arena_alloc(arena, call->scratch, sizeof(double))};
    if (!data.x || !data.y || !data.scratch)
        return lethe_prepare_memory(p);
    for (size_t k = 0; k < ins; k++)
        data.x[k] = p->in[k] ? p->in[k]->data : NULL;
    for (size_t k = 0; k < outs; k++) {
        if (!p->out[k])
            continue;
        p->out[k]->known = 1;
        p->out[k]->data =
            call->op->flags & LETHE_OP_VIEW
                ? p->in[0]->data
                : lethe_arena_alloc(arena, lethe_shape_size(&p->out[k]->shape), sizeof(double));
        if (!p->out[k]->data)
            return lethe_prepare_memory(p);
        data.y[k] = p->out[k]->data;
    }
    if (!(call->op->flags & LETHE_OP_VIEW))
        call->op->forward[LETHE_F64](call, &data);
    return LETHE_OK;
}

static enum lethe_err check_outputs(struct lethe_prepare *p)
{
    for (size_t k = 0; k < p->node->out_count; k++) {
        const struct lethe_shape *y = p->out[k] ? &p->out[k]->shape : NULL;
        if (!y)
            continue;
        if (y->ndim > LETHE_SHAPE_DIMS)
            return lethe_prepare_fail(p, "more than %d dimensions", LETHE_SHAPE_DIMS);
        size_t size = lethe_shape_size(y), empty = 0;
        for (size_t d = 0; d < y->ndim; d++)
            empty |= y->dims[d] == 0;
        if ((size == 0 && !empty) || size > ((size_t)1 << 40))
            return lethe_prepare_fail(p, "output %zu is too large", k);
    }
    return LETHE_OK;
}

/* All a call needs to know about where its outputs come from. */
static enum lethe_err derive(struct lethe_prepare *p)
{
    const struct lethe_op *op = p->call->op;
    int known = 1, needs = 0, fed = 0;
    size_t lead = 0;
    for (size_t k = 0; k < p->node->in_count; k++) {
        if (!p->in[k])
            continue;
        known &= p->in[k]->known;
        needs |= p->in[k]->needs;
        fed |= p->in[k]->fed;
        lead = p->in[k]->lead > lead ? p->in[k]->lead : lead;
    }
    known |= (op->flags & LETHE_OP_SHAPE) != 0;
    for (size_t k = 0; k < p->node->out_count; k++) {
        if (!p->out[k])
            continue;
        int differentiable = op->backward[0] || op->flags & LETHE_OP_VIEW;
        p->out[k]->needs = needs && !known && differentiable && lethe_elem_is_real(p->out[k]->elem);
        p->out[k]->fed = fed && !known;
        p->out[k]->lead = p->out[k]->lead ? p->out[k]->lead : lead;
    }
    if (op->flags & LETHE_OP_FOLD && !known)
        return lethe_prepare_fail(p, "its shape depends on the data; it must be known at load");
    return known ? fold(p) : LETHE_OK;
}

static enum lethe_err prepare(struct lethe_plan *plan, const struct lethe_graph *graph,
                              const struct lethe_node *node, struct lethe_error *err)
{
    struct lethe_arena *arena = &plan->arena;
    struct lethe_op_call *call = &plan->calls[plan->call_count];
    size_t ins = node->in_count, outs = node->out_count;
    struct lethe_prepare p = {.graph = graph, .plan = plan, .node = node, .call = call, .err = err};
    p.in = lethe_arena_alloc(arena, ins + 1, sizeof *p.in);
    p.out = lethe_arena_alloc(arena, outs + 1, sizeof *p.out);
    call->in = lethe_arena_alloc(arena, ins + 1, sizeof *call->in);
    call->out = lethe_arena_alloc(arena, outs + 1, sizeof *call->out);
    if (!p.in || !p.out || !call->in || !call->out)
        return lethe_prepare_memory(&p);
    for (size_t k = 0; k < ins; k++)
        if (node->in[k] != LETHE_NONE) {
            p.in[k] = &plan->values[node->in[k]];
            call->in[k] = &p.in[k]->shape;
        }
    for (size_t k = 0; k < outs; k++)
        if (node->out[k] != LETHE_NONE) {
            p.out[k] = &plan->values[node->out[k]];
            call->out[k] = &p.out[k]->shape;
        }
    call->op = node->op;
    call->node = node;
    call->kind = node->op->kind;
    call->integer = ins && p.in[0] && !lethe_elem_is_real(p.in[0]->elem);
    enum lethe_err code = node->op->prepare(&p);
    if (!code)
        code = check_outputs(&p);
    if (!code)
        code = derive(&p);
    if (code)
        return code;
    if (node->op->flags & LETHE_OP_VIEW && p.out[0])
        p.out[0]->root = p.in[0]->root;
    if (call->scratch > plan->scratch)
        plan->scratch = call->scratch;
    int folded = outs && p.out[0] && p.out[0]->known;
    plan->call_count += !folded;
    if (folded)
        *call = (struct lethe_op_call){0};
    return LETHE_OK;
}

static struct lethe_plan *make(const struct lethe_graph *graph, size_t n, int inputs_need,
                               struct lethe_error *err)
{
    struct lethe_plan *plan = lethe_alloc_zero(1, sizeof *plan);
    if (!plan)
        goto memory;
    plan->n = n;
    plan->values = lethe_arena_alloc(&plan->arena, graph->value_count, sizeof *plan->values);
    plan->calls = lethe_arena_alloc(&plan->arena, graph->node_count + 1, sizeof *plan->calls);
    if (!plan->values || !plan->calls)
        goto memory;
    for (size_t v = 0; v < graph->value_count; v++) {
        start_value(&plan->values[v], graph, v, n);
        plan->values[v].needs |= inputs_need && plan->values[v].fed;
    }
    for (size_t i = 0; i < graph->node_count; i++) {
        if (graph->nodes[i].used && prepare(plan, graph, &graph->nodes[i], err)) {
            lethe_plan_free(plan);
            return NULL;
        }
    }
    return plan;
memory:
    lethe_plan_free(plan);
    lethe_fail_memory(err, "the plan of a batch", n, sizeof *plan);
    return NULL;
}

struct lethe_plan *lethe_plan_new(const struct lethe_graph *graph, size_t n,
                                  struct lethe_error *err)
{
    return make(graph, n, 0, err);
}

struct lethe_plan *lethe_plan_with_inputs(const struct lethe_graph *graph, size_t n,
                                          struct lethe_error *err)
{
    return make(graph, n, 1, err);
}

void lethe_plan_free(struct lethe_plan *plan)
{
    if (!plan)
        return;
    lethe_arena_release(&plan->arena);
    lethe_free(plan);
}
