/* SPDX-License-Identifier: MIT
 * Operators with a tensor of indices. A pick's place in the data is the sum of a fixed part (its
 * own coordinates, those of dims with their steps) and of `depth` indices along axes of their own.
 * GatherND: a pick is a row of indices, its fixed part the batch axes. GatherElements: a pick is
 * one index along `axis`, its fixed part every other axis. */
#include <string.h>

#include "nn/prepare.h"

static enum lethe_err sizes_ok(struct lethe_prepare *p)
{
    for (size_t k = 0; k < p->node->in_count; k++)
        if (!lethe_prepare_size_ok(&p->in[k]->shape))
            return lethe_prepare_fail(p, "input %zu is too large", k);
    return LETHE_OK;
}

/* Rows of indices into the axes after the first `batch` ones. picked: shape of all picks. */
static enum lethe_err rows_of_indices(struct lethe_prepare *p, struct lethe_shape *picked,
                                      size_t batch)
{
    const struct lethe_shape *x = &p->in[0]->shape, *index = &p->in[1]->shape;
    struct lethe_pick_args *a = &p->call->args.pick;
    size_t depth = index->ndim ? index->dims[index->ndim - 1] : 0;
    char text[128], other[128];
    int fits = batch < index->ndim && batch < x->ndim && depth > 0 && depth <= x->ndim - batch;
    for (size_t d = 0; fits && d < batch; d++)
        fits = x->dims[d] == index->dims[d];
    if (!fits || index->ndim - 1 + x->ndim - batch - depth > LETHE_SHAPE_DIMS)
        return lethe_prepare_fail(p, "indices of shape %s for a tensor of shape %s",
                                  lethe_shape_text(text, index), lethe_shape_text(other, x));
    a->depth = depth;
    a->inner = lethe_shape_product(x, batch + depth, x->ndim);
    a->count = lethe_shape_product(index, 0, index->ndim - 1);
    for (size_t k = 0; k < depth; k++) {
        a->lengths[k] = x->dims[batch + k];
        a->along[k] = lethe_shape_product(x, batch + k + 1, x->ndim);
    }
    a->ndim = 2; /* the batch, and the picks of each, which do not move */
    a->dims[0] = lethe_shape_product(index, 0, batch);
    a->dims[1] = lethe_shape_product(index, batch, index->ndim - 1);
    a->steps[0] = lethe_shape_product(x, batch, x->ndim);
    *picked = *index;
    picked->ndim--;
    for (size_t d = batch + depth; d < x->ndim; d++)
        picked->dims[picked->ndim++] = x->dims[d];
    return LETHE_OK;
}

static enum lethe_err single_indices(struct lethe_prepare *p)
{
    const struct lethe_shape *x = &p->in[0]->shape, *index = &p->in[1]->shape;
    struct lethe_pick_args *a = &p->call->args.pick;
    size_t axis;
    enum lethe_err code = lethe_prepare_axis(p, &axis, lethe_node_int(p->node, "axis", 0), x->ndim);
    if (code)
        return code;
    int fits = x->ndim == index->ndim;
    for (size_t d = 0; fits && d < x->ndim; d++)
        fits = d == axis || index->dims[d] <= x->dims[d];
    char text[128], other[128];
    if (!fits)
        return lethe_prepare_fail(p, "indices of shape %s for a tensor of shape %s",
                                  lethe_shape_text(text, index), lethe_shape_text(other, x));
    a->depth = a->inner = 1;
    a->count = lethe_shape_size(index);
    a->lengths[0] = x->dims[axis];
    a->along[0] = lethe_shape_product(x, axis + 1, x->ndim);
    a->ndim = x->ndim;
    for (size_t d = 0; d < x->ndim; d++) {
        a->dims[d] = index->dims[d];
        a->steps[d] = d == axis ? 0 : lethe_shape_product(x, d + 1, x->ndim);
    }
    return LETHE_OK;
}

LETHE_PREPARE(gather_elements)
{
    enum lethe_err code = sizes_ok(p);
    p->out[0]->shape = p->in[1]->shape;
    p->out[0]->elem = p->in[0]->elem;
    return code ? code : single_indices(p);
}

LETHE_PREPARE(gather_nd)
{
    long long batch = lethe_node_int(p->node, "batch_dims", 0);
    enum lethe_err code = sizes_ok(p);
    p->out[0]->elem = p->in[0]->elem;
    if (!code && (batch < 0 || batch > LETHE_SHAPE_DIMS))
        return lethe_prepare_fail(p, "'batch_dims' is %lld", batch);
    return code ? code : rows_of_indices(p, &p->out[0]->shape, (size_t)batch);
}

/* The updates must have the shape of what they replace. */
static enum lethe_err finish_scatter(struct lethe_prepare *p, const struct lethe_shape *picked)
{
    const char *how = lethe_node_text(p->node, "reduction", "none");
    char text[128], other[128];
    if (!lethe_shape_equal(picked, &p->in[2]->shape))
        return lethe_prepare_fail(p, "updates of shape %s for a place of shape %s",
                                  lethe_shape_text(text, &p->in[2]->shape),
                                  lethe_shape_text(other, picked));
    p->call->args.pick.adds = !strcmp(how, "add");
    if (!p->call->args.pick.adds && strcmp(how, "none") != 0)
        return lethe_prepare_fail(p, "reduction '%.20s' is not supported", how);
    p->call->scratch = lethe_shape_size(&p->in[0]->shape);
    if (p->call->scratch == 0 && p->call->args.pick.count > 0)
        return lethe_prepare_fail(p, "updates of an empty tensor");
    return lethe_prepare_same(p);
}

LETHE_PREPARE(scatter_elements)
{
    enum lethe_err code = sizes_ok(p);
    if (!code)
        code = single_indices(p);
    return code ? code : finish_scatter(p, &p->in[1]->shape);
}

LETHE_PREPARE(scatter_nd)
{
    struct lethe_shape picked = {0};
    enum lethe_err code = sizes_ok(p);
    if (!code)
        code = rows_of_indices(p, &picked, 0);
    return code ? code : finish_scatter(p, &picked);
}
