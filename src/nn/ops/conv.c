/* SPDX-License-Identifier: MIT
 * Convolution in one to three dimensions, with groups, strides, dilation and padding: for each
 * sample and group the image becomes a column matrix and meets the filters in one product. A group
 * of one channel and one filter (depthwise) is summed tap by tap instead: its product would be too
 * thin. */
#include <string.h>

#include "nn/onednn.h"
#include "nn/ops/columns.h"
#include "nn/ops/real.h"
#include "nn/ops/vector.h"
#include "tensor/shape.h"

void REAL(columns)(real *col, const real *x, const struct lethe_window *w, size_t channels)
{
    size_t outputs = lethe_window_outputs(w), inputs = lethe_window_inputs(w);
    size_t taps = lethe_window_taps(w), step = w->stride[2];
    for (size_t t = 0; t < taps; t++) {
        struct lethe_tap tap = lethe_tap_nth(w, t);
        size_t n = tap.hi[2] - tap.lo[2];
        size_t reached = n * (tap.hi[1] - tap.lo[1]) * (tap.hi[0] - tap.lo[0]);
        for (size_t c = 0; c < channels; c++) {
            real *to = col + (c * taps + t) * outputs;
            const real *from = x + c * inputs;
            if (reached < outputs)
                memset(to, 0, outputs * sizeof *to);
            if (step == 1)
                LETHE_TAP_ROWS(w, tap, memcpy(to + o, from + i, n * sizeof *to);)
            else
                LETHE_TAP_ROWS(w, tap,
                               for (size_t k = 0; k < n; k++) to[o + k] = from[i + k * step];)
        }
    }
}

/* The transpose of columns: dx += what each entry of the matrix was read from. */
void REAL(scatter)(real *dx, const real *col, const struct lethe_window *w, size_t channels)
{
    size_t outputs = lethe_window_outputs(w), inputs = lethe_window_inputs(w);
    size_t taps = lethe_window_taps(w), step = w->stride[2];
    for (size_t t = 0; t < taps; t++) {
        struct lethe_tap tap = lethe_tap_nth(w, t);
        size_t n = tap.hi[2] - tap.lo[2];
        for (size_t c = 0; c < channels; c++) {
            const real *from = col + (c * taps + t) * outputs;
            real *to = dx + c * inputs;
            LETHE_TAP_ROWS(w, tap, for (size_t k = 0; k < n; k++) to[i + k * step] += from[o + k];)
        }
    }
}

/* One plane: y += w * x (forward), x += w * y (back), or the return value sum y x (for dw). */
static void plane_forward(real *y, const real *x, const real *weights, const struct lethe_window *w)
{
    size_t step = w->stride[2], taps = lethe_window_taps(w);
    for (size_t t = 0; t < taps; t++) {
        struct lethe_tap tap = lethe_tap_nth(w, t);
        size_t n = tap.hi[2] - tap.lo[2];
        real scale = weights[t];
        if (step == 1)
            LETHE_TAP_ROWS(w, tap, for (size_t k = 0; k < n; k++) y[o + k] += scale * x[i + k];)
        else
            LETHE_TAP_ROWS(w, tap,
                           for (size_t k = 0; k < n; k++) y[o + k] += scale * x[i + k * step];)
    }
}

static void plane_backward(real *dx, real *dw, const real *x, const real *g, const real *weights,
                           const struct lethe_window *w)
{
    size_t step = w->stride[2], taps = lethe_window_taps(w);
    for (size_t t = 0; t < taps; t++) {
        struct lethe_tap tap = lethe_tap_nth(w, t);
        size_t n = tap.hi[2] - tap.lo[2];
        real scale = dx ? weights[t] : 0, sum = 0;
        if (dx)
            LETHE_TAP_ROWS(w, tap,
                           for (size_t k = 0; k < n; k++) dx[i + k * step] += scale * g[o + k];)
        if (dw)
            LETHE_TAP_ROWS(w, tap,
                           for (size_t k = 0; k < n; k++) sum += g[o + k] * x[i + k * step];)
        if (dw)
            dw[t] += sum;
    }
}

struct sizes {
    size_t channels, filters, inputs, outputs, depth; /* of one group; depth: rows of a column */
};

static struct sizes sizes_of(const struct lethe_conv_args *args)
{
    struct sizes s = {.channels = args->window.channels / args->groups,
                      .filters = args->filters / args->groups,
                      .inputs = lethe_window_inputs(&args->window),
                      .outputs = lethe_window_outputs(&args->window)};
    s.depth = s.channels * lethe_window_taps(&args->window);
    return s;
}

static int depthwise(const struct sizes *s)
{
    return s->channels == 1 && s->filters == 1;
}

static const real *matrix(real *scratch, const real *x, const struct lethe_conv_args *args,
                          const struct sizes *s)
{
    if (args->pointwise)
        return x;
    REAL(columns)(scratch, x, &args->window, s->channels);
    return scratch;
}

static void fill_bias(real *y, const real *bias, const struct lethe_conv_args *args, size_t outputs)
{
    for (size_t p = 0; p < args->batch * args->filters; p++)
        for (size_t o = 0; o < outputs; o++)
            y[p * outputs + o] = bias ? bias[p % args->filters] : 0;
}

