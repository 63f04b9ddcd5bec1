/* SPDX-License-Identifier: MIT
 * Operators along one axis: a tensor seen as (outer, length, inner). */
#include "nn/prepare.h"

static void split_at(struct lethe_axis_args *args, const struct lethe_shape *x, size_t axis)
{
    args->outer = lethe_shape_product(x, 0, axis);
    args->length = x->dims[axis];
    args->inner = lethe_shape_product(x, axis + 1, x->ndim);
}

/* Before opset 13 the tensor was seen as a matrix: everything from `axis` on is one row. */
LETHE_PREPARE(softmax)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_axis_args *args = &p->call->args.axis;
    int flat = p->graph->opset < 13;
    size_t axis;
    enum lethe_err code =
        lethe_prepare_axis(p, &axis, lethe_node_int(p->node, "axis", flat ? 1 : -1), x->ndim);
    if (code)
        return code;
    split_at(args, x, axis);
    if (args->length == 0)
        return lethe_prepare_fail(p, "axis %zu is empty", axis);
    if (flat) {
        args->length *= args->inner;
        args->inner = 1;
    }
    return lethe_prepare_same(p);
}

static int has_size(const struct lethe_prepare *p, size_t k, size_t size)
{
    return k >= p->node->in_count || !p->in[k] || lethe_shape_size(&p->in[k]->shape) == size;
}

LETHE_PREPARE(batchnorm)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_axis_args *args = &p->call->args.axis;
    if (x->ndim < 2)
        return lethe_prepare_fail(p, "a tensor of %zu dimensions has no channels", x->ndim);
    if (lethe_node_int(p->node, "training_mode", 0))
        return lethe_prepare_fail(p, "it is in training mode; export the model in evaluation mode");
    split_at(args, x, 1);
    args->epsilon = lethe_node_float(p->node, "epsilon", 1e-5);
    for (size_t k = 1; k < 5; k++)
        if (!has_size(p, k, args->length))
            return lethe_prepare_fail(p, "input %zu has %zu numbers for %zu channels", k,
                                      lethe_shape_size(&p->in[k]->shape), args->length);
    return lethe_prepare_same(p);
}

/* InstanceNormalization: rows are (sample, channel). LayerNormalization: what follows `axis`. */
LETHE_PREPARE(rownorm)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_axis_args *args = &p->call->args.axis;
    size_t axis = 2;
    enum lethe_err code = LETHE_OK;
    if (p->call->kind == 1)
        code = lethe_prepare_axis(p, &axis, lethe_node_int(p->node, "axis", -1), x->ndim);
    else if (x->ndim < 3)
        return lethe_prepare_fail(p, "a tensor of %zu dimensions has no channels", x->ndim);
    if (code)
        return code;
    args->inner = lethe_shape_product(x, axis, x->ndim);
    args->length = p->call->kind == 1 ? 1 : x->dims[1];
    args->outer = lethe_shape_product(x, 0, axis) / (args->length ? args->length : 1);
    args->epsilon = lethe_node_float(p->node, "epsilon", 1e-5);
    size_t wanted = p->call->kind == 1 ? args->inner : args->length;
    if (!has_size(p, 1, wanted) || !has_size(p, 2, wanted))
        return lethe_prepare_fail(p, "scale and shift do not have %zu numbers", wanted);
    for (size_t k = 1; k < p->node->out_count; k++) {
        if (!p->out[k])
            continue;
        if (!p->graph->literal && p->graph->values[p->node->out[k]].wanted)
            return lethe_prepare_fail(p, "its statistics are used as outputs");
        p->out[k]->shape = *x;
        for (size_t d = axis; d < x->ndim; d++)
            p->out[k]->shape.dims[d] = 1;
        p->out[k]->elem = p->in[0]->elem;
    }
    p->call->notes = 2 * args->outer * args->length;
    return lethe_prepare_same(p);
}

LETHE_PREPARE(gather)
{
    const struct lethe_shape *x = &p->in[0]->shape, *picks = &p->in[1]->shape;
    struct lethe_axis_args *args = &p->call->args.axis;
    struct lethe_shape *y = &p->out[0]->shape;
    size_t axis;
    enum lethe_err code = lethe_prepare_axis(p, &axis, lethe_node_int(p->node, "axis", 0), x->ndim);
    if (code)
        return code;
    if (x->ndim - 1 + picks->ndim > LETHE_SHAPE_DIMS)
        return lethe_prepare_fail(p, "more than %d dimensions", LETHE_SHAPE_DIMS);
    split_at(args, x, axis);
    args->count = lethe_shape_size(picks);
    y->ndim = 0;
    for (size_t d = 0; d < x->ndim; d++) {
        for (size_t k = 0; d == axis && k < picks->ndim; k++)
            y->dims[y->ndim++] = picks->dims[k];
        if (d != axis)
            y->dims[y->ndim++] = x->dims[d];
    }
    p->out[0]->elem = p->in[0]->elem;
    return LETHE_OK;
}

