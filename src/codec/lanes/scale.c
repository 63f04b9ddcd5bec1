/* SPDX-License-Identifier: MIT
 * Sixteen columns of a table looked over and scaled, once per instruction set as codec/kernels.h
 * says. Every lane is worked on by itself and in the order of rows, without fused operations: the
 * sets give the same bits. */
#include <math.h>

#include "codec/lanes/sets.h"

enum { LANES = CODEC_LANES };

/* Factors are powers of two that bring the largest value near 1, so that squares stay in range. */
static double power_into_range(double largest)
{
    if (largest == 0)
        return 1;
    int exponent = ilogb(largest);
    return ldexp(1, exponent > 1000 ? -1000 : exponent < -1000 ? 1000 : -exponent);
}

static void find_factors(double *restrict factor, const double *restrict v, size_t n)
{
    double largest[LANES] = {0};
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < LANES; l++) {
            double size = fabs(v[i * LANES + l]);
            largest[l] = size > largest[l] ? size : largest[l];
        }
    for (size_t l = 0; l < LANES; l++)
        factor[l] = power_into_range(largest[l]);
}

/* Divides every lane by its standard deviation; one that does not vary is left alone. */
void CODEC_NAMED(divide_by_sd)(double *restrict v, size_t n)
{
    double factor[LANES], mean[LANES] = {0}, square[LANES] = {0};
    find_factors(factor, v, n);
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < LANES; l++)
            mean[l] += v[i * LANES + l] * factor[l];
    for (size_t l = 0; l < LANES; l++)
        mean[l] /= (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < LANES; l++) {
            double t = v[i * LANES + l] * factor[l] - mean[l];
            square[l] += t * t;
        }
    for (size_t l = 0; l < LANES; l++) {
        double sd = sqrt(square[l] / (double)(n - 1));
        mean[l] = sd > 0 ? sd : factor[l]; /* from here on: what to divide by */
    }
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < LANES; l++)
            v[i * LANES + l] = v[i * LANES + l] * factor[l] / mean[l];
}

/* Counts equal neighbours per lane; returns 0 when a number is not finite. */
int CODEC_NAMED(look_over)(size_t repeats[LANES], const double *v, size_t n)
{
    double nothing[LANES] = {0};
    uint64_t equal[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        const double *own = v + i * LANES, *last = i ? own - LANES : own;
        for (size_t l = 0; l < LANES; l++) {
            nothing[l] += own[l] * 0; /* NaN from NaN and infinity, else 0 */
            equal[l] += own[l] == last[l];
        }
    }
    int finite = 1;
    for (size_t l = 0; l < LANES; l++) {
        repeats[l] = equal[l] - 1;
        finite &= nothing[l] == 0;
    }
    return finite;
}