/* y += x * w */
static void convolve(real *y, const real *x, const real *w, const struct lethe_conv_args *args,
                     real *scratch)
{
    struct sizes s = sizes_of(args);
    struct lethe_gemm how = {.m = s.filters, .n = s.outputs, .k = s.depth, .alpha = 1, .beta = 1};
    for (size_t b = 0; b < args->batch * args->groups; b++) {
        size_t group = b % args->groups;
        const real *xi = x + b * s.channels * s.inputs, *wi = w + group * s.filters * s.depth;
        real *yi = y + b * s.filters * s.outputs;
        if (depthwise(&s))
            plane_forward(yi, xi, wi, &args->window);
        else
            REAL_GEMM(yi, wi, matrix(scratch, xi, args, &s), &how);
    }
}

/* Where oneDNN has code for it, in float. */
static int elsewhere(int (*kernel)(const struct lethe_op_call *, const struct lethe_data *),
                     const struct lethe_op_call *call, const struct lethe_data *data)
{
    return LETHE_REAL_BITS == 32 && data->onednn && kernel(call, data);
}

KERNEL(conv_forward)
{
    if (elsewhere(lethe_onednn_forward, call, data))
        return;
    const struct lethe_conv_args *args = &call->args.conv;
    const real *bias = call->node->in_count > 2 ? data->x[2] : NULL;
    fill_bias(data->y[0], bias, args, lethe_window_outputs(&args->window));
    convolve(data->y[0], data->x[0], data->x[1], args, data->scratch);
}

static void sum_planes(real *db, const real *g, const struct lethe_conv_args *args, size_t outputs)
{
    for (size_t p = 0; p < args->batch * args->filters; p++)
        db[p % args->filters] += (real)sum_of(g + p * outputs, outputs);
}

KERNEL(conv_backward)
{
    const struct lethe_conv_args *args = &call->args.conv;
    struct sizes s = sizes_of(args);
    const real *x = data->x[0], *w = data->x[1], *g = data->dy[0];
    real *dx = data->dx[0], *dw = data->dx[1], *scratch = data->scratch;
    real *db = call->node->in_count > 2 ? data->dx[2] : NULL;
    for (unsigned k = 1; k < 3; k++)
        if (data->fresh >> k & 1)
            memset(data->dx[k], 0, lethe_shape_size(call->in[k]) * sizeof(real));
    if (db)
        sum_planes(db, g, args, s.outputs);
    if (elsewhere(lethe_onednn_backward, call, data))
        return;
    if (data->fresh & 1)
        memset(dx, 0, lethe_shape_size(call->in[0]) * sizeof(real));
    struct lethe_gemm by_w = {
        .m = s.filters, .n = s.depth, .k = s.outputs, .tb = 1, .alpha = 1, .beta = 1};
    struct lethe_gemm by_x = {.m = s.depth,
                              .n = s.outputs,
                              .k = s.filters,
                              .ta = 1,
                              .alpha = 1,
                              .beta = args->pointwise ? 1 : 0};
    for (size_t b = 0; b < args->batch * args->groups; b++) {
        size_t group = b % args->groups, weights = group * s.filters * s.depth;
        const real *xi = x + b * s.channels * s.inputs, *gi = g + b * s.filters * s.outputs;
        real *to = dx ? dx + b * s.channels * s.inputs : NULL;
        if (depthwise(&s)) {
            plane_backward(to, dw ? dw + weights : NULL, xi, gi, w + weights, &args->window);
            continue;
        }
        if (dw)
            REAL_GEMM(dw + weights, gi, matrix(scratch, xi, args, &s), &by_w);
        if (to) {
            REAL_GEMM(args->pointwise ? to : scratch, w + weights, gi, &by_x);
            if (!args->pointwise)
                REAL(scatter)(to, scratch, &args->window, s.channels);
        }
    }
}

/* Each factor's derivative reads the other factor: backward with the tangents in their place. */
KERNEL(conv_backward_jvp)
{
    void *x[3] = {data->tx[0], data->tx[1]};
    void *dx[3] = {data->tx[1] ? data->dx[0] : NULL, data->tx[0] ? data->dx[1] : NULL};
    struct lethe_data turned = *data;
    turned.x = x;
    turned.dx = dx;
    turned.fresh = 0;
    turned.packed = 0;
    if (dx[0] || dx[1])
        REAL(conv_backward)(call, &turned);
}

KERNEL(conv_jvp)
{
    if (elsewhere(lethe_onednn_jvp, call, data))
        return;
    const struct lethe_conv_args *args = &call->args.conv;
    const real *bias = call->node->in_count > 2 ? data->tx[2] : NULL;
    fill_bias(data->ty[0], bias, args, lethe_window_outputs(&args->window));
    if (data->tx[0])
        convolve(data->ty[0], data->tx[0], data->x[1], args, data->scratch);
    if (data->tx[1])
        convolve(data->ty[0], data->x[0], data->tx[1], args, data->scratch);
}
