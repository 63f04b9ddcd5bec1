/* SPDX-License-Identifier: MIT
 * Functions of one number. Each has its value f(x) and its derivative, written in x and y = f(x);
 * where a function has a corner the derivative is the one frameworks use (0 for Relu at 0). */
#include <math.h>

#include "nn/ops/real.h"
#include "nn/ops/vector.h"
#include "tensor/shape.h"

#define ROOT_HALF     ((real)0.70710678118654752440)
#define TWO_BY_ROOTPI ((real)1.12837916709551257390)
#define NORMAL_PEAK   ((real)0.39894228040143267794) /* 1 / sqrt(2 pi) */
#define ROOT_2_BY_PI  ((real)0.79788456080286535588)
#define GELU_CUBIC    ((real)0.044715)

static real normal_cdf(real x)
{
    return (real)0.5 * REAL_FN(erfc)(-x * ROOT_HALF);
}

static real softplus(real x)
{
    return (x > 0 ? x : 0) + REAL_FN(log1p)(REAL_FN(exp)(-REAL_FN(fabs)(x)));
}

/* Gelu with its normal distribution replaced by (1 + tanh(u)) / 2, u = sqrt(2/pi)(x + c x^3). */
static real gelu_tanh(real x)
{
    return x * sigmoid_of(2 * ROOT_2_BY_PI * (x + GELU_CUBIC * x * x * x));
}

static real gelu_tanh_slope(real x)
{
    real s = sigmoid_of(2 * ROOT_2_BY_PI * (x + GELU_CUBIC * x * x * x));
    return s + x * s * (1 - s) * 2 * ROOT_2_BY_PI * (1 + 3 * GELU_CUBIC * x * x);
}

static real mish_slope(real x)
{
    real t = tanh_of(softplus(x));
    return t + x * (1 - t * t) * sigmoid_of(x);
}

static real clamp(real x, real low, real high)
{
    x = x < low ? low : x;
    return x > high ? high : x;
}

LETHE_WIDE static void tanh_row(real *y, const real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = tanh_of(x[i]);
}

LETHE_WIDE static void relu_row(real *y, const real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? 0 : x[i];
}

LETHE_WIDE static void relu_back(real *out, const real *g, const real *y, size_t n, int add)
{
    if (add)
        for (size_t i = 0; i < n; i++)
            out[i] += y[i] > 0 ? g[i] : 0;
    else
        for (size_t i = 0; i < n; i++)
            out[i] = y[i] > 0 ? g[i] : 0;
}

LETHE_WIDE static void erf_row(real *y, const real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = erf_of(x[i]);
}

LETHE_WIDE static void erf_back(real *out, const real *g, const real *x, size_t n, int add)
{
    if (add)
        for (size_t i = 0; i < n; i++)
            out[i] += g[i] * (TWO_BY_ROOTPI * exp_down(-x[i] * x[i]));
    else
        for (size_t i = 0; i < n; i++)
            out[i] = g[i] * (TWO_BY_ROOTPI * exp_down(-x[i] * x[i]));
}

LETHE_WIDE static void sigmoid_row(real *y, const real *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = sigmoid_of(x[i]);
}

#define EACH(kind, value)                                                                          \
    case kind:                                                                                     \
        for (size_t i = 0; i < n; i++)                                                             \
            y[i] = (value);                                                                        \
        break

