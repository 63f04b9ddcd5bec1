/* SPDX-License-Identifier: MIT
 * Shapes of Gemm and MatMul. */
#include "nn/prepare.h"

static enum lethe_err no_fit(struct lethe_prepare *p)
{
    char x[128], y[128];
    return lethe_prepare_fail(p, "matrices %s and %s do not fit",
                              lethe_shape_text(x, &p->in[0]->shape),
                              lethe_shape_text(y, &p->in[1]->shape));
}

LETHE_PREPARE(gemm)
{
    const struct lethe_shape *a = &p->in[0]->shape, *b = &p->in[1]->shape;
    struct lethe_matmul_args *args = &p->call->args.matmul;
    *args = (struct lethe_matmul_args){
        .batches = 1,
        .ta = lethe_node_int(p->node, "transA", 0) != 0,
        .tb = lethe_node_int(p->node, "transB", 0) != 0,
        .alpha = lethe_node_float(p->node, "alpha", 1),
        .beta = lethe_node_float(p->node, "beta", 1),
    };
    if (a->ndim != 2 || b->ndim != 2 || a->dims[!args->ta] != b->dims[args->tb])
        return no_fit(p);
    if (!lethe_prepare_size_ok(a) || !lethe_prepare_size_ok(b))
        return no_fit(p);
    args->m = a->dims[args->ta];
    args->k = a->dims[!args->ta];
    args->n = b->dims[!args->tb];
    struct lethe_shape y = {.ndim = 2, .dims = {args->m, args->n}}, fits;
    p->out[0]->shape = y;
    p->out[0]->elem = p->in[0]->elem;
    if (p->node->in_count < 3 || !p->in[2])
        return LETHE_OK;
    const struct lethe_shape *c = &p->in[2]->shape;
    char text[128];
    if (!lethe_shape_broadcast(&fits, &y, c) || !lethe_shape_equal(&fits, &y))
        return lethe_prepare_fail(p, "a bias of shape %s for an output of %zux%zu",
                                  lethe_shape_text(text, c), args->m, args->n);
    lethe_walk_operand(&args->bias, 0, &y, &y);
    lethe_walk_operand(&args->bias, 1, c, &y);
    lethe_walk_merge(&args->bias);
    return LETHE_OK;
}

/* Offsets of every product's operand; NULL stays when all use the same one. */
static size_t *offsets(struct lethe_prepare *p, const struct lethe_shape *of,
                       const struct lethe_shape *over, size_t matrix)
{
    size_t batches = lethe_shape_size(over);
    size_t *list = lethe_arena_alloc(&p->plan->arena, batches, sizeof *list);
    if (!list)
        return NULL;
    struct lethe_walk walk = {0};
    lethe_walk_operand(&walk, 0, of, over);
    for (size_t i = 0; i < batches; i++) {
        size_t rest = i, at = 0;
        for (size_t d = over->ndim; d-- > 0; rest /= over->dims[d])
            at += rest % over->dims[d] * (size_t)walk.step[0][d];
        list[i] = at * matrix;
    }
    return list;
}

static struct lethe_shape leading(const struct lethe_shape *shape)
{
    struct lethe_shape head = *shape;
    head.ndim = shape->ndim - 2;
    return head;
}

LETHE_PREPARE(matmul)
{
    struct lethe_shape a = p->in[0]->shape, b = p->in[1]->shape;
    int row = a.ndim == 1, column = b.ndim == 1;
    if (a.ndim == 0 || b.ndim == 0)
        return no_fit(p);
    if (row)
        a = (struct lethe_shape){.ndim = 2, .dims = {1, a.dims[0]}};
    if (column)
        b = (struct lethe_shape){.ndim = 2, .dims = {b.dims[0], 1}};
    struct lethe_matmul_args *args = &p->call->args.matmul;
    *args = (struct lethe_matmul_args){.batches = 1, .alpha = 1, .beta = 1};
    args->m = a.dims[a.ndim - 2];
    args->k = a.dims[a.ndim - 1];
    args->n = b.dims[b.ndim - 1];
    if (!lethe_prepare_size_ok(&a) || !lethe_prepare_size_ok(&b))
        return no_fit(p);
    struct lethe_shape heads_a = leading(&a), heads_b = leading(&b), heads;
    if (b.dims[b.ndim - 2] != args->k || !lethe_shape_broadcast(&heads, &heads_a, &heads_b))
        return no_fit(p);
    struct lethe_shape *y = &p->out[0]->shape;
    *y = heads;
    if (!row)
        y->dims[y->ndim++] = args->m;
    if (!column)
        y->dims[y->ndim++] = args->n;
    p->out[0]->elem = p->in[0]->elem;
    if (b.ndim == 2) { /* one product: every row of a, wherever it is, meets the same b */
        args->m *= lethe_shape_size(&heads);
        return LETHE_OK;
    }
    args->batches = lethe_shape_size(&heads);
    if (args->batches > 1 << 24)
        return lethe_prepare_fail(p, "%zu products at once", args->batches);
    args->at_a = offsets(p, &heads_a, &heads, args->m * args->k);
    args->at_b = offsets(p, &heads_b, &heads, args->k * args->n);
    return args->at_a && args->at_b ? LETHE_OK : lethe_prepare_memory(p);
}
