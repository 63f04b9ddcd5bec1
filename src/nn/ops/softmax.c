/* SPDX-License-Identifier: MIT
 * Softmax and LogSoftmax (kind 1) along one axis of (outer, length, inner). A row of -inf only
 * gives NaN, as in the frameworks. Check: softmax(0, ln 3) = (1/4, 3/4). */
#include <math.h>

#include "nn/ops/real.h"
#include "nn/ops/vector.h"

/* Neighbours in memory, no logarithm. */
LETHE_WIDE static void dense_row(real *y, const real *x, size_t n)
{
    real top = x[0];
    for (size_t i = 1; i < n; i++)
        top = x[i] > top ? x[i] : top;
    for (size_t i = 0; i < n; i++)
        y[i] = exp_down(x[i] - top);
    real scale = (real)(1 / sum_of(y, n));
    for (size_t i = 0; i < n; i++)
        y[i] *= scale;
}

LETHE_WIDE static void dense_chain(real *d, const real *g, const real *y, size_t n, int back)
{
    real dot = (real)sum_of_products(g, y, n);
    if (back)
        for (size_t i = 0; i < n; i++)
            d[i] += y[i] * (g[i] - dot);
    else
        for (size_t i = 0; i < n; i++)
            d[i] = y[i] * (g[i] - dot);
}

static void forward_row(real *y, const real *x, size_t n, size_t step, int logarithm)
{
    if (step == 1 && !logarithm) {
        dense_row(y, x, n);
        return;
    }
    real top = x[0];
    for (size_t i = 1; i < n; i++)
        top = x[i * step] > top ? x[i * step] : top;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        y[i * step] = exp_down(x[i * step] - top);
        sum += (double)y[i * step];
    }
    if (logarithm) {
        real shift = top + (real)log(sum);
        for (size_t i = 0; i < n; i++)
            y[i * step] = x[i * step] - shift;
    } else {
        real scale = (real)(1 / sum);
        for (size_t i = 0; i < n; i++)
            y[i * step] *= scale;
    }
}

/* Softmax: d += y (g - y.g), symmetric, so jvp is the same. LogSoftmax: backward d += g - p sum(g),
 * jvp d = t - p.t */
static void chain_row(real *d, const real *g, const real *y, size_t n, size_t step, int logarithm,
                      int back)
{
    if (step == 1 && !logarithm) {
        dense_chain(d, g, y, n, back);
        return;
    }
    double dot = 0;
    for (size_t i = 0; i < n; i++) {
        real p = logarithm ? REAL_FN(exp)(y[i * step]) : y[i * step];
        dot += (double)g[i * step] * (logarithm && back ? 1 : (double)p);
    }
    for (size_t i = 0; i < n; i++) {
        real p = logarithm ? REAL_FN(exp)(y[i * step]) : y[i * step];
        real value = !logarithm ? p * (g[i * step] - (real)dot)
                     : back     ? g[i * step] - p * (real)dot
                                : g[i * step] - (real)dot;
        d[i * step] = back ? d[i * step] + value : value;
    }
}

KERNEL(softmax_forward)
{
    const struct lethe_axis_args *a = &call->args.axis;
    for (size_t o = 0; o < a->outer; o++)
        for (size_t i = 0; i < a->inner; i++) {
            size_t at = o * a->length * a->inner + i;
            forward_row((real *)data->y[0] + at, (const real *)data->x[0] + at, a->length, a->inner,
                        call->kind);
        }
}

static void chain(real *d, const real *g, const real *y, const struct lethe_op_call *call, int back)
{
    const struct lethe_axis_args *a = &call->args.axis;
    for (size_t o = 0; o < a->outer; o++)
        for (size_t i = 0; i < a->inner; i++) {
            size_t at = o * a->length * a->inner + i;
            chain_row(d + at, g + at, y + at, a->length, a->inner, call->kind, back);
        }
}

KERNEL(softmax_backward)
{
    if (data->dx[0])
        chain(data->dx[0], data->dy[0], data->y[0], call, 1);
}

KERNEL(softmax_jvp)
{
    chain(data->ty[0], data->tx[0], data->y[0], call, 0);
}

/* d += t (g - y.g) - y (t.g) with t the tangent of y; LogSoftmax: d -= p t sum(g). */
static void bend_row(real *d, const real *g, const real *y, const real *t, size_t n, size_t step,
                     int logarithm)
{
    double along_y = 0, along_t = 0;
    for (size_t i = 0; i < n; i++) {
        along_y += (double)g[i * step] * (logarithm ? 1 : (double)y[i * step]);
        along_t += (double)(g[i * step] * t[i * step]);
    }
    for (size_t i = 0; i < n; i++)
        if (logarithm)
            d[i * step] -= REAL_FN(exp)(y[i * step]) * t[i * step] * (real)along_y;
        else
            d[i * step] +=
                t[i * step] * (g[i * step] - (real)along_y) - y[i * step] * (real)along_t;
}

KERNEL(softmax_backward_jvp)
{
    const struct lethe_axis_args *a = &call->args.axis;
    for (size_t o = 0; data->dx[0] && o < a->outer; o++)
        for (size_t i = 0; i < a->inner; i++) {
            size_t at = o * a->length * a->inner + i;
            bend_row((real *)data->dx[0] + at, (const real *)data->dy[0] + at,
                     (const real *)data->y[0] + at, (const real *)data->ty[0] + at, a->length,
                     a->inner, call->kind);
        }
}
