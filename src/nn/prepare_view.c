/* SPDX-License-Identifier: MIT
 * Operators that only give a tensor another shape. */
#include "nn/prepare.h"

LETHE_PREPARE(same)
{
    p->out[0]->shape = p->in[0]->shape;
    p->out[0]->elem = p->in[0]->elem;
    return LETHE_OK;
}

LETHE_PREPARE(flatten)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    long long given = lethe_node_int(p->node, "axis", 1);
    size_t axis = x->ndim;
    enum lethe_err code =
        given == (long long)x->ndim ? LETHE_OK : lethe_prepare_axis(p, &axis, given, x->ndim);
    if (code)
        return code;
    p->out[0]->elem = p->in[0]->elem;
    p->out[0]->shape = (struct lethe_shape){
        .ndim = 2,
        .dims = {lethe_shape_product(x, 0, axis), lethe_shape_product(x, axis, x->ndim)}};
    return LETHE_OK;
}

/* A file whose batch is fixed writes it into its shapes, too: there it means "the batch". */
static void free_batch(const struct lethe_prepare *p, long long *list, size_t count)
{
    const struct lethe_graph *graph = p->graph;
    if (graph->literal || !graph->file_batch || !p->in[0]->fed || count == 0)
        return;
    if (list[0] == (long long)graph->file_batch && p->in[0]->shape.ndim > 0 &&
        p->in[0]->shape.dims[0] == p->plan->n)
        list[0] = (long long)p->plan->n;
}

LETHE_PREPARE(reshape)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    struct lethe_shape y = {0};
    if (lethe_prepare_follow_batch(p))
        return LETHE_OK;
    long long list[2 * LETHE_SHAPE_DIMS] = {0};
    size_t count, size = lethe_shape_size(x), known = 1, open = LETHE_NONE;
    enum lethe_err code = lethe_prepare_ints(p, list, &count, "shape", 1);
    if (code)
        return code;
    if (count > LETHE_SHAPE_DIMS)
        return lethe_prepare_fail(p, "a shape of more than %d dimensions", LETHE_SHAPE_DIMS);
    free_batch(p, list, count);
    int zero_is_zero = lethe_node_int(p->node, "allowzero", 0) != 0;
    for (y.ndim = 0; y.ndim < count; y.ndim++) {
        long long want = list[y.ndim];
        if (want == 0 && !zero_is_zero) {
            if (y.ndim >= x->ndim)
                return lethe_prepare_fail(p, "dimension %zu is to be kept, but there is none",
                                          y.ndim);
            want = (long long)x->dims[y.ndim];
        }
        if (want < -1 || (want == -1 && open != LETHE_NONE))
            return lethe_prepare_fail(p, "dimension %zu of the new shape is %lld", y.ndim, want);
        if (want == -1)
            open = y.ndim;
        else
            known *= (size_t)want;
        y.dims[y.ndim] = want == -1 ? 1 : (size_t)want;
    }
    if (open != LETHE_NONE)
        y.dims[open] = known ? size / known : 0;
    char from[128], to[128];
    if (lethe_shape_size(&y) != size)
        return lethe_prepare_fail(p, "%s cannot be given the shape %s", lethe_shape_text(from, x),
                                  lethe_shape_text(to, &y));
    p->out[0]->shape = y;
    p->out[0]->elem = p->in[0]->elem;
    return LETHE_OK;
}

LETHE_PREPARE(squeeze)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    long long list[2 * LETHE_SHAPE_DIMS];
    int drop[LETHE_SHAPE_DIMS] = {0};
    size_t count, axis;
    enum lethe_err code = lethe_prepare_ints(p, list, &count, "axes", 1);
    if (code)
        return code;
    for (size_t d = 0; count == LETHE_NONE && d < x->ndim; d++)
        drop[d] = x->dims[d] == 1;
    for (size_t i = 0; count != LETHE_NONE && i < count; i++) {
        if ((code = lethe_prepare_axis(p, &axis, list[i], x->ndim)))
            return code;
        if (x->dims[axis] != 1)
            return lethe_prepare_fail(p, "axis %zu has length %zu, not 1", axis, x->dims[axis]);
        drop[axis] = 1;
    }
    struct lethe_shape y = {0};
    for (size_t d = 0; d < x->ndim; d++)
        if (!drop[d])
            y.dims[y.ndim++] = x->dims[d];
    p->out[0]->shape = y;
    p->out[0]->elem = p->in[0]->elem;
    return LETHE_OK;
}

LETHE_PREPARE(unsqueeze)
{
    const struct lethe_shape *x = &p->in[0]->shape;
    long long list[2 * LETHE_SHAPE_DIMS];
    int is_new[LETHE_SHAPE_DIMS] = {0};
    size_t count, axis, next = 0;
    enum lethe_err code = lethe_prepare_ints(p, list, &count, "axes", 1);
    if (code)
        return code;
    if (count == LETHE_NONE || x->ndim + count > LETHE_SHAPE_DIMS)
        return lethe_prepare_fail(p, "axes are missing or too many");
    struct lethe_shape y = {.ndim = x->ndim + count};
    for (size_t i = 0; i < count; i++) {
        if ((code = lethe_prepare_axis(p, &axis, list[i], y.ndim)))
            return code;
        if (is_new[axis])
            return lethe_prepare_fail(p, "axis %zu is named twice", axis);
        is_new[axis] = 1;
    }
    for (size_t d = 0; d < y.ndim; d++)
        y.dims[d] = is_new[d] ? 1 : x->dims[next++];
    p->out[0]->shape = y;
    p->out[0]->elem = p->in[0]->elem;
    return LETHE_OK;
}
