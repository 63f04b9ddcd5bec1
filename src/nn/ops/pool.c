/* SPDX-License-Identifier: MIT
 * Average (kind 0) and maximum (kind 1) pools, plane by plane and, inside, kernel position by
 * kernel position, so that inner loops run along rows. The derivative of a maximum goes to the
 * first of equal entries; the note, or for one plane scratch, holds the place of each output's. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "nn/ops/columns.h"
#include "nn/ops/real.h"
#include "nn/ops/vector.h"

/* How many entries the average along one axis divides by at output o. */
static size_t divisor_along(const struct lethe_window *w, int axis, size_t o, int count_padding)
{
    ptrdiff_t start = (ptrdiff_t)(o * w->stride[axis]) - (ptrdiff_t)w->before[axis];
    ptrdiff_t by = (ptrdiff_t)w->dilation[axis], in = (ptrdiff_t)w->in[axis];
    ptrdiff_t end = start + (ptrdiff_t)w->kernel[axis] * by;
    ptrdiff_t limit = count_padding ? in + (ptrdiff_t)w->after[axis] : in;
    end = end < limit ? end : limit;
    while (start < 0 && !count_padding)
        start += by;
    return end > start ? (size_t)((end - start + by - 1) / by) : 0;
}

/* 1 / divisor of every output, in scratch; the maximum's scale is never used. */
static void write_scales(real *scale, const struct lethe_pool_args *args)
{
    const struct lethe_window *w = &args->window;
    size_t outputs = lethe_window_outputs(w);
    for (size_t o = 0; o < outputs; o++) {
        size_t count = divisor_along(w, 0, o / (w->out[1] * w->out[2]), args->count_padding) *
                       divisor_along(w, 1, o / w->out[2] % w->out[1], args->count_padding) *
                       divisor_along(w, 2, o % w->out[2], args->count_padding);
        scale[o] = count ? 1 / (real)count : 0;
    }
}

static void average_plane(real *y, const real *x, const struct lethe_window *w, const real *scale)
{
    size_t step = w->stride[2], outputs = lethe_window_outputs(w);
    if (outputs == 1 && lethe_window_taps(w) == lethe_window_inputs(w)) {
        *y = (real)sum_of(x, lethe_window_inputs(w)) * scale[0];
        return;
    }
    memset(y, 0, outputs * sizeof *y);
    for (size_t t = 0; t < lethe_window_taps(w); t++) {
        struct lethe_tap tap = lethe_tap_nth(w, t);
        size_t n = tap.hi[2] - tap.lo[2];
        LETHE_TAP_ROWS(w, tap, for (size_t k = 0; k < n; k++) y[o + k] += x[i + k * step];)
    }
    for (size_t o = 0; o < outputs; o++)
        y[o] *= scale[o];
}

LETHE_WIDE static void maximum_plane(real *y, const real *x, const struct lethe_window *w)
{
    size_t step = w->stride[2], outputs = lethe_window_outputs(w);
    for (size_t o = 0; o < outputs; o++)
        y[o] = -(real)INFINITY;
    for (size_t t = 0; t < lethe_window_taps(w); t++) {
        struct lethe_tap tap = lethe_tap_nth(w, t);
        size_t n = tap.hi[2] - tap.lo[2];
        LETHE_TAP_ROWS(
            w, tap, for (size_t k = 0; k < n; k++) {
                real v = x[i + k * step], top = y[o + k];
                y[o + k] = v > top || v != v ? v : top;
            })
    }
}

/* place[o] = the first input that holds the maximum y[o], -1 where none does (NaN). Taps come last
 * to first, so that no branch depends on the data. */
LETHE_WIDE static void find_maximum(int32_t *place, const real *x, const real *y,
                                    const struct lethe_window *w)
{
    size_t step = w->stride[2], outputs = lethe_window_outputs(w);
    for (size_t o = 0; o < outputs; o++)
        place[o] = -1;
    for (size_t t = lethe_window_taps(w); t-- > 0;) {
        struct lethe_tap tap = lethe_tap_nth(w, t);
        size_t n = tap.hi[2] - tap.lo[2];
        LETHE_TAP_ROWS(
            w, tap, for (size_t k = 0; k < n; k++) {
                int32_t here = (int32_t)(i + k * step), before = place[o + k];
                place[o + k] = x[i + k * step] == y[o + k] ? here : before;
            })
    }
}

