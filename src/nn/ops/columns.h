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

/* Runs its last argument for every row (d, h) of outputs a tap reaches, if it reaches any; o and i
 * are the indices of its first output and input. */
#define LETHE_TAP_ROWS(w, tap, ...)                                                                \
    for (size_t d = (tap).lo[0]; d < (tap).hi[0] && (tap).lo[2] < (tap).hi[2]; d++)                \
        for (size_t h = (tap).lo[1]; h < (tap).hi[1]; h++) {                                       \
            size_t o = (d * (w)->out[1] + h) * (w)->out[2] + (tap).lo[2];                          \
            size_t id = (size_t)((ptrdiff_t)(d * (w)->stride[0]) + (tap).from[0]);                 \
            size_t ih = (size_t)((ptrdiff_t)(h * (w)->stride[1]) + (tap).from[1]);                 \
            size_t iw = (size_t)((ptrdiff_t)((tap).lo[2] * (w)->stride[2]) + (tap).from[2]);       \
            size_t i = (id * (w)->in[1] + ih) * (w)->in[2] + iw;                                   \
            __VA_ARGS__                                                                            \
        }

static inline struct lethe_tap lethe_tap_nth(const struct lethe_window *w, size_t t)
{
    size_t k[3] = {t / (w->kernel[1] * w->kernel[2]), t / w->kernel[2] % w->kernel[1],
                   t % w->kernel[2]};
    return lethe_tap_at(w, k);
}

/* col(channels * taps, outputs) from x(channels, inputs); padding reads as 0. */
void lethe_columns_f32(float *col, const float *x, const struct lethe_window *w, size_t channels);
void lethe_columns_f64(double *col, const double *x, const struct lethe_window *w, size_t channels);
/* Its transpose: x(channels, inputs) += what each entry of col was read from. */
void lethe_scatter_f32(float *x, const float *col, const struct lethe_window *w, size_t channels);
void lethe_scatter_f64(double *x, const double *col, const struct lethe_window *w, size_t channels);

#endif
