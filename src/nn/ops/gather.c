/* SPDX-License-Identifier: MIT
 * Gather along one axis of x, seen as (outer, length, inner); embeddings are this with axis 0. An
 * index outside the axis gives NaN, which the loss then shows, and has no derivative. Also OneHot.
 */
#include <math.h>

#include "nn/ops/real.h"
#include "tensor/shape.h"

/* Row of x an index means, or LETHE_NONE. */
static size_t row_of(real index, size_t length)
{
    real n = (real)length;
    if (!(index >= -n && index < n))
        return LETHE_NONE;
    return (size_t)(index < 0 ? index + n : index);
}

static void run(real *y, const real *x, const real *indices, const struct lethe_axis_args *a)
{
    for (size_t o = 0; o < a->outer; o++)
        for (size_t k = 0; k < a->count; k++, y += a->inner) {
            size_t row = row_of(indices[k], a->length);
            const real *from = row == LETHE_NONE ? NULL : x + (o * a->length + row) * a->inner;
            for (size_t i = 0; i < a->inner; i++)
                y[i] = from ? from[i] : (real)NAN;
        }
}

KERNEL(gather_forward)
{
    run(data->y[0], data->x[0], data->x[1], &call->args.axis);
}

KERNEL(gather_jvp)
{
    run(data->ty[0], data->tx[0], data->x[1], &call->args.axis);
}

/* OneHot: values[1] where the index says, values[0] elsewhere. */
KERNEL(one_hot_forward)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const real *indices = data->x[0], *values = data->x[2];
    real *y = data->y[0];
    for (size_t o = 0; o < a->outer; o++)
        for (size_t i = 0; i < a->inner; i++) {
            size_t row = row_of(indices[o * a->inner + i], a->length);
            for (size_t k = 0; k < a->length; k++)
                y[(o * a->length + k) * a->inner + i] = values[k == row];
        }
}

KERNEL(gather_backward)
{
    const struct lethe_axis_args *a = &call->args.axis;
    const real *g = data->dy[0], *indices = data->x[1];
    real *dx = data->dx[0];
    for (size_t o = 0; dx && o < a->outer; o++)
        for (size_t k = 0; k < a->count; k++, g += a->inner) {
            size_t row = row_of(indices[k], a->length);
            real *to = row == LETHE_NONE ? NULL : dx + (o * a->length + row) * a->inner;
            for (size_t i = 0; to && i < a->inner; i++)
                to[i] += g[i];
        }
}