LETHE_PREPARE(reduce)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_reduce_args *args = &p->call->args.reduce;
    struct lethe_shape kept = *x;
    long long axes[2 * LETHE_SHAPE_DIMS];
    size_t count, axis, all = 0;
    enum lethe_err code = lethe_prepare_ints(p, axes, &count, "axes", 1);
    if (code)
        return code;
    if (count == LETHE_NONE || count == 0)
        all = !lethe_node_int(p->node, "noop_with_empty_axes", 0);
    for (size_t d = 0; d < x->ndim && all; d++)
        kept.dims[d] = 1;
    unsigned gone = all ? ~0u : 0;
    for (size_t i = 0; count != LETHE_NONE && i < count; i++) {
        if ((code = lethe_prepare_axis(p, &axis, axes[i], x->ndim)))
            return code;
        kept.dims[axis] = 1;
        gone |= 1u << axis;
    }
    size_t outputs = lethe_shape_size(&kept);
    args->count = outputs ? lethe_shape_size(x) / outputs : 0;
    lethe_walk_operand(&args->walk, 0, x, x);
    lethe_walk_operand(&args->walk, 1, &kept, x);
    lethe_walk_merge(&args->walk);
    p->call->scratch = p->call->kind == LETHE_PROD ? 2 * outputs : outputs;
    struct lethe_shape *y = &p->out[0]->shape;
    *y = kept;
    if (!lethe_node_int(p->node, "keepdims", 1)) {
        y->ndim = 0;
        for (size_t d = 0; d < x->ndim; d++)
            if (!(gone >> d & 1))
                y->dims[y->ndim++] = x->dims[d];
    }
    p->out[0]->elem = p->in[0]->elem;
    return LETHE_OK;
}

LETHE_PREPARE(trilu)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    long long given[2 * LETHE_SHAPE_DIMS] = {0}, most = 1 << 30;
    size_t count;
    enum lethe_err code = lethe_prepare_ints(p, given, &count, NULL, 1);
    if (code)
        return code;
    if (x->ndim < 2 || (count != LETHE_NONE && count != 1))
        return lethe_prepare_fail(p, "it needs matrices and one diagonal");
    p->call->args.triangle =
        (struct lethe_triangle_args){.matrices = lethe_shape_product(x, 0, x->ndim - 2),
                                     .rows = x->dims[x->ndim - 2],
                                     .columns = x->dims[x->ndim - 1],
                                     .diagonal = given[0] > most    ? most
                                                 : given[0] < -most ? -most
                                                                    : (ptrdiff_t)given[0],
                                     .upper = lethe_node_int(p->node, "upper", 1) != 0};
    return lethe_prepare_same(p);
}

/* OneHot: indices (outer, inner) become (outer, length, inner). */
LETHE_PREPARE(one_hot)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_axis_args *args = &p->call->args.axis;
    struct lethe_shape *y = &p->out[0]->shape;
    long long depth[2 * LETHE_SHAPE_DIMS];
    size_t count, axis;
    enum lethe_err code = lethe_prepare_ints(p, depth, &count, NULL, 1);
    if (!code)
        code = lethe_prepare_axis(p, &axis, lethe_node_int(p->node, "axis", -1), x->ndim + 1);
    if (code)
        return code;
    if (count != 1 || depth[0] < 1 || depth[0] > 1 << 24 || x->ndim >= LETHE_SHAPE_DIMS ||
        lethe_shape_size(&p->in[2]->shape) != 2)
        return lethe_prepare_fail(p, "its depth or its two values do not fit");
    y->ndim = x->ndim + 1;
    for (size_t d = 0; d < y->ndim; d++)
        y->dims[d] = d < axis ? x->dims[d] : d == axis ? (size_t)depth[0] : x->dims[d - 1];
    split_at(args, y, axis);
    p->out[0]->elem = p->in[2]->elem;
    return LETHE_OK;
}

LETHE_PREPARE(cumsum)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    long long given[2 * LETHE_SHAPE_DIMS];
    size_t count, axis;
    enum lethe_err code = lethe_prepare_ints(p, given, &count, NULL, 1);
    if (!code && count != 1)
        return lethe_prepare_fail(p, "%zu axes; one is needed", count);
    if (code || (code = lethe_prepare_axis(p, &axis, given[0], x->ndim)))
        return code;
    split_at(&p->call->args.axis, x, axis);
    p->call->args.axis.count = (size_t)(lethe_node_int(p->node, "exclusive", 0) != 0) |
                               (size_t)(lethe_node_int(p->node, "reverse", 0) != 0) << 1;
    return lethe_prepare_same(p);
}

LETHE_PREPARE(argmax)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_axis_args *args = &p->call->args.axis;
    struct lethe_shape *y = &p->out[0]->shape;
    size_t axis;
    enum lethe_err code = lethe_prepare_axis(p, &axis, lethe_node_int(p->node, "axis", 0), x->ndim);
    if (code)
        return code;
    split_at(args, x, axis);
    if (args->length == 0)
        return lethe_prepare_fail(p, "the largest of no numbers");
    args->count = lethe_node_int(p->node, "select_last_index", 0) != 0;
    int keep = lethe_node_int(p->node, "keepdims", 1) != 0;
    y->ndim = 0;
    for (size_t d = 0; d < x->ndim; d++)
        if (d != axis || keep)
            y->dims[y->ndim++] = d == axis ? 1 : x->dims[d];
    p->out[0]->elem = LETHE_ELEM_INT64;
    return LETHE_OK;
}
