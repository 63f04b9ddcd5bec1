/* SPDX-License-Identifier: MIT
 * GroupNormalization and RMSNormalization. The scale of a GroupNormalization is one number a group
 * in opset 18 and one a channel since opset 21. */
#include "nn/prepare.h"

static int has_size(const struct lethe_prepare *p, size_t k, size_t size)
{
    return k >= p->node->in_count || !p->in[k] || lethe_shape_size(&p->in[k]->shape) == size;
}

LETHE_PREPARE(groupnorm)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_row_args *args = &p->call->args.rows;
    long long given = lethe_node_int(p->node, "num_groups", 0);
    if (x->ndim < 2)
        return lethe_prepare_fail(p, "a tensor of %zu dimensions has no channels", x->ndim);
    size_t channels = x->dims[1], groups = given > 0 ? (size_t)given : 0;
    if (groups == 0 || groups > channels || channels % groups)
        return lethe_prepare_fail(p, "%lld groups of %zu channels", given, channels);
    size_t wanted = p->graph->opset < 21 ? groups : channels;
    if (!has_size(p, 1, wanted) || !has_size(p, 2, wanted))
        return lethe_prepare_fail(p, "scale and shift do not have %zu numbers, one %s", wanted,
                                  wanted == channels ? "a channel" : "a group");
    args->rows = x->dims[0] * groups;
    args->groups = groups;
    args->per = wanted / groups;
    args->run = lethe_shape_product(x, 2, x->ndim) * (channels / wanted);
    args->epsilon = lethe_node_float(p->node, "epsilon", 1e-5);
    args->centred = 1;
    return lethe_prepare_same(p);
}

LETHE_PREPARE(rmsnorm)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_row_args *args = &p->call->args.rows;
    size_t axis;
    enum lethe_err code =
        lethe_prepare_axis(p, &axis, lethe_node_int(p->node, "axis", -1), x->ndim);
    if (code)
        return code;
    args->per = lethe_shape_product(x, axis, x->ndim);
    if (!has_size(p, 1, args->per))
        return lethe_prepare_fail(p, "its scale does not have %zu numbers", args->per);
    args->rows = lethe_shape_product(x, 0, axis);
    args->groups = args->run = 1;
    args->epsilon = lethe_node_float(p->node, "epsilon", 1e-5);
    return lethe_prepare_same(p);
}
