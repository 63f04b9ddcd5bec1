/* SPDX-License-Identifier: MIT
 * Activations whose derivative is a function of the output: out = f(x), f' = g(out). */
#include "nn/op.h"
#include "tensor/real.h"

#define ACTIVATION(kernel, value, slope)                                                           \
    void R(lethe_##kernel##_forward)(struct lethe_call * call)                                     \
    {                                                                                              \
        const real *in = call->in[0]->data;                                                        \
        real *out = call->out[0]->data;                                                            \
        for (size_t i = 0, n = call->out[0]->size; i < n; i++) {                                   \
            const real x = in[i];                                                                  \
            out[i] = value;                                                                        \
        }                                                                                          \
    }                                                                                              \
    static void kernel##_chain(real *to, const real *from, const struct lethe_tensor *out)         \
    {                                                                                              \
        const real *y = out->data;                                                                 \
        for (size_t i = 0; i < out->size; i++) {                                                   \
            const real v = y[i];                                                                   \
            to[i] += from[i] * (slope);                                                            \
        }                                                                                          \
    }                                                                                              \
    void R(lethe_##kernel##_backward)(struct lethe_call * call)                                    \
    {                                                                                              \
        kernel##_chain(call->din[0], call->dout[0], call->out[0]);                                 \
    }                                                                                              \
    void R(lethe_##kernel##_jvp)(struct lethe_call * call)                                         \
    {                                                                                              \
        real *tout = call->tout[0];                                                                \
        for (size_t i = 0, n = call->out[0]->size; i < n; i++)                                     \
            tout[i] = 0;                                                                           \
        kernel##_chain(tout, call->tin[0], call->out[0]);                                          \
    }

ACTIVATION(relu, x > 0 ? x : 0, v > 0 ? (real)1 : 0)
ACTIVATION(tanh, RM(tanh)(x), 1 - v * v)
ACTIVATION(sigmoid, 1 / (1 + RM(exp)(-x)), v *(1 - v))
