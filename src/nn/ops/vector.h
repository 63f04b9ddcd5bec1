/* SPDX-License-Identifier: MIT
 * Loops that run wide. Sums go through eight lanes, whatever the width of a register, so that their
 * bits do not depend on it; exp and tanh are straight-line arithmetic: with
 * y = k ln 2 + r, |r| <= ln(2)/2, exp(y) - 1 = 2^k (exp(r) - 1) + (2^k - 1), where exp(r) - 1 is
 * its Taylor sum. Errors are a few units in the last place; NaN stays NaN. */
#ifndef LETHE_NN_OPS_VECTOR_H
#define LETHE_NN_OPS_VECTOR_H

#include <math.h>
#include <stdint.h>

#include "nn/ops/real.h"

/* Loops marked so are compiled for wider registers as well; the bits are the same, because
 * products and sums are never contracted. */
#if defined(__x86_64__) && defined(__linux__) && !defined(__SANITIZE_ADDRESS__) &&                 \
    !defined(__SANITIZE_THREAD__) && !defined(__clang__)
#define LETHE_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define LETHE_WIDE
#endif

enum { LANES = 4 };
typedef real real_lanes
    __attribute__((vector_size(LANES * sizeof(real)), aligned(sizeof(real)), may_alias));
typedef double double_lanes __attribute__((vector_size(LANES * sizeof(double))));

/* LANES numbers at x as doubles; not a function: wide registers in its result would need an ABI. */
#define WIDEN(x) __builtin_convertvector(*(const real_lanes *)(x), double_lanes)

/* Sum of two sets of lanes. */
static inline double sum_lanes(const double_lanes *a, const double_lanes *b)
{
    const double_lanes v = *a + *b;
    return (v[0] + v[1]) + (v[2] + v[3]);
}

LETHE_WIDE static __attribute__((unused)) double sum_of(const real *x, size_t n)
{
    double_lanes a = {0}, b = {0};
    size_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        a += WIDEN(x + i);
        b += WIDEN(x + i + LANES);
    }
    double sum = sum_lanes(&a, &b);
    for (; i < n; i++)
        sum += (double)x[i];
    return sum;
}

/* Sum of x y, each product rounded to the type. */
LETHE_WIDE static __attribute__((unused)) double sum_of_products(const real *x, const real *y,
                                                                 size_t n)
{
    double_lanes a = {0}, b = {0};
    size_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        const real_lanes *xi = (const real_lanes *)(x + i), *yi = (const real_lanes *)(y + i);
        real_lanes first = xi[0] * yi[0], second = xi[1] * yi[1];
        a += WIDEN(&first);
        b += WIDEN(&second);
    }
    double sum = sum_lanes(&a, &b);
    for (; i < n; i++)
        sum += (double)(x[i] * y[i]);
    return sum;
}

#if LETHE_REAL_BITS == 32
typedef uint32_t real_bits;
#define SHIFTER       12582912.0f /* 1.5 * 2^23: adding it rounds to a whole number */
#define MANTISSA      23
#define EXPONENT_BIAS 127
#define LN2_HIGH      0.693359375f
#define LN2_LOW       (-2.12194440e-4f)
#define EXP_LOWEST    (-87.0f)
#else
typedef uint64_t real_bits;
#define SHIFTER       6755399441055744.0
#define MANTISSA      52
#define EXPONENT_BIAS 1023
#define LN2_HIGH      6.93147180369123816490e-01
#define LN2_LOW       1.90821492927058770002e-10
#define EXP_LOWEST    (-708.0)
#endif

/* 2^k for the whole number k that is hidden in the low bits of k + SHIFTER. */
static inline real power_of_two(real shifted)
{
    union {
        real number;
        real_bits bits;
    } u = {.number = shifted};
    u.bits = (u.bits + EXPONENT_BIAS) << MANTISSA;
    return u.number;
}

/* exp(y) - 1 = *scale * p + (*scale - 1); returns p. |y| must not exceed -EXP_LOWEST. */
static inline real reduced_expm1(real *scale, real y)
{
    real shifted = y * (real)1.44269504088896338700 + SHIFTER;
    real k = shifted - SHIFTER;
    real r = (y - k * LN2_HIGH) - k * LN2_LOW;
    *scale = power_of_two(shifted);
#if LETHE_REAL_BITS == 32
    real p = 1.0f / 5040;
#else
    real p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
#endif
    p = p * r + (real)(1.0 / 720);
    p = p * r + (real)(1.0 / 120);
    p = p * r + (real)(1.0 / 24);
    p = p * r + (real)(1.0 / 6);
    p = p * r + (real)0.5;
    return p * r * r + r;
}

/* exp(y) for y <= 0; 0 below the smallest normal number. */
static inline real exp_down(real y)
{
    real scale, clamped = y < EXP_LOWEST ? EXP_LOWEST : y;
    real p = reduced_expm1(&scale, clamped);
    real e = scale * p + scale;
    return y < EXP_LOWEST ? 0 : e;
}

#if LETHE_REAL_BITS == 32
/* erf by two minimax polynomials of our own, within 1.5 units in the last place:
 * x P(x^2) for |x| <= 1, beyond it 1 - exp(-Q(|x|)), which is 1 from 4 on. */
static inline real erf_of(real x)
{
    real size = fabsf(x), square = x * x, t = size > 4 ? 4 : size;
    real p = 7.853857405858818e-05f, q = -2.513284439753891e-07f;
    p = p * square - 0.000801019242864081f;
    p = p * square + 0.005188327549360909f;
    p = p * square - 0.026853811863389806f;
    p = p * square + 0.11283585146889748f;
    p = p * square - 0.3761262582408009f;
    p = p * square + 1.1283791657266893f;
    q = q * t + 2.531483426266259e-05f;
    q = q * t - 0.00046378817492171483f;
    q = q * t + 0.004282383149082017f;
    q = q * t - 0.02537355682462277f;
    q = q * t + 0.10863899914253879f;
    q = q * t + 0.6330396115200358f;
    q = q * t + 1.129661157489288f;
    q = q * t - 0.00020435997603788134f;
    real outside = copysignf(1 - exp_down(-q), x);
    return size <= 1 ? x * p : x != x ? x : outside;
}
#else
static inline real erf_of(real x)
{
    return erf(x);
}
#endif

static inline real tanh_of(real x)
{
    real size = REAL_FN(fabs)(x), scale;
    real p = reduced_expm1(&scale, size > 20 ? (real)40 : 2 * size);
    real t = scale * p + (scale - 1);
    return REAL_FN(copysign)(t / (t + 2), x);
}

static inline real sigmoid_of(real x)
{
    real e = exp_down(-REAL_FN(fabs)(x));
    return (x >= 0 ? 1 : e) / (1 + e);
}

#endif