KERNEL(unary_forward)
{
    const real *x = data->x[0];
    real *y = data->y[0];
    size_t n = lethe_shape_size(call->out[0]);
    real a = (real)call->args.unary.a, b = (real)call->args.unary.b;
    switch ((enum lethe_unary)call->kind) {
        EACH(LETHE_LEAKY, x[i] < 0 ? a * x[i] : x[i]);
        EACH(LETHE_ELU, x[i] < 0 ? a * REAL_FN(expm1)(x[i]) : x[i]);
        EACH(LETHE_SELU, b * (x[i] < 0 ? a * REAL_FN(expm1)(x[i]) : x[i]));
        EACH(LETHE_CELU, x[i] < 0 ? a * REAL_FN(expm1)(x[i] / a) : x[i]);
        EACH(LETHE_CLIP, clamp(x[i], a, b));
        EACH(LETHE_HARD_SIGMOID, clamp(a * x[i] + b, 0, 1));
        EACH(LETHE_HARD_SWISH, x[i] * clamp(x[i] / 6 + (real)0.5, 0, 1));
        EACH(LETHE_GELU, x[i] * normal_cdf(x[i]));
        EACH(LETHE_GELU_TANH, gelu_tanh(x[i]));
        EACH(LETHE_MISH, x[i] * tanh_of(softplus(x[i])));
        EACH(LETHE_NEG, -x[i]);
        EACH(LETHE_ABS, REAL_FN(fabs)(x[i]));
        EACH(LETHE_EXP, REAL_FN(exp)(x[i]));
        EACH(LETHE_LOG, REAL_FN(log)(x[i]));
        EACH(LETHE_SQRT, REAL_FN(sqrt)(x[i]));
        EACH(LETHE_RECIPROCAL, 1 / x[i]);
        EACH(LETHE_FLOOR, REAL_FN(floor)(x[i]));
        EACH(LETHE_CEIL, REAL_FN(ceil)(x[i]));
        EACH(LETHE_ROUND, REAL_FN(rint)(x[i]));
        EACH(LETHE_SIGN, (real)((x[i] > 0) - (x[i] < 0)));
        EACH(LETHE_NOT, (real)(x[i] == 0));
        EACH(LETHE_SOFTPLUS, softplus(x[i]));
        EACH(LETHE_SOFTSIGN, x[i] / (1 + REAL_FN(fabs)(x[i])));
        EACH(LETHE_THRESHOLDED, x[i] > a ? x[i] : 0);
        EACH(LETHE_SIN, REAL_FN(sin)(x[i]));
        EACH(LETHE_COS, REAL_FN(cos)(x[i]));
        EACH(LETHE_TAN, REAL_FN(tan)(x[i]));
        EACH(LETHE_ATAN, REAL_FN(atan)(x[i]));
        EACH(LETHE_IS_NAN, (real)(isnan(x[i]) != 0));
        EACH(LETHE_TRUNC, REAL_FN(trunc)(x[i]));
        EACH(LETHE_BOOL, (real)(x[i] != 0));
        EACH(LETHE_COPY, x[i]);
    case LETHE_RELU:
        relu_row(y, x, n);
        break;
    case LETHE_ERF:
        erf_row(y, x, n);
        break;
    case LETHE_TANH:
        tanh_row(y, x, n);
        break;
    case LETHE_SIGMOID:
        sigmoid_row(y, x, n);
        break;
    }
}
#undef EACH

LETHE_WIDE static void multiply(real *out, const real *g, const real *by, size_t n, int add)
{
    if (add)
        for (size_t i = 0; i < n; i++)
            out[i] += g[i] * by[i];
    else
        for (size_t i = 0; i < n; i++)
            out[i] = g[i] * by[i];
}

/* out = g * f'(x), added to out when `add` is set. */
#define EACH(kind, slope)                                                                          \
    case kind:                                                                                     \
        if (add)                                                                                   \
            for (size_t i = 0; i < n; i++)                                                         \
                out[i] += g[i] * (slope);                                                          \
        else                                                                                       \
            for (size_t i = 0; i < n; i++)                                                         \
                out[i] = g[i] * (slope);                                                           \
        break

