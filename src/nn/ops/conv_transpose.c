/* SPDX-License-Identifier: MIT
 * Transposed convolution: the convolution whose image is our output y and whose output is our input
 * x, run backwards. The window is that convolution's. Filters are (channels of x, channels of y of
 * one group, taps); a column matrix is (channels of y of one group times taps, pixels of x). */
#include <string.h>

#include "nn/ops/columns.h"
#include "nn/ops/real.h"
#include "nn/ops/vector.h"
#include "tensor/shape.h"

struct sizes {
    size_t from, to, depth, inputs, outputs; /* channels of a group; rows of a column; pixels */
};

static struct sizes sizes_of(const struct lethe_conv_args *args)
{
    struct sizes s = {.from = args->filters / args->groups,
                      .to = args->window.channels / args->groups,
                      .inputs = lethe_window_outputs(&args->window),
                      .outputs = lethe_window_inputs(&args->window)};
    s.depth = s.to * lethe_window_taps(&args->window);
    return s;
}

static const real *bias_of(void *const *list, const struct lethe_op_call *call)
{
    return call->node->in_count > 2 ? list[2] : NULL;
}

static void fill_bias(real *y, const real *bias, const struct lethe_conv_args *args,
                      const struct sizes *s)
{
    for (size_t p = 0; p < args->batch * args->window.channels; p++)
        for (size_t o = 0; o < s->outputs; o++)
            y[p * s->outputs + o] = bias ? bias[p % args->window.channels] : 0;
}

/* y += x spread by w */
static void spread(real *y, const real *x, const real *w, const struct lethe_conv_args *args,
                   real *scratch)
{
    struct sizes s = sizes_of(args);
    struct lethe_gemm how = {.m = s.depth, .n = s.inputs, .k = s.from, .ta = 1, .alpha = 1};
    for (size_t b = 0; b < args->batch * args->groups; b++) {
        REAL_GEMM(scratch, w + b % args->groups * s.from * s.depth, x + b * s.from * s.inputs,
                  &how);
        REAL(scatter)(y + b * s.to * s.outputs, scratch, &args->window, s.to);
    }
}

KERNEL(conv_transpose_forward)
{
    const struct lethe_conv_args *args = &call->args.conv;
    struct sizes s = sizes_of(args);
    fill_bias(data->y[0], bias_of(data->x, call), args, &s);
    spread(data->y[0], data->x[0], data->x[1], args, data->scratch);
}

KERNEL(conv_transpose_backward)
{
    const struct lethe_conv_args *args = &call->args.conv;
    struct sizes s = sizes_of(args);
    const real *x = data->x[0], *w = data->x[1], *g = data->dy[0];
    real *dx = data->dx[0], *dw = data->dx[1], *scratch = data->scratch;
    real *db = call->node->in_count > 2 ? data->dx[2] : NULL;
    struct lethe_gemm by_x = {.m = s.from, .n = s.inputs, .k = s.depth, .alpha = 1, .beta = 1};
    struct lethe_gemm by_w = {
        .m = s.from, .n = s.depth, .k = s.inputs, .tb = 1, .alpha = 1, .beta = 1};
    for (size_t p = 0; db && p < args->batch * args->window.channels; p++)
        db[p % args->window.channels] += (real)sum_of(g + p * s.outputs, s.outputs);
    for (size_t b = 0; b < args->batch * args->groups; b++) {
        size_t weights = b % args->groups * s.from * s.depth, at = b * s.from * s.inputs;
        REAL(columns)(scratch, g + b * s.to * s.outputs, &args->window, s.to);
        if (dx)
            REAL_GEMM(dx + at, w + weights, scratch, &by_x);
        if (dw)
            REAL_GEMM(dw + weights, x + at, scratch, &by_w);
    }
}

/* Each factor's derivative reads the other factor: backward with the tangents in their place. */
KERNEL(conv_transpose_backward_jvp)
{
    void *x[3] = {data->tx[0], data->tx[1]};
    void *dx[3] = {data->tx[1] ? data->dx[0] : NULL, data->tx[0] ? data->dx[1] : NULL};
    struct lethe_data turned = *data;
    turned.x = x;
    turned.dx = dx;
    turned.fresh = 0;
    if (dx[0] || dx[1])
        REAL(conv_transpose_backward)(call, &turned);
}

KERNEL(conv_transpose_jvp)
{
    const struct lethe_conv_args *args = &call->args.conv;
    struct sizes s = sizes_of(args);
    fill_bias(data->ty[0], bias_of(data->tx, call), args, &s);
    if (data->tx[0])
        spread(data->ty[0], data->tx[0], data->x[1], args, data->scratch);
    if (data->tx[1])
        spread(data->ty[0], data->x[0], data->tx[1], args, data->scratch);
}
