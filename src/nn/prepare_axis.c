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
enum lethe_err lethe_prepare_softmax(struct lethe_prepare *p)
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
    if (flat) {
        args->length *= args->inner;
        args->inner = 1;
    }
    return lethe_prepare_same(p);
}