static void chain(real *out, const real *g, const struct lethe_op_call *call,
                  const struct lethe_data *data, int add)
{
    const real *x = data->x[0], *y = data->y[0];
    size_t n = lethe_shape_size(call->out[0]);
    real a = (real)call->args.unary.a, b = (real)call->args.unary.b;
    if (data->note) {
        multiply(out, g, data->note, n, add);
        return;
    }
    switch ((enum lethe_unary)call->kind) {
        EACH(LETHE_LEAKY, x[i] < 0 ? a : 1);
        EACH(LETHE_ELU, x[i] < 0 ? y[i] + a : 1);
        EACH(LETHE_SELU, x[i] < 0 ? y[i] + a * b : b);
        EACH(LETHE_CELU, x[i] < 0 ? y[i] / a + 1 : 1);
        EACH(LETHE_CLIP, x[i] >= a && x[i] <= b ? 1 : 0);
        EACH(LETHE_SIGMOID, y[i] * (1 - y[i]));
        EACH(LETHE_HARD_SIGMOID, a * x[i] + b > 0 && a * x[i] + b < 1 ? a : 0);
        EACH(LETHE_HARD_SWISH, x[i] <= -3 ? 0 : x[i] >= 3 ? 1 : x[i] / 3 + (real)0.5);
        EACH(LETHE_TANH, 1 - y[i] * y[i]);
        EACH(LETHE_GELU, normal_cdf(x[i]) + x[i] * NORMAL_PEAK * REAL_FN(exp)(-x[i] * x[i] / 2));
        EACH(LETHE_GELU_TANH, gelu_tanh_slope(x[i]));
        EACH(LETHE_MISH, mish_slope(x[i]));
        EACH(LETHE_NEG, -1);
        EACH(LETHE_ABS, (real)((x[i] > 0) - (x[i] < 0)));
        EACH(LETHE_EXP, y[i]);
        EACH(LETHE_LOG, 1 / x[i]);
        EACH(LETHE_SQRT, (real)0.5 / y[i]);
        EACH(LETHE_RECIPROCAL, -y[i] * y[i]);
        EACH(LETHE_SOFTPLUS, sigmoid_of(x[i]));
        EACH(LETHE_SOFTSIGN, 1 / ((1 + REAL_FN(fabs)(x[i])) * (1 + REAL_FN(fabs)(x[i]))));
        EACH(LETHE_THRESHOLDED, x[i] > a ? 1 : 0);
        EACH(LETHE_SIN, REAL_FN(cos)(x[i]));
        EACH(LETHE_COS, -REAL_FN(sin)(x[i]));
        EACH(LETHE_TAN, 1 + y[i] * y[i]);
        EACH(LETHE_ATAN, 1 / (1 + x[i] * x[i]));
        EACH(LETHE_COPY, 1);
    case LETHE_ERF:
        erf_back(out, g, x, n, add);
        break;
    case LETHE_RELU:
        relu_back(out, g, y, n, add);
        break;
    case LETHE_FLOOR:
    case LETHE_CEIL:
    case LETHE_ROUND:
    case LETHE_SIGN:
    case LETHE_NOT:
    case LETHE_IS_NAN:
    case LETHE_TRUNC:
    case LETHE_BOOL:
        for (size_t i = 0; i < n && !add; i++)
            out[i] = 0;
        break;
    }
}
#undef EACH

/* f'(x), where it costs much. */
KERNEL(unary_note)
{
    struct lethe_data without = *data;
    real *note = data->note;
    without.note = NULL;
    for (size_t i = 0; i < call->notes; i++)
        note[i] = 1;
    chain(note, note, call, &without, 0);
}

KERNEL(unary_backward)
{
    if (data->dx[0])
        chain(data->dx[0], data->dy[0], call, data, !(data->fresh & 1));
}

KERNEL(unary_jvp)
{
    chain(data->ty[0], data->tx[0], call, data, 0);
}

/* ---- second derivatives
 * -------------------------------------------------------------------------- The tangent of
 * backward adds g (f'(x))' t, written in x, y = f(x) and their tangents tx and ty, of which only
 * those that backward reads are there. Where f' has a jump it counts as constant, so that networks
 * of Relu have the Hessian that they have almost everywhere. Check: tanh'' = -2 y (1 - y^2), and ty
 * = (1 - y^2) tx. */

