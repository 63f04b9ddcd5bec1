/* SPDX-License-Identifier: MIT
 * Reading and writing at positions that a tensor of indices names: GatherElements, GatherND,
 * ScatterElements, ScatterND. Pick i is a block of `inner` numbers of the data, found by its own
 * indices (see prepare_pick.c). As with Gather, an index outside gives NaN and has no derivative.
 */
#include <math.h>
#include <string.h>

#include "nn/ops/real.h"
#include "tensor/shape.h"

/* First entry of the data that pick i means, or LETHE_NONE. */
static size_t place_of(const struct lethe_pick_args *a, const real *indices, size_t i)
{
    size_t at = 0, rest = i;
    for (size_t d = a->ndim; d-- > 0; rest /= a->dims[d])
        at += rest % a->dims[d] * a->steps[d];
    for (size_t k = 0; k < a->depth; k++) {
        real index = indices[i * a->depth + k], n = (real)a->lengths[k];
        if (!(index >= -n && index < n))
            return LETHE_NONE;
        at += (size_t)(index < 0 ? index + n : index) * a->along[k];
    }
    return at;
}

static void read_picks(real *y, const real *x, const struct lethe_op_call *call,
                       const real *indices)
{
    const struct lethe_pick_args *a = &call->args.pick;
    for (size_t i = 0; i < a->count; i++) {
        size_t at = place_of(a, indices, i);
        for (size_t k = 0; k < a->inner; k++)
            y[i * a->inner + k] = at == LETHE_NONE ? (real)NAN : x[at + k];
    }
}

/* x at the picks += y */
static void add_picks(real *x, const real *y, const struct lethe_op_call *call, const real *indices)
{
    const struct lethe_pick_args *a = &call->args.pick;
    for (size_t i = 0; i < a->count; i++) {
        size_t at = place_of(a, indices, i);
        for (size_t k = 0; at != LETHE_NONE && k < a->inner; k++)
            x[at + k] += y[i * a->inner + k];
    }
}

KERNEL(pick_forward)
{
    read_picks(data->y[0], data->x[0], call, data->x[1]);
}

KERNEL(pick_backward)
{
    if (data->dx[0])
        add_picks(data->dx[0], data->dy[0], call, data->x[1]);
}

KERNEL(pick_jvp)
{
    read_picks(data->ty[0], data->tx[0], call, data->x[1]);
}

/* y = x with the updates u (zeros when NULL) written or, with `adds`, added at the picks. */
static void put(real *y, const real *x, const real *u, const struct lethe_op_call *call,
                const struct lethe_data *data)
{
    const struct lethe_pick_args *a = &call->args.pick;
    size_t n = lethe_shape_size(call->out[0]);
    if (x)
        memcpy(y, x, n * sizeof *y);
    else
        memset(y, 0, n * sizeof *y);
    if (a->adds && u)
        add_picks(y, u, call, data->x[1]);
    for (size_t i = 0; i < a->count; i++) {
        size_t at = place_of(a, data->x[1], i);
        if (at == LETHE_NONE)
            y[0] = (real)NAN;
        for (size_t k = 0; at != LETHE_NONE && !a->adds && k < a->inner; k++)
            y[at + k] = u ? u[i * a->inner + k] : 0;
    }
}

KERNEL(put_forward)
{
    put(data->y[0], data->x[0], data->x[2], call, data);
}

KERNEL(put_jvp)
{
    put(data->ty[0], data->tx[0], data->tx[2], call, data);
}

/* Where one place is written twice the last pick counts; scratch holds dy, and what a pick has
 * taken is gone for those before it and for x. */
KERNEL(put_backward)
{
    const struct lethe_pick_args *a = &call->args.pick;
    size_t n = lethe_shape_size(call->out[0]);
    real *left = data->scratch, *dx = data->dx[0], *du = data->dx[2];
    memcpy(left, data->dy[0], n * sizeof *left);
    for (size_t i = a->count; i-- > 0;) {
        size_t at = place_of(a, data->x[1], i);
        for (size_t k = 0; at != LETHE_NONE && k < a->inner; k++) {
            if (du)
                du[i * a->inner + k] += left[at + k];
            if (!a->adds)
                left[at + k] = 0;
        }
    }
    for (size_t i = 0; dx && i < n; i++)
        dx[i] += left[i];
}
