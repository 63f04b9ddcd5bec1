/* SPDX-License-Identifier: MIT
 * Resampling: every axis that changes is one sparse matrix, applied one axis after the other. */
#include <string.h>

#include "nn/ops/real.h"
#include "tensor/shape.h"

static size_t outputs_of(const struct lethe_taps *t)
{
    return t->outer * t->out * t->inner;
}

static size_t inputs_of(const struct lethe_taps *t)
{
    return t->outer * t->in * t->inner;
}

/* y(outer, out, inner) = W x */
static void apply(real *y, const real *x, const struct lethe_taps *t)
{
    memset(y, 0, outputs_of(t) * sizeof *y);
    for (size_t o = 0; o < t->outer; o++)
        for (size_t j = 0; j < t->out; j++) {
            real *to = y + (o * t->out + j) * t->inner;
            for (size_t k = t->first[j]; k < t->first[j + 1]; k++) {
                const real *from = x + (o * t->in + t->index[k]) * t->inner;
                const real by = (real)t->weight[k];
                for (size_t i = 0; i < t->inner; i++)
                    to[i] += by * from[i];
            }
        }
}

/* x(outer, in, inner) += W' y */
static void apply_transposed(real *x, const real *y, const struct lethe_taps *t)
{
    for (size_t o = 0; o < t->outer; o++)
        for (size_t j = 0; j < t->out; j++) {
            const real *from = y + (o * t->out + j) * t->inner;
            for (size_t k = t->first[j]; k < t->first[j + 1]; k++) {
                real *to = x + (o * t->in + t->index[k]) * t->inner;
                const real by = (real)t->weight[k];
                for (size_t i = 0; i < t->inner; i++)
                    to[i] += by * from[i];
            }
        }
}

static void resample(real *y, const real *x, const struct lethe_op_call *call, real *scratch)
{
    const struct lethe_resample_args *a = &call->args.resample;
    if (a->count == 0)
        memcpy(y, x, lethe_shape_size(call->out[0]) * sizeof *y);
    for (size_t k = 0; k < a->count; k++) {
        real *to = k + 1 == a->count ? y : scratch + k % 2 * a->buffer;
        apply(to, x, &a->axes[k]);
        x = to;
    }
}

/* Outputs that lie outside along this axis become `value`. */
static void fill_outside(real *y, const struct lethe_op_call *call, const struct lethe_taps *t,
                         real value)
{
    size_t size = lethe_shape_size(call->out[0]), inner = 1, d = call->out[0]->ndim;
    while (d-- > 0 && (size_t)(t - call->args.resample.axes) != d)
        inner *= call->out[0]->dims[d];
    for (size_t i = 0; i < size; i++)
        if (t->outside[i / inner % t->out])
            y[i] = value;
}

static void fill(real *y, const struct lethe_op_call *call, real value)
{
    const struct lethe_resample_args *a = &call->args.resample;
    for (size_t k = 0; k < a->count; k++)
        if (a->axes[k].outside)
            fill_outside(y, call, &a->axes[k], value);
}

KERNEL(resample_forward)
{
    resample(data->y[0], data->x[0], call, data->scratch);
    fill(data->y[0], call, (real)call->args.resample.fill);
}

KERNEL(resample_backward)
{
    const struct lethe_resample_args *a = &call->args.resample;
    const real *g = data->dy[0];
    real *dx = data->dx[0], *scratch = data->scratch;
    if (!dx)
        return;
    for (size_t i = 0; a->count == 0 && i < lethe_shape_size(call->out[0]); i++)
        dx[i] += g[i];
    for (size_t k = a->count; k-- > 0;) {
        real *to = k == 0 ? dx : scratch + k % 2 * a->buffer;
        if (k > 0)
            memset(to, 0, inputs_of(&a->axes[k]) * sizeof *to);
        apply_transposed(to, g, &a->axes[k]);
        g = to;
    }
}

KERNEL(resample_jvp)
{
    if (data->tx[0])
        resample(data->ty[0], data->tx[0], call, data->scratch);
    else
        memset(data->ty[0], 0, lethe_shape_size(call->out[0]) * sizeof(real));
}
