/* SPDX-License-Identifier: MIT
 * Ops that keep the elements in their order: Identity, Flatten, Reshape. */
#include <string.h>

#include "nn/op.h"
#include "tensor/real.h"

static void copy(const struct lethe_call *call, real *to, const real *from)
{
    memcpy(to, from, call->out[0]->size * sizeof *to);
}

static void add(const struct lethe_call *call, real *to, const real *from)
{
    for (size_t i = 0, n = call->out[0]->size; i < n; i++)
        to[i] += from[i];
}

#define SAME_ORDER(kernel)                                                                         \
    void R(lethe_##kernel##_forward)(struct lethe_call * call)                                     \
    {                                                                                              \
        copy(call, call->out[0]->data, call->in[0]->data);                                         \
    }                                                                                              \
    void R(lethe_##kernel##_backward)(struct lethe_call * call)                                    \
    {                                                                                              \
        add(call, call->din[0], call->dout[0]);                                                    \
    }                                                                                              \
    void R(lethe_##kernel##_jvp)(struct lethe_call * call)                                         \
    {                                                                                              \
        copy(call, call->tout[0], call->tin[0]);                                                   \
    }

SAME_ORDER(identity)
SAME_ORDER(flatten)
SAME_ORDER(reshape)
