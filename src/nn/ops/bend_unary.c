/* SPDX-License-Identifier: MIT
 * Second derivatives of functions of one number: the tangent of backward adds g (f'(x))' t, written
 * in x, y = f(x) and their tangents tx and ty, of which only those that backward reads are there.
 * Where f' has a jump it counts as constant, so that networks of Relu have the Hessian that they
 * have almost everywhere. Check: tanh'' = -2 y (1 - y^2), and ty = (1 - y^2) tx. */
#include <math.h>

#include "nn/ops/real.h"
#include "nn/ops/vector.h"
#include "tensor/shape.h"

#define TWO_BY_ROOTPI ((real)1.12837916709551257390)
#define NORMAL_PEAK   ((real)0.39894228040143267794) /* 1 / sqrt(2 pi) */
#define ROOT_2_BY_PI  ((real)0.79788456080286535588)
#define GELU_CUBIC    ((real)0.044715)

static real softplus(real x)
{
    return (x > 0 ? x : 0) + REAL_FN(log1p)(REAL_FN(exp)(-REAL_FN(fabs)(x)));
}

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

void REAL(unary_backward_jvp)(const struct lethe_op_call *call, const struct lethe_data *data)
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