/* The places of plane p's maxima: noted, or found now. */
static const int32_t *places_of(const struct lethe_op_call *call, const struct lethe_data *data,
                                size_t p)
{
    const struct lethe_window *w = &call->args.pool.window;
    const size_t outputs = lethe_window_outputs(w);
    if (data->note)
        return (const int32_t *)data->note + p * outputs;
    find_maximum(data->scratch, (const real *)data->x[0] + p * lethe_window_inputs(w),
                 (const real *)data->y[0] + p * outputs, w);
    return data->scratch;
}

KERNEL(pool_note)
{
    const struct lethe_window *w = &call->args.pool.window;
    size_t inputs = lethe_window_inputs(w), outputs = lethe_window_outputs(w);
    for (size_t p = 0; p < call->args.pool.planes; p++)
        find_maximum((int32_t *)data->note + p * outputs, (const real *)data->x[0] + p * inputs,
                     (const real *)data->y[0] + p * outputs, w);
}

/* Passes derivatives between out and in where in holds the maximum: forward or back. */
static void through_maximum(real *out, real *in, const int32_t *place, size_t outputs, int back)
{
    for (size_t o = 0; o < outputs; o++) {
        if (place[o] < 0)
            continue;
        if (back)
            in[place[o]] += out[o];
        else
            out[o] = in[place[o]];
    }
}

KERNEL(pool_forward)
{
    const struct lethe_pool_args *args = &call->args.pool;
    const struct lethe_window *w = &args->window;
    size_t inputs = lethe_window_inputs(w), outputs = lethe_window_outputs(w);
    if (call->kind == 0)
        write_scales(data->scratch, args);
    for (size_t p = 0; p < args->planes; p++) {
        const real *x = (const real *)data->x[0] + p * inputs;
        real *y = (real *)data->y[0] + p * outputs;
        if (call->kind == 0)
            average_plane(y, x, w, data->scratch);
        else
            maximum_plane(y, x, w);
    }
}

KERNEL(pool_jvp)
{
    const struct lethe_pool_args *args = &call->args.pool;
    const struct lethe_window *w = &args->window;
    size_t inputs = lethe_window_inputs(w), outputs = lethe_window_outputs(w);
    if (call->kind == 0)
        write_scales(data->scratch, args);
    for (size_t p = 0; p < args->planes; p++) {
        real *t = (real *)data->ty[0] + p * outputs, *tx = (real *)data->tx[0] + p * inputs;
        if (call->kind == 0) {
            average_plane(t, tx, w, data->scratch);
            continue;
        }
        memset(t, 0, outputs * sizeof *t);
        through_maximum(t, tx, places_of(call, data, p), outputs, 0);
    }
}

KERNEL(pool_backward)
{
    const struct lethe_pool_args *args = &call->args.pool;
    const struct lethe_window *w = &args->window;
    size_t inputs = lethe_window_inputs(w), outputs = lethe_window_outputs(w);
    size_t step = w->stride[2];
    const real *scale = data->scratch;
    if (!data->dx[0])
        return;
    if (call->kind == 0)
        write_scales(data->scratch, args);
    for (size_t p = 0; p < args->planes; p++) {
        real *g = (real *)data->dy[0] + p * outputs, *dx = (real *)data->dx[0] + p * inputs;
        if (call->kind == 1) {
            through_maximum(g, dx, places_of(call, data, p), outputs, 1);
            continue;
        }
        if (outputs == 1 && lethe_window_taps(w) == inputs) {
            for (size_t i = 0; i < inputs; i++)
                dx[i] += g[0] * scale[0];
            continue;
        }
        for (size_t t = 0; t < lethe_window_taps(w); t++) {
            struct lethe_tap tap = lethe_tap_nth(w, t);
            size_t n = tap.hi[2] - tap.lo[2];
            LETHE_TAP_ROWS(
                w, tap, for (size_t k = 0; k < n; k++) dx[i + k * step] += g[o + k] * scale[o + k];)
        }
    }
}