/* (x s)'' with s = sigmoid(2 u), u = sqrt(2/pi)(x + c x^3); w = 2 u'. */
static real gelu_tanh_bend(real x)
{
    real s = sigmoid_of(2 * ROOT_2_BY_PI * (x + GELU_CUBIC * x * x * x));
    real w = 2 * ROOT_2_BY_PI * (1 + 3 * GELU_CUBIC * x * x);
    real slope_of_w = 12 * ROOT_2_BY_PI * GELU_CUBIC * x;
    return s * (1 - s) * (2 * w + x * (1 - 2 * s) * w * w + x * slope_of_w);
}

/* (x t)'' with t = tanh(softplus(x)); t' = (1 - t^2) s, s = sigmoid(x). */
static real mish_bend(real x)
{
    real t = tanh_of(softplus(x)), s = sigmoid_of(x), slope = (1 - t * t) * s;
    return 2 * slope + x * slope * ((1 - s) - 2 * t * s);
}

static real softsign_bend(real x)
{
    real below = 1 + REAL_FN(fabs)(x);
    return (x < 0 ? 2 : -2) / (below * below * below);
}

#define EACH(kind, bend)                                                                           \
    case kind:                                                                                     \
        for (size_t i = 0; i < n; i++)                                                             \
            d[i] += g[i] * (bend);                                                                 \
        break

KERNEL(unary_backward_jvp)
{
    const real *x = data->x[0], *y = data->y[0], *tx = data->tx[0], *ty = data->ty[0];
    const real *g = data->dy[0];
    real *d = data->dx[0];
    size_t n = lethe_shape_size(call->out[0]);
    real a = (real)call->args.unary.a;
    if (!d)
        return;
    switch ((enum lethe_unary)call->kind) {
        EACH(LETHE_ELU, x[i] < 0 ? ty[i] : 0);
        EACH(LETHE_SELU, x[i] < 0 ? ty[i] : 0);
        EACH(LETHE_CELU, x[i] < 0 ? ty[i] / a : 0);
        EACH(LETHE_SIGMOID, (1 - 2 * y[i]) * ty[i]);
        EACH(LETHE_HARD_SWISH, x[i] > -3 && x[i] < 3 ? tx[i] / 3 : 0);
        EACH(LETHE_TANH, -2 * y[i] * ty[i]);
        EACH(LETHE_ERF, -2 * TWO_BY_ROOTPI * x[i] * exp_down(-x[i] * x[i]) * tx[i]);
        EACH(LETHE_GELU, NORMAL_PEAK * exp_down(-x[i] * x[i] / 2) * (2 - x[i] * x[i]) * tx[i]);
        EACH(LETHE_GELU_TANH, gelu_tanh_bend(x[i]) * tx[i]);
        EACH(LETHE_MISH, mish_bend(x[i]) * tx[i]);
        EACH(LETHE_EXP, ty[i]);
        EACH(LETHE_LOG, -tx[i] / (x[i] * x[i]));
        EACH(LETHE_SQRT, -ty[i] / (2 * y[i] * y[i]));
        EACH(LETHE_RECIPROCAL, -2 * y[i] * ty[i]);
        EACH(LETHE_SOFTPLUS, sigmoid_of(x[i]) * (1 - sigmoid_of(x[i])) * tx[i]);
        EACH(LETHE_SOFTSIGN, softsign_bend(x[i]) * tx[i]);
        EACH(LETHE_SIN, -REAL_FN(sin)(x[i]) * tx[i]);
        EACH(LETHE_COS, -REAL_FN(cos)(x[i]) * tx[i]);
        EACH(LETHE_TAN, 2 * y[i] * ty[i]);
        EACH(LETHE_ATAN, -2 * x[i] / ((1 + x[i] * x[i]) * (1 + x[i] * x[i])) * tx[i]);
    default: /* straight lines between corners and jumps */
        break;
    }
}
#undef EACH
