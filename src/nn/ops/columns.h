/* SPDX-License-Identifier: MIT
 * Windows of convolutions and pools: which outputs one kernel position (tap) reaches, and the
 * column matrix of an image. */
#ifndef LETHE_NN_OPS_COLUMNS_H
#define LETHE_NN_OPS_COLUMNS_H

#include "nn/plan.h"

/* For outputs lo <= o < hi along each axis, the tap meets input o * stride + from. */
struct lethe_tap {
    ptrdiff_t from[3];
    size_t lo[3], hi[3];
};

static inline struct lethe_tap lethe_tap_at(const struct lethe_window *w, const size_t k[3])
{
    struct lethe_tap tap;
    for (int a = 0; a < 3; a++) {
        ptrdiff_t from = (ptrdiff_t)(k[a] * w->dilation[a]) - (ptrdiff_t)w->before[a];
        ptrdiff_t step = (ptrdiff_t)w->stride[a], room = (ptrdiff_t)w->in[a] - from;
        size_t hi = room > 0 ? (size_t)((room + step - 1) / step) : 0;
        tap.from[a] = from;
        tap.lo[a] = from < 0 ? (size_t)((-from + step - 1) / step) : 0;
        tap.hi[a] = hi < w->out[a] ? hi : w->out[a];
        if (tap.lo[a] > tap.hi[a])
            tap.lo[a] = tap.hi[a];
    }
    return tap;
}

static inline size_t lethe_window_inputs(const struct lethe_window *w)
{
    return w->in[0] * w->in[1] * w->in[2];
}

static inline size_t lethe_window_outputs(const struct lethe_window *w)
{
    return w->out[0] * w->out[1] * w->out[2];
}

static inline size_t lethe_window_taps(const struct lethe_window *w)
{
    return w->kernel[0] * w->kernel[1] * w->kernel[2];
}

/* col(channels * taps, outputs) from x(channels, inputs); padding reads as 0. */
void lethe_columns_f32(float *col, const float *x, const struct lethe_window *w, size_t channels);
void lethe_columns_f64(double *col, const double *x, const struct lethe_window *w, size_t channels);

#endif
