/* SPDX-License-Identifier: MIT
 * Sum, Mean, Max and Min of any number of broadcast tensors: one walk (y, x) per input. Where
 * several inputs share the extreme value, its derivative goes to the first of them. */
#include "nn/ops/real.h"
#include "tensor/shape.h"

/* One input joins what y holds; the first one replaces it. */
static void join(real *y, const real *x, const struct lethe_walk *walk, int kind, int first)
{
    size_t last = walk->ndim - 1;
    ptrdiff_t step = walk->step[1][last];
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk))
        for (size_t k = 0; k < walk->dims[last]; k++) {
            real *to = y + at.at[0] + k, v = x[at.at[1] + (ptrdiff_t)k * step];
            if (first || (kind == LETHE_MAX && v > *to) || (kind == LETHE_MIN && v < *to))
                *to = v;
            else if (kind == LETHE_ADD || kind == LETHE_MEAN_OF)
                *to += v;
        }
}

static real share(const struct lethe_op_call *call)
{
    return call->kind == LETHE_MEAN_OF ? 1 / (real)call->node->in_count : 1;
}

KERNEL(many_forward)
{
    real *y = data->y[0];
    size_t n = lethe_shape_size(call->out[0]);
    for (size_t k = 0; k < call->node->in_count; k++)
        join(y, data->x[k], &call->args.many[k], call->kind, k == 0);
    for (size_t i = 0; i < n && call->kind == LETHE_MEAN_OF; i++)
        y[i] *= share(call);
}

/* Passes derivatives between y's d and input k's; taken marks extremes given away already. */
static void chain(real *d, real *of_x, const struct lethe_op_call *call,
                  const struct lethe_data *data, size_t input, int back)
{
    const struct lethe_walk *walk = &call->args.many[input];
    const real *x = data->x[input], *y = data->y[0];
    real *taken = data->scratch, scale = share(call);
    int extreme = call->kind == LETHE_MAX || call->kind == LETHE_MIN;
    size_t last = walk->ndim - 1;
    ptrdiff_t step = walk->step[1][last];
    struct lethe_rows at;
    for (int more = lethe_rows_first(&at, walk); more; more = lethe_rows_next(&at, walk))
        for (size_t k = 0; k < walk->dims[last]; k++) {
            ptrdiff_t o = at.at[0] + (ptrdiff_t)k, i = at.at[1] + (ptrdiff_t)k * step;
            if (extreme && (x[i] != y[o] || taken[o] != 0))
                continue;
            taken[o] = 1;
            if (of_x && back)
                of_x[i] += scale * d[o];
            else if (of_x)
                d[o] += scale * of_x[i];
        }
}

static void clear(real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = 0;
}

KERNEL(many_backward)
{
    clear(data->scratch, lethe_shape_size(call->out[0]));
    for (size_t k = 0; k < call->node->in_count; k++)
        chain(data->dy[0], data->dx[k], call, data, k, 1);
}

KERNEL(many_jvp)
{
    clear(data->scratch, lethe_shape_size(call->out[0]));
    clear(data->ty[0], lethe_shape_size(call->out[0]));
    for (size_t k = 0; k < call->node->in_count; k++)
        chain(data->ty[0], data->tx[k], call, data, k, 0);
}
