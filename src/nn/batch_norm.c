/* SPDX-License-Identifier: MIT
 * Kernels of batch statistics in both precisions, sums in double. */
#include "nn/batch_norm.h"

/* Of one call: x is (outer, length, inner), statistics are over outer and inner. */
#define NORM(real, suffix)                                                                         \
    static void measure_##suffix(double *mean, double *var, const struct lethe_axis_args *a,       \
                                 const real *x, size_t c)                                          \
    {                                                                                              \
        const double count = (double)(a->outer * a->inner);                                        \
        double sum = 0, square = 0;                                                                \
        for (size_t o = 0; o < a->outer; o++)                                                      \
            for (size_t i = 0; i < a->inner; i++)                                                  \
                sum += (double)x[(o * a->length + c) * a->inner + i];                              \
        *mean = sum / count;                                                                       \
        for (size_t o = 0; o < a->outer; o++)                                                      \
            for (size_t i = 0; i < a->inner; i++) {                                                \
                const double off = (double)x[(o * a->length + c) * a->inner + i] - *mean;          \
                square += off * off;                                                               \
            }                                                                                      \
        *var = square / count;                                                                     \
    }                                                                                              \
    static void normalise_##suffix(real *y, const real *x, const struct lethe_axis_args *a,        \
                                   size_t c, double mean, double by, double to)                    \
    {                                                                                              \
        for (size_t o = 0; o < a->outer; o++)                                                      \
            for (size_t i = 0; i < a->inner; i++) {                                                \
                const size_t at = (o * a->length + c) * a->inner + i;                              \
                y[at] = (real)(((double)x[at] - mean) * by + to);                                  \
            }                                                                                      \
    }                                                                                              \
    static void back_##suffix(real *dx, real *dscale, real *dshift, const real *x, const real *g,  \
                              const struct lethe_axis_args *a, size_t c, double mean,              \
                              double inverse, double by)                                           \
    {                                                                                              \
        const double count = (double)(a->outer * a->inner);                                        \
        double sum = 0, product = 0;                                                               \
        for (size_t o = 0; o < a->outer; o++)                                                      \
            for (size_t i = 0; i < a->inner; i++) {                                                \
                const size_t at = (o * a->length + c) * a->inner + i;                              \
                sum += (double)g[at];                                                              \
                product += (double)g[at] * ((double)x[at] - mean) * inverse;                       \
            }                                                                                      \
        if (dscale)                                                                                \
            dscale[c] += (real)product;                                                            \
        if (dshift)                                                                                \
            dshift[c] += (real)sum;                                                                \
        for (size_t o = 0; dx && o < a->outer; o++)                                                \
            for (size_t i = 0; i < a->inner; i++) {                                                \
                const size_t at = (o * a->length + c) * a->inner + i;                              \
                const double hat = ((double)x[at] - mean) * inverse;                               \
                dx[at] += (real)(by * ((double)g[at] - sum / count - hat * product / count));      \
            }                                                                                      \
    }
NORM(float, f32)
NORM(double, f64)

void lethe_batch_norm_measure(double *mean, double *var, const struct lethe_axis_args *a,
                              const void *x, size_t c, enum lethe_dtype dtype)
{
    if (dtype == LETHE_F32)
        measure_f32(mean, var, a, x, c);
    else
        measure_f64(mean, var, a, x, c);
}

void lethe_batch_norm_forward(void *y, const void *x, const struct lethe_axis_args *a, size_t c,
                              const struct lethe_batch_norm *how, enum lethe_dtype dtype)
{
    if (dtype == LETHE_F32)
        normalise_f32(y, x, a, c, how->mean, how->by, how->shift);
    else
        normalise_f64(y, x, a, c, how->mean, how->by, how->shift);
}

void lethe_batch_norm_backward(const struct lethe_data *data, const struct lethe_axis_args *a,
                               size_t c, const struct lethe_batch_norm *how, enum lethe_dtype dtype)
{
    if (dtype == LETHE_F32)
        back_f32(data->dx[0], data->dx[1], data->dx[2], data->x[0], data->dy[0], a, c, how->mean,
                 how->inverse, how->by);
    else
        back_f64(data->dx[0], data->dx[1], data->dx[2], data->x[0], data->dy[0], a, c, how->mean,
                 how->inverse, how->by);
}
