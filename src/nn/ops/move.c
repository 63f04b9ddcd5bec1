/* SPDX-License-Identifier: MIT
 * Everything that only moves numbers: Transpose, Slice, Concat, Split, Expand, Tile, Pad,
 * DepthToSpace, Upsample. Linear, so jvp is forward on tangents, and backward is the same walk the
 * other way. Also the operators that make numbers out of shapes: Shape, Size, ConstantOfShape,
 * Range. */
#include <string.h>

#include "nn/ops/real.h"
#include "tensor/shape.h"

/* out[...] = in[...], or in[...] += out[...] when `back` is set. A missing in counts as zeros. */
static void move(real *out, real *in, const struct lethe_walk *walk, int back)
{
    size_t last = walk->ndim - 1, n = walk->dims[last];
    ptrdiff_t so = walk->step[0][last], si = walk->step[1][last];
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk)) {
        real *o = out + at.at[0], *x = in ? in + at.at[1] : NULL;
        if (back)
            for (size_t i = 0; i < n; i++)
                x[(ptrdiff_t)i * si] += o[(ptrdiff_t)i * so];
        else if (!x)
            for (size_t i = 0; i < n; i++)
                o[(ptrdiff_t)i * so] = 0;
        else if (so == 1 && si == 1)
            memcpy(o, x, n * sizeof *o);
        else
            for (size_t i = 0; i < n; i++)
                o[(ptrdiff_t)i * so] = x[(ptrdiff_t)i * si];
    }
}

static void run(const struct lethe_op_call *call, void **outs, void **ins, double fill)
{
    const struct lethe_move_args *args = &call->args.move;
    if (args->fills) {
        real *y = outs[0];
        size_t n = lethe_shape_size(call->out[0]);
        for (size_t i = 0; i < n; i++)
            y[i] = (real)fill;
    }
    for (size_t k = 0; k < args->count; k++) {
        const struct lethe_axis_move *m = &args->moves[k];
        if (outs[m->out])
            move(outs[m->out], ins[m->in], &m->walk, 0);
    }
}

KERNEL(move_forward)
{
    run(call, data->y, data->x, call->args.move.fill);
}

KERNEL(move_backward)
{
    const struct lethe_move_args *args = &call->args.move;
    for (size_t k = 0; k < args->count; k++) {
        const struct lethe_axis_move *m = &args->moves[k];
        if (data->dx[m->in] && data->dy[m->out])
            move(data->dy[m->out], data->dx[m->in], &m->walk, 1);
    }
}

KERNEL(move_jvp)
{
    run(call, data->ty, data->tx, 0);
}

KERNEL(shape_forward)
{
    real *y = data->y[0];
    for (size_t d = 0; d < call->args.axis.count; d++)
        y[d] = (real)call->in[0]->dims[call->args.axis.outer + d];
}

KERNEL(size_forward)
{
    *(real *)data->y[0] = (real)lethe_shape_size(call->in[0]);
}

/* ConstantOfShape: the value is a of the unary arguments. */
KERNEL(fill_forward)
{
    real *y = data->y[0];
    size_t n = lethe_shape_size(call->out[0]);
    for (size_t i = 0; i < n; i++)
        y[i] = (real)call->args.unary.a;
}

/* Range: start a, step b. */
KERNEL(range_forward)
{
    real *y = data->y[0];
    size_t n = lethe_shape_size(call->out[0]);
    for (size_t i = 0; i < n; i++)
        y[i] = (real)(call->args.unary.a + (double)i * call->args.unary.b);
}

KERNEL(non_zero_forward)
{
    const struct lethe_shape *shape = call->in[0];
    const real *x = data->x[0];
    real *y = data->y[0];
    size_t n = lethe_shape_size(shape), columns = call->out[0]->dims[1], column = 0;
    for (size_t i = 0; i < n; i++) {
        if (x[i] == 0)
            continue;
        size_t rest = i;
        for (size_t d = shape->ndim; d-- > 0; rest /= shape->dims[d])
            y[d * columns + column] = (real)(rest % shape->dims[d]);
        column++;
    }
}
